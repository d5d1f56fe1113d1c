//! wash, the wasmCloud shell: only for those who want it, and for its own test tier, since building it takes as long as
//! building everything else.
use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process::{capture, on_path};
use crate::workspace::Workspace;

/// The last release of wasmCloud 1.
const VERSION: &str = "0.43.0";

/// The program: on `PATH`, else in the cache.
///
/// # Errors
/// When there is none of that version; the remedy is the line that gets it.
pub fn find(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.tools().join("wash");
    [on_path("wash"), Some(folder.join("bin/wash"))]
        .into_iter()
        .flatten()
        .find(|path| {
            capture(Command::new(path).arg("--version"))
                .is_ok_and(|text| text.lines().any(|line| line.contains(VERSION)))
        })
        .ok_or_else(|| {
            Failure::new("wash", format!("no wash {VERSION} on PATH or in the cache")).remedy(
                format!(
                    "run: cargo install wash --version {VERSION} --locked --root {} (25 minutes on 2 cores)",
                    folder.display()
                ),
            )
        })
}
