//! The `wasm32-wasip2` target of the toolchain in use: by rustup, else its standard library built from source.
//! Not asked for in `rust-toolchain.toml`: rustup would then reach for its server before every cargo command.
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::process::{self, capture};
use crate::workspace::Workspace;

use super::{State, wasm_std};

pub const TARGET: &str = "wasm32-wasip2";
/// Where rustup's server answers, the target is there in seconds; where it does not, rustup waits for minutes.
const RUSTUP: Duration = Duration::from_secs(60);

/// Adds the target when it is missing.
///
/// # Errors
/// When neither way works here.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    if is_present()? {
        return Ok(());
    }
    println!("adding the {TARGET} target: rustup target add {TARGET}");
    let rustup = process::run_within(
        Command::new("rustup").args(["target", "add", TARGET]),
        RUSTUP,
    );
    if rustup.is_ok() && is_present()? {
        return Ok(());
    }
    if let Err(why) = rustup {
        println!("that did not work ({why})");
    }
    println!("building the target's standard library from Debian's rust-src (about two minutes)");
    wasm_std::install(workspace).map_err(|failure| {
        Failure::new(format!("no {TARGET} target"), failure)
            .remedy(format!("run: rustup target add {TARGET}"))
    })
}

pub fn state() -> State {
    match is_present() {
        Ok(true) => State::Present("in the toolchain".to_owned()),
        Ok(false) => State::Installable("rustup, or Debian's rust-src".to_owned()),
        Err(failure) => State::Missing(failure.to_string()),
    }
}

/// The folder that rustc looks into.
pub fn library() -> Result<PathBuf> {
    let sysroot = capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib"))
}

/// Both the standard library and the C library are there; half an installation is none.
fn is_present() -> Result<bool> {
    let library = library()?;
    let standard = std::fs::read_dir(&library).is_ok_and(|entries| {
        entries
            .filter_map(|entry| entry.ok())
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    });
    Ok(standard && library.join("self-contained/libc.a").is_file())
}
