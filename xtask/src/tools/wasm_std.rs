//! The `wasm32-wasip2` standard library, built from the sources that Debian packages for the same compiler version.
//! For machines that reach a package mirror but not rustup's server; the result is the same as rustup's.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::failure::{Failure, Result};
use crate::process::{self, capture, run};
use crate::workspace::Workspace;

use super::wasm::{TARGET, library};

/// Suites that carry newer compilers than a stable release does.
const SUITES: [&str; 2] = ["trixie-backports", "sid"];

/// Builds and installs it into the toolchain in use.
///
/// # Errors
/// When apt is missing, no suite has this compiler's sources, or the build fails.
pub fn install(workspace: &Workspace) -> Result<()> {
    if !process::has_apt() {
        return Err(Failure::new(
            "no apt",
            "its package index is where the sources are looked up",
        ));
    }
    let work = workspace.cache.join("wasm-std");
    let _ = fs::remove_dir_all(&work);
    let apt = Apt::new(&work)?;
    apt.run("apt-get", &["update", "-qq"])?;

    let release = compiler_release()?;
    let sources = apt
        .version_of("rust-src", |version| version.starts_with(&release))?
        .ok_or_else(|| {
            Failure::new(
                format!("no rust-src {release}"),
                "no Debian suite carries this compiler's sources any more",
            )
        })?;
    // The C library changes little between versions, so the newest does.
    let c_library = apt
        .version_of("libstd-rust-dev-wasm32", |_| true)?
        .ok_or_else(|| Failure::new("no libstd-rust-dev-wasm32", "no Debian suite carries it"))?;
    let sources = apt.unpack("rust-src", &sources)?;
    let c_library = apt.unpack("libstd-rust-dev-wasm32", &c_library)?;

    let source_root = find_folder(&sources, &|path| path.join("std/Cargo.toml").is_file())
        .ok_or_else(|| Failure::new("rust-src", "holds no std crate"))?;
    let built = compile(workspace, &work, &source_root)?;
    let self_contained = find_folder(&c_library, &|path| path.join("crt1-reactor.o").is_file())
        .ok_or_else(|| Failure::new("libstd-rust-dev-wasm32", "holds no start files"))?;
    copy(&built, &self_contained)?;
    let _ = fs::remove_dir_all(&work);
    Ok(())
}

/// `1.95.0` of `rustc 1.95.0 (…)`, with the `+` that follows in a Debian version.
fn compiler_release() -> Result<String> {
    let version = capture(Command::new("rustc").arg("--version"))?;
    let release = version.split_whitespace().nth(1).unwrap_or_default();
    Ok(format!("{release}+"))
}

/// Compiles std for the target in an empty crate, with cargo's own (unstable) support for it.
fn compile(workspace: &Workspace, work: &Path, sources: &Path) -> Result<PathBuf> {
    let krate = work.join("crate");
    let failed = |error| Failure::new("cannot write an empty crate", error);
    fs::create_dir_all(krate.join("src")).map_err(failed)?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2021\"\n[workspace]\n";
    fs::write(krate.join("Cargo.toml"), manifest).map_err(failed)?;
    fs::write(krate.join("src/lib.rs"), "").map_err(failed)?;
    run(build::cargo(workspace)
        .current_dir(&krate)
        .args(["build", "--release", "--quiet", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,panic_unwind")
        .env("CARGO_TARGET_DIR", krate.join("target"))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("__CARGO_TESTS_ONLY_SRC_ROOT", sources)
        // Without bitcode a component cannot be optimised across crates.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes"))?;
    Ok(krate.join("target").join(TARGET).join("release/deps"))
}

fn copy(built: &Path, self_contained: &Path) -> Result<()> {
    let library = library()?;
    let failed = |error| Failure::new(format!("cannot write {}", library.display()), error);
    let target = library.join("self-contained");
    fs::create_dir_all(&target).map_err(failed)?;
    for entry in fs::read_dir(built).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default();
        if path
            .extension()
            .is_some_and(|extension| extension == "rlib")
            && !name.to_string_lossy().contains("empty")
        {
            fs::copy(&path, library.join(name)).map_err(failed)?;
        }
    }
    for name in ["crt1-command.o", "crt1-reactor.o", "libc.a"] {
        fs::copy(self_contained.join(name), target.join(name)).map_err(failed)?;
    }
    Ok(())
}

/// apt with folders and sources of its own: the system's are neither needed to be writable nor changed.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    /// Points it at the machine's own mirror, but at other suites.
    fn new(work: &Path) -> Result<Self> {
        let folder = work.join("apt");
        let failed = |error| Failure::new("cannot prepare apt", error);
        for name in [
            "state/lists/partial",
            "cache/archives/partial",
            "etc/sources.list.d",
            "etc/preferences.d",
        ] {
            fs::create_dir_all(folder.join(name)).map_err(failed)?;
        }
        let mirror = mirror()?;
        let options = match &mirror.keyring {
            Some(keyring) => format!("[signed-by={keyring}] "),
            None => String::new(),
        };
        let sources: String = SUITES
            .iter()
            .map(|suite| format!("deb {options}{} {suite} main\n", mirror.base))
            .collect();
        fs::write(folder.join("etc/sources.list"), sources).map_err(failed)?;
        fs::write(folder.join("state/status"), "").map_err(failed)?;
        Ok(Self { folder })
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let folder = self.folder.display();
        capture(
            Command::new(program)
                .current_dir(&self.folder)
                .args(["-o", &format!("Dir::State={folder}/state")])
                .args(["-o", &format!("Dir::State::status={folder}/state/status")])
                .args(["-o", &format!("Dir::Cache={folder}/cache")])
                .args(["-o", &format!("Dir::Etc={folder}/etc")])
                .args([
                    "-o",
                    "APT::Sandbox::User=root",
                    "-o",
                    "Acquire::Languages=none",
                ])
                .args(arguments),
        )
    }

    /// The newest version of a package that `wanted` accepts.
    fn version_of(&self, package: &str, wanted: impl Fn(&str) -> bool) -> Result<Option<String>> {
        let lines = self.run("apt-cache", &["madison", package])?;
        Ok(lines
            .lines()
            .filter_map(|line| line.split('|').nth(1))
            .map(|version| version.trim().to_owned())
            .find(|version| wanted(version)))
    }

    /// Downloads a package and unpacks its files, installing nothing.
    fn unpack(&self, package: &str, version: &str) -> Result<PathBuf> {
        self.run(
            "apt-get",
            &["download", "-qq", &format!("{package}={version}")],
        )?;
        let archive = fs::read_dir(&self.folder)
            .ok()
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with(&format!("{package}_")))
            })
            .ok_or_else(|| Failure::new(package, "apt downloaded nothing"))?;
        let unpacked = self.folder.join(package);
        capture(Command::new("dpkg").arg("-x").arg(archive).arg(&unpacked))?;
        Ok(unpacked)
    }
}

/// Where this machine gets its Debian packages from.
struct Mirror {
    base: String,
    keyring: Option<String>,
}

/// Reads the machine's sources for the entry of its own release.
fn mirror() -> Result<Mirror> {
    let mut texts = vec![fs::read_to_string("/etc/apt/sources.list").unwrap_or_default()];
    if let Ok(entries) = fs::read_dir("/etc/apt/sources.list.d") {
        texts.extend(entries.filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok()));
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let codename = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .unwrap_or_default();
    texts
        .iter()
        .find_map(|text| one_line(text, codename).or_else(|| stanza(text, codename)))
        .ok_or_else(|| {
            Failure::new(
                "no Debian mirror",
                "no apt source names this system's own release",
            )
        })
}

/// `deb [signed-by=…] <base> <suite> main`
fn one_line(text: &str, codename: &str) -> Option<Mirror> {
    text.lines().find_map(|line| {
        let line = line.trim().strip_prefix("deb ")?.trim();
        let (options, line) = match line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            Some((options, line)) => (options, line),
            None => ("", line),
        };
        let mut words = line.split_whitespace();
        let (base, suite) = (words.next()?, words.next()?);
        let keyring = options
            .split_whitespace()
            .find_map(|option| option.strip_prefix("signed-by="));
        (suite == codename).then(|| Mirror {
            base: base.to_owned(),
            keyring: keyring.map(str::to_owned),
        })
    })
}

/// The `URIs:` of the paragraph whose `Suites:` hold the release.
fn stanza(text: &str, codename: &str) -> Option<Mirror> {
    text.split("\n\n").find_map(|paragraph| {
        let field = |name: &str| {
            paragraph
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let named = field("Suites:")?
            .split_whitespace()
            .any(|suite| suite == codename);
        named.then_some(())?;
        Some(Mirror {
            base: field("URIs:")?.split_whitespace().next()?.to_owned(),
            keyring: field("Signed-By:").map(str::to_owned),
        })
    })
}

fn find_folder(root: &Path, wanted: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    if wanted(root) {
        return Some(root.to_path_buf());
    }
    fs::read_dir(root)
        .ok()?
        .filter_map(|entry| entry.ok())
        // Links could lead in circles, and the files are never behind one.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .find_map(|entry| find_folder(&entry.path(), wanted))
}

#[cfg(test)]
mod tests {
    use super::{one_line, stanza};

    #[test]
    fn a_mirror_is_read_from_a_one_line_source() {
        let text = "# comment\ndeb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main\n";
        let mirror = one_line(text, "bookworm").expect("named");
        assert_eq!(mirror.base, "http://mirror.example/debian");
        assert_eq!(mirror.keyring.as_deref(), Some("/k.gpg"));
        assert!(one_line(text, "trixie").is_none());
    }

    #[test]
    fn a_mirror_is_read_from_a_paragraph() {
        let text = "Types: deb\nURIs: http://a.example/security\nSuites: bookworm-security\n\n\
                    Types: deb\nURIs: http://a.example/debian\nSuites: bookworm bookworm-updates\nSigned-By: /k.gpg\n";
        let mirror = stanza(text, "bookworm").expect("named");
        assert_eq!(mirror.base, "http://a.example/debian");
        assert_eq!(mirror.keyring.as_deref(), Some("/k.gpg"));
    }
}
