//! One build at a time in the shared target folder, from taking over the sources to copying the results out.
use std::fs::{self, File, TryLockError};

use crate::failure::{Failure, Result};
use crate::sources;
use crate::workspace::Workspace;

/// Held until dropped; the kernel releases it with the process.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// Takes the lock, waiting for another checkout's build when there is one, and has cargo see this checkout's sources.
///
/// # Errors
/// When the lock file cannot be made, or the sources not be copied.
pub fn target(workspace: &Workspace) -> Result<Lock> {
    let path = workspace.target().join("ticketing.lock");
    let failed = |error| Failure::new(format!("cannot lock {}", path.display()), error);
    fs::create_dir_all(workspace.target()).map_err(failed)?;
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!(
                "waiting for another build in {}",
                workspace.target().display()
            );
            file.lock().map_err(failed)?;
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    sources::copy(workspace)?;
    Ok(Lock(file))
}
