//! One build at a time in the shared target folder, from compiling to copying the results out.
//! Without it one checkout could pick up what another has just compiled from other sources.
use std::fs::{self, File, TryLockError};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// Held until dropped; the kernel releases it with the process.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// Takes the lock, waiting for another checkout's build when there is one.
///
/// # Errors
/// When the lock file cannot be made.
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
    Ok(Lock(file))
}
