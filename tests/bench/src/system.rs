//! One of the systems that are compared: an address that speaks the contract, and the visitors that it has.
use anyhow::{Context as _, Result, ensure};
use url::Url;

use crate::crowd::Crowd;

pub struct System {
    /// What the tables call it.
    pub name: &'static str,
    pub crowd: Crowd,
}

impl System {
    /// Comes to the system at `url` with as many visitors as there are to be connections.
    ///
    /// # Errors
    /// When it does not answer, or `url` is no plain HTTP origin.
    pub async fn enter(name: &'static str, url: &str, connections: usize) -> Result<Self> {
        let crowd = Crowd::gather(&authority(url)?, connections).await?;
        Ok(Self { name, crowd })
    }
}

/// `host:port` of a plain HTTP origin.
///
/// # Errors
/// When it is none.
pub fn authority(url: &str) -> Result<String> {
    let parsed = Url::parse(url).with_context(|| format!("not a URL: {url}"))?;
    ensure!(
        parsed.scheme() == "http",
        "only plain HTTP is measured: {url}"
    );
    let host = parsed.host_str().context("a URL without a host")?;
    let port = parsed.port_or_known_default().unwrap_or(80);
    Ok(format!("{host}:{port}"))
}
