//! From a registry: what `publish` has pushed there is all that a host needs.
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{repository, tool, within};
use tokio::process::Command;

use crate::World;
use crate::deploy::{DEPLOYED, a_ticket_changes_hands, is_open};
use crate::ground::Ground;
use crate::host::Host;
use crate::program::Program;
use crate::shell::Shell;

e2e::trials!(what_was_published_runs_from_the_registry);

const TAG: &str = "1.2.3-test";

async fn what_was_published_runs_from_the_registry(_world: World) {
    let ground = Ground::prepare().await.expect("servers");
    let (_registry, address) = registry(ground.folder()).await.expect("a registry");
    let manifest = publish(&ground, &address).await.expect("published");

    // It may load no files, so that nothing comes from the checkout.
    let host = [
        ("WASMCLOUD_ALLOW_FILE_LOAD", "false"),
        ("WASMCLOUD_OCI_ALLOWED_INSECURE", address.as_str()),
    ];
    let _host = Host::start(&ground, &host).expect("a host");
    let shell = Shell::new(&ground);
    shell.sees_a_host(DEPLOYED).await;
    ground.migrate_and_configure().await.expect("configured");
    let path = manifest.to_str().expect("a plain path");
    shell
        .says(&["app", "deploy", path])
        .await
        .expect("a deployment");
    is_open(&ground, "from the registry").await;
    a_ticket_changes_hands(&ground).await;
    let said = shell
        .says(&["get", "inventory", "--output", "json"])
        .await
        .expect("an inventory");
    assert!(said.contains(&format!("tickets:{TAG}")), "{said}");
}

/// A registry on a free port, and its address.
async fn registry(folder: &Path) -> Result<(Program, String)> {
    let program = std::env::var_os("TICKETING_REGISTRY")
        .map(PathBuf::from)
        .context("TICKETING_REGISTRY names no docker-registry; run `cargo xtask test wash`")?;
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let config = folder.join("registry.yaml");
    let store = folder.join("registry");
    std::fs::write(
        &config,
        format!(
            "version: 0.1\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\nhttp: {{ addr: '{free}' }}\n",
            store.display()
        ),
    )?;
    let mut command = Command::new(program);
    command.arg("serve").arg(config);
    let registry = Program::start(command, folder, "registry")?;
    let url = format!("http://{free}/v2/");
    within(Duration::from_secs(20), "the registry", async || {
        reqwest::get(&url)
            .await
            .ok()?
            .status()
            .is_success()
            .then_some(())
    })
    .await;
    Ok((registry, free.to_string()))
}

/// Publishes the checkout's build, and gives the manifest with this machine's places.
async fn publish(ground: &Ground, registry: &str) -> Result<PathBuf> {
    let manifest = ground.folder().join("published.yaml");
    let output = Command::new(tool())
        .args(["publish", "--insecure", "--tag", TAG, "--registry"])
        .arg(format!("{registry}/ticketing"))
        .arg("--output")
        .arg(&manifest)
        .current_dir(repository())
        .output()
        .await?;
    anyhow::ensure!(
        output.status.success(),
        "publish: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(&manifest)?;
    assert!(!text.contains("file://"), "{text}");
    std::fs::write(&manifest, ground.adapt(text)?)?;
    Ok(manifest)
}
