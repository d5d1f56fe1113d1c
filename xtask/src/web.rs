//! The web app: its packages by npm, its bundle by Vite, its unit tests by Vitest; and the browser tests' packages.
//! Each step is done only when what it depends on has changed.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use crate::failure::{Failure, Result};
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Below a package's `node_modules`, which npm removes as a whole: the lock file that was installed.
const INSTALLED: &str = "node_modules/.ticketing-installed";
/// As young as the youngest source that is in the bundle.
const BUNDLED: &str = "node_modules/.ticketing-bundled";

/// Bundles the app into `components/client/dist`, which the client's build script embeds.
///
/// # Errors
/// When Node.js is missing or too old, a package cannot be downloaded, or the app does not compile.
pub fn build(workspace: &Workspace) -> Result<()> {
    let node = tools::node()?;
    let app = app(workspace);
    install(&app)?;
    let failed = |error| Failure::new("cannot see what has changed in the web app", error);
    let sources = youngest(&app).map_err(failed)?;
    let stamp = app.join(BUNDLED);
    let bundled = fs::metadata(&stamp).and_then(|metadata| metadata.modified());
    let page = app.join("../dist/index.html");
    if page.is_file() && bundled.is_ok_and(|bundled| bundled >= sources) {
        return Ok(());
    }
    println!("building the web app");
    process::run(run(&node, &app, "typescript/bin/tsc").arg("--noEmit"))?;
    process::run(run(&node, &app, "vite/bin/vite.js").args(["build", "--logLevel", "warn"]))?;
    let stamped = fs::File::create(&stamp).and_then(|file| file.set_modified(sources));
    stamped.map_err(|error| Failure::new(format!("cannot write {}", stamp.display()), error))
}

/// The command that runs the app's unit tests; it reports as cargo does.
///
/// # Errors
/// As [`build`].
pub fn unit_tests(workspace: &Workspace) -> Result<Command> {
    let node = tools::node()?;
    let app = app(workspace);
    install(&app)?;
    let mut vitest = run(&node, &app, "vitest/vitest.mjs");
    vitest.args([
        "run",
        "--reporter=dot",
        "--reporter=./build/cargo-reporter.ts",
    ]);
    Ok(vitest)
}

/// Makes the browser tests ready: their packages, and the browser. Tells `tests` where it is.
///
/// # Errors
/// When a package or the browser cannot be installed.
pub fn browser_tests(workspace: &Workspace, tests: &mut Command) -> Result<()> {
    tools::node()?;
    install(&workspace.root.join("tests/browser"))?;
    tests.env("CHROMIUM", tools::chromium()?);
    Ok(())
}

/// Starts Vite's development server beside the shop at `shop`. It ends by itself when this process does.
///
/// # Errors
/// As [`build`], or when it cannot start.
pub fn watch(workspace: &Workspace, shop: &str) -> Result<()> {
    let node = tools::node()?;
    let app = app(workspace);
    install(&app)?;
    let mut vite = run(&node, &app, "vite/bin/vite.js");
    vite.args(["--clearScreen", "false"])
        .env("SHOP", shop)
        .env("END_WITH_PARENT", "1")
        .stdin(Stdio::null());
    vite.spawn()
        .map(drop)
        .map_err(|error| Failure::new("cannot start Vite's development server", error))
}

fn app(workspace: &Workspace) -> PathBuf {
    workspace.root.join("components/client/web")
}

/// `node` with a program of a package's dependencies, without npm in between.
fn run(node: &Path, package: &Path, program: &str) -> Command {
    let mut command = Command::new(node);
    command
        .arg(Path::new("node_modules").join(program))
        .current_dir(package);
    command
}

/// Installs exactly what the lock file names, unless that is there already.
fn install(package: &Path) -> Result<()> {
    let lock = package.join("package-lock.json");
    let failed =
        |path: &Path, error| Failure::new(format!("cannot access {}", path.display()), error);
    let wanted = fs::read(&lock).map_err(|error| failed(&lock, error))?;
    let stamp = package.join(INSTALLED);
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("installing npm packages: npm ci in {}", package.display());
    process::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(package)
            .stdout(Stdio::null()),
    )?;
    fs::write(&stamp, wanted).map_err(|error| failed(&stamp, error))
}

/// When anything below `folder` has changed last, packages apart. Folders count: a file that is gone is a change.
fn youngest(folder: &Path) -> std::io::Result<SystemTime> {
    let mut youngest = fs::metadata(folder)?.modified()?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let changed = if entry.file_name() == "node_modules" {
            continue;
        } else if entry.file_type()?.is_dir() {
            self::youngest(&entry.path())?
        } else {
            entry.metadata()?.modified()?
        };
        youngest = youngest.max(changed);
    }
    Ok(youngest)
}
