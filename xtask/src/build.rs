//! Bundles the web app, compiles everything in the shared target folder, and copies the results into this checkout.
//! Native code and components are one cargo call each, so that shared dependencies are compiled once.
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::process::Command;
use std::time::Instant;

use crate::failure::Result;
use crate::kept::Kept;
use crate::workspace::Workspace;
use crate::{artifacts, lock, process, tools, web};

/// The binaries of `platform/` and `tests/`, by package and by name.
const TOOLS: [(&str, &str); 4] = [
    ("wasmcloud-host-bin", "wasmcloud_host"),
    ("wadm-bin", "wadm"),
    ("ticketing", "ticketing"),
    ("stripe-double", "stripe-double"),
];

/// Those around published libraries, with their packages and the folders of their sources: they take longest to compile
/// and change least.
const KEPT: [(&str, &str, &[&str]); 2] = [
    (
        "wasmcloud_host",
        "wasmcloud-host-bin",
        &["platform/host", "crates/wrpc-transport-nats"],
    ),
    ("wadm", "wadm-bin", &["platform/wadm"]),
];

const WASM: &str = "wasm32-wasip2";

/// Builds the web app, native code and components, and makes the provider archives.
///
/// # Errors
/// When a tool is missing and cannot be installed, or something does not compile.
pub fn all(workspace: &Workspace) -> Result<()> {
    let started = Instant::now();
    tools::c_toolchain()?;
    tools::wasm_target(workspace)?;
    // The client component embeds it.
    web::build(workspace)?;
    let _lock = lock::target(workspace)?;
    compile_native(workspace)?;
    println!("building components");
    let components = workspace.crates_in("components")?;
    // In the folder whose configuration holds the components' profile.
    process::run(
        cargo_build(workspace, &components)
            .args(["--target", WASM])
            .current_dir(workspace.copy().join("components")),
    )?;
    artifacts::sign_components(workspace, &components)?;
    println!("built in {:.0} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// Builds native code and the provider archives only.
///
/// # Errors
/// As [`all`].
pub fn native(workspace: &Workspace) -> Result<()> {
    tools::c_toolchain()?;
    let _lock = lock::target(workspace)?;
    compile_native(workspace)
}

/// Whether a build of this checkout has left a `ticketing` tool.
pub fn tool_exists(workspace: &Workspace) -> bool {
    process::is_executable(&workspace.bin().join("ticketing"))
}

/// A cargo that works in the copy of the sources and in the shared target folder, for whoever holds the lock.
pub fn cargo(workspace: &Workspace) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace.copy())
        .env("CARGO_TARGET_DIR", workspace.target());
    // What `cargo run` says about this tool is not about what is built. Some build scripts run again when it differs, as
    // it does between checkouts, and half of all dependencies with them.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let about_us = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
            "CARGO_PRIMARY_",
        ];
        if about_us.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

fn compile_native(workspace: &Workspace) -> Result<()> {
    println!("building host, wadm, providers and tools (the first time takes 10 to 20 minutes)");
    let providers = workspace.crates_in("providers")?;
    let kept = KEPT
        .iter()
        .map(|(binary, package, folders)| {
            Ok((*binary, Kept::of(workspace, binary, package, folders)?))
        })
        .collect::<Result<BTreeMap<&str, Kept>>>()?;
    let mut compile = cargo_build(workspace, &native_packages(&providers));
    for name in &providers {
        compile.args(["--bin", &format!("provider-{name}")]);
    }
    for (_, binary) in TOOLS {
        if kept.get(binary).is_none_or(|kept| kept.program().is_none()) {
            compile.args(["--bin", binary]);
        }
    }
    process::run(&mut compile)?;
    for (_, binary) in TOOLS {
        let built = workspace.target().join("release").join(binary);
        let program = match kept.get(binary) {
            Some(kept) => match kept.program() {
                Some(program) => program,
                None => kept.keep(&built)?,
            },
            None => &built,
        };
        artifacts::copy(program, &workspace.bin().join(binary))?;
    }
    artifacts::archive_providers(workspace, &providers)
}

/// Always compiled together: another selection would turn on other features of what they share, and so compile the
/// host's hundreds of dependencies once more.
pub fn native_packages(providers: &[String]) -> Vec<String> {
    TOOLS
        .iter()
        .map(|(package, _)| (*package).to_owned())
        .chain(providers.iter().map(|name| format!("provider-{name}")))
        .collect()
}

fn cargo_build(workspace: &Workspace, packages: &[String]) -> Command {
    let mut command = cargo(workspace);
    command.args(["build", "--release", "--quiet"]);
    for package in packages {
        command.args(["--package", package]);
    }
    command
}
