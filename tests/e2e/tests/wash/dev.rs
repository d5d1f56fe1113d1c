//! `wash dev` in a component's folder: the whole shop, and the component anew after each change of its source.
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{repository, within};
use reqwest::Method;
use tokio::process::Command;

use crate::World;
use crate::deploy::{a_ticket_changes_hands, is_open};
use crate::ground::Ground;
use crate::program::Program;
use crate::shell::Shell;

e2e::trials!(a_component_is_reloaded_when_its_source_changes);

/// The component is compiled with whole-program optimisation.
const BUILT: Duration = Duration::from_secs(300);
const RELOADED: Duration = Duration::from_secs(60);
const STOPPED: Duration = Duration::from_secs(30);

/// What `wash dev` says when it waits for a change.
const WAITING: &str = "Watching for file changes";

async fn a_component_is_reloaded_when_its_source_changes(_world: World) {
    let ground = Ground::prepare().await.expect("servers");
    // The checkout's own source stays as it is.
    copy_sources(&repository(), ground.folder())
        .await
        .expect("a copy");
    let component = ground.folder().join("components/tickets");
    let mut dev = Shell::new(&ground).wash().expect("wash");
    dev.args(["dev", "--skip-fetch"]).current_dir(&component);
    let dev = Program::start(dev, ground.folder(), "dev").expect("wash dev");
    dev.says(WAITING, 0, BUILT).await;
    is_open(&ground, "under wash dev").await;
    a_ticket_changes_hands(&ground).await;
    assert_eq!(allowed(&ground).await.as_deref(), Some("GET, HEAD, POST"));

    change(
        &component.join("src/http.rs"),
        "GET, HEAD, POST",
        "GET, HEAD, POST, CHANGED",
    )
    .expect("a change");
    dev.says(WAITING, 1, BUILT).await;
    within(RELOADED, "the changed component to answer", async || {
        (allowed(&ground).await.as_deref() == Some("GET, HEAD, POST, CHANGED")).then_some(())
    })
    .await;
    is_open(&ground, "after the change").await;
    a_ticket_changes_hands(&ground).await;
    dev.interrupt(STOPPED).await;
}

/// What the component says it allows to a method that it does not.
async fn allowed(ground: &Ground) -> Option<String> {
    let url = format!("{}/api/tickets", ground.endpoints.http);
    let client = reqwest::Client::new();
    let reply = client.request(Method::PATCH, url).send().await.ok()?;
    let allow = reply.headers().get("allow")?;
    allow.to_str().ok().map(str::to_owned)
}

fn change(file: &Path, from: &str, to: &str) -> Result<()> {
    let text = fs::read_to_string(file)?;
    anyhow::ensure!(text.contains(from), "{} says no {from:?}", file.display());
    Ok(fs::write(file, text.replacen(from, to, 1))?)
}

/// Copies what git knows of the checkout.
async fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(from)
        .output()
        .await
        .context("git")?;
    anyhow::ensure!(listed.status.success(), "git ls-files");
    for name in String::from_utf8(listed.stdout)?.split('\0') {
        let source: PathBuf = from.join(name);
        if name.is_empty() || !source.is_file() {
            continue;
        }
        let target = to.join(name);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(source, target)?;
    }
    Ok(())
}
