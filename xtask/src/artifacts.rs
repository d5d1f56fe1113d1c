//! From the shared target folder into the checkout: binaries, components, and providers as archives.
//! The names under `build/` are those that `wash build` gives, so either tool serves the manifest.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process;
use crate::workspace::Workspace;

/// Makes `components/<name>/build/<name>_s.wasm`, signed as providers are.
///
/// # Errors
/// When a component cannot be signed.
pub fn sign_components(workspace: &Workspace, names: &[String]) -> Result<()> {
    signed(workspace, "sign", names, |name| {
        let built = workspace
            .target()
            .join("wasm32-wasip2/release")
            .join(format!("{name}.wasm"));
        let build = workspace.root.join("components").join(name).join("build");
        (built, build.join(format!("{name}_s.wasm")))
    })
}

/// Makes `providers/<name>/build/provider-<name>.par.gz`, signed with keys that stay in the cache: an artifact's
/// identity is that of its key, and must be the same after every build.
///
/// # Errors
/// When an archive cannot be made.
pub fn archive_providers(workspace: &Workspace, names: &[String]) -> Result<()> {
    signed(workspace, "par", names, |name| {
        let binary = workspace
            .target()
            .join("release")
            .join(format!("provider-{name}"));
        let archive = workspace
            .root
            .join("providers")
            .join(name)
            .join(format!("build/provider-{name}.par.gz"));
        (binary, archive)
    })
}

/// Has the tool make what it signs: for each name one file of another.
fn signed(
    workspace: &Workspace,
    command: &str,
    names: &[String],
    files: impl Fn(&str) -> (PathBuf, PathBuf),
) -> Result<()> {
    let mut tool = Command::new(workspace.bin().join("ticketing"));
    tool.arg(command)
        .arg("--keys")
        .arg(workspace.cache.join("keys"));
    for name in names {
        let (from, to) = files(name);
        let mut pair = from.into_os_string();
        pair.push("=");
        pair.push(to);
        tool.arg(pair);
    }
    process::run(&mut tool)
}

/// Replaces `to` as a whole, so that a process started from the old file keeps it, and only when it differs, so that
/// a build that changed nothing changes no time stamp.
///
/// # Errors
/// When one cannot be read or the other not be written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |error| {
        Failure::new(
            format!("cannot copy {} to {}", from.display(), to.display()),
            error,
        )
    };
    let source = fs::metadata(from).map_err(failed)?;
    if let Ok(present) = fs::metadata(to)
        && present.len() == source.len()
        && present.modified().ok() == source.modified().ok()
    {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let draft = to.with_extension("new");
    fs::copy(from, &draft).map_err(failed)?;
    let copied = fs::File::options()
        .append(true)
        .open(&draft)
        .map_err(failed)?;
    copied
        .set_modified(source.modified().map_err(failed)?)
        .map_err(failed)?;
    fs::rename(&draft, to).map_err(failed)
}
