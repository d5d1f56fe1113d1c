//! What `wash` needs to run the lattice itself, on the servers that `up --servers` runs: where they are, the programs of
//! this build in place of those that it would download, and the manifest with this installation's addresses.
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cli::Up;
use crate::data::Data;
use crate::lattice::{LATTICE, Manifest};
use crate::servers::wasmcloud::{FEATURES, MAX_EXECUTION_TIME, RPC_TIMEOUT, SECRETS_TOPIC};
use crate::servers::{beside, cache, nats};

/// Where `wash` 0.43 looks for a host; ours is built from the same crates.
const HOST: &str = "v1.9.1/wasmcloud_host";
/// As our wadm names itself. Named, so that `wash` looks for no newer one.
const WADM_VERSION: &str = "v0.21.1";

/// Writes all of it and returns what a person does next.
///
/// # Errors
/// When a file cannot be written, or a program has not been built.
pub fn prepare(arguments: &Up, data: &Data, nats: &str, manifest: &Manifest) -> Result<String> {
    let programs = data.wash_programs();
    link(&beside("wasmcloud_host")?, &programs.join(HOST))?;
    link(&beside("wadm")?, &programs.join("wadm"))?;
    link(
        &nats::find(arguments.nats_server.as_deref())?,
        &programs.join("nats-server"),
    )?;
    let write = |path: &Path, text: String| {
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write(&data.dev_manifest(), manifest.unversioned()?)?;
    let environment = data.wash_environment();
    write(&environment, variables(nats, &programs))?;
    Ok(format!(
        "Postgres, NATS and the Stripe double; now in another shell: . {}",
        environment.display()
    ))
}

/// As lines for a shell.
fn variables(nats: &str, programs: &Path) -> String {
    let (host, port) = nats.rsplit_once(':').unwrap_or((nats, "4222"));
    let wasmcloud_host = programs.join(HOST).display().to_string();
    let programs = programs.display().to_string();
    let mut all = vec![
        ("WASH_DOWNLOADS_DIR", programs.as_str()),
        ("WASMCLOUD_HOST_PATH", wasmcloud_host.as_str()),
        ("WADM_VERSION", WADM_VERSION),
        ("WASMCLOUD_LATTICE", LATTICE),
        // The server runs already, and keeps the events.
        ("NATS_CONNECT_ONLY", "true"),
        FEATURES,
        MAX_EXECUTION_TIME,
        RPC_TIMEOUT,
        SECRETS_TOPIC,
    ];
    // What `wash` builds is signed with the keys of our own build, so that it may have the same secrets: `wash build`
    // knows the one variable, `wash dev` the other.
    let keys = cache().map(|cache| cache.join("keys").display().to_string());
    for variable in ["WASH_KEYS", "WASH_KEYS_DIR"] {
        all.extend(keys.as_deref().map(|keys| (variable, keys)));
    }
    for (variable, value) in [
        ("WASMCLOUD_NATS_HOST", host),
        ("WASMCLOUD_NATS_PORT", port),
        ("WASMCLOUD_CTL_HOST", host),
        ("WASMCLOUD_CTL_PORT", port),
        ("WASMCLOUD_RPC_HOST", host),
        ("WASMCLOUD_RPC_PORT", port),
    ] {
        all.push((variable, value));
    }
    all.iter()
        .map(|(variable, value)| {
            let quoted = value.replace('\'', r"'\''");
            format!("export {variable}='{quoted}'\n")
        })
        .collect()
}

/// Makes a symbolic link, in place of another build's.
fn link(program: &Path, name: &Path) -> Result<()> {
    let failed = || format!("cannot link {} to {}", name.display(), program.display());
    if let Some(folder) = name.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    if name.symlink_metadata().is_ok() {
        fs::remove_file(name).with_context(failed)?;
    }
    symlink(program, name).with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_each_value_as_it_is() {
        let text = variables("127.0.0.1:4333", Path::new("/home/o'neill/wash"));
        assert!(
            text.contains(r"export WASH_DOWNLOADS_DIR='/home/o'\''neill/wash'"),
            "{text}"
        );
        assert!(
            text.contains("export WASMCLOUD_CTL_PORT='4333'\n"),
            "{text}"
        );
    }
}
