//! Loopback ports: free ones, kept between starts as long as nobody else has taken them.
//! Everything binds to 127.0.0.1 alone, so that nothing but the shop's own port is for others.
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context as _, Result};

use crate::data::{Data, read_json, write_json};

/// The ports of one installation by what listens there.
#[derive(Debug)]
pub struct Ports(BTreeMap<String, u16>);

impl Ports {
    /// Chooses a port for each name.
    ///
    /// # Errors
    /// When `public` is taken, no port is free, or the choice cannot be kept.
    pub fn choose<'a>(
        data: &Data,
        public: u16,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        let kept: BTreeMap<String, u16> = read_json(&data.ports())?.unwrap_or_default();
        let mut ports = BTreeMap::new();
        // Held until all are chosen, so that no two names get the same.
        let mut held = Vec::new();
        if public != 0 {
            let listener = listen(public).with_context(|| {
                format!("PORT {public} is taken; stop what listens there or give --port")
            })?;
            held.push(listener);
            ports.insert("ingress".to_owned(), public);
        } else {
            take("ingress", &kept, &mut ports, &mut held)?;
        }
        for name in names {
            take(name, &kept, &mut ports, &mut held)?;
        }
        write_json(&data.ports(), &ports)?;
        Ok(Self(ports))
    }

    /// The port of a name that was chosen for.
    pub fn of(&self, name: &str) -> u16 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// `127.0.0.1:<port>` of a name.
    pub fn address(&self, name: &str) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.of(name))
    }
}

fn take(
    name: &str,
    kept: &BTreeMap<String, u16>,
    ports: &mut BTreeMap<String, u16>,
    held: &mut Vec<TcpListener>,
) -> Result<()> {
    let taken: BTreeSet<u16> = ports.values().copied().collect();
    let listener = kept
        .get(name)
        .filter(|port| !taken.contains(port))
        .and_then(|port| listen(*port).ok())
        .map_or_else(|| listen(0), Ok)
        .context("no free port")?;
    ports.insert(name.to_owned(), listener.local_addr()?.port());
    held.push(listener);
    Ok(())
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}
