//! The C compiler and linker: cargo links with `cc`, and some crates compile a little C or assembly.
//! Nothing else of a C toolchain (cmake, protoc, OpenSSL's headers) is needed.
use crate::failure::Result;
use crate::process;

use super::State;

/// Installs one when there is none.
///
/// # Errors
/// When it cannot be installed here.
pub fn ensure() -> Result<()> {
    match process::on_path("cc") {
        Some(_) => Ok(()),
        None => process::apt_install("a C toolchain", &["build-essential"]),
    }
}

pub fn state() -> State {
    match process::on_path("cc") {
        Some(path) => State::Present(path.display().to_string()),
        None if process::has_apt() && process::is_root() => {
            State::Installable("Debian's build-essential".to_owned())
        }
        None => State::Missing(
            "install a C compiler, on Debian: sudo apt-get install build-essential".to_owned(),
        ),
    }
}
