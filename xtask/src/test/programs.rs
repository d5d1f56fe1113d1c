//! Test programs that run after the target folder is given back to other checkouts.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{artifacts, lock};

/// The programs of a folder `tests`: each is a file, or a folder with a `main.rs`. Sorted by name.
pub fn in_folder(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut programs: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let program = path.extension().is_some_and(|extension| extension == "rs")
                || path.join("main.rs").is_file();
            let name = path.file_stem()?.to_str()?.to_owned();
            program.then_some(name)
        })
        .collect();
    programs.sort();
    programs
}

/// Has `cargo test` compile the programs `names`, and copies them into the checkout. Gives their places, in the order of
/// the names.
///
/// # Errors
/// When they do not compile, or cannot be copied.
pub fn compile(
    workspace: &Workspace,
    mut cargo: Command,
    names: &[String],
) -> Result<Vec<PathBuf>> {
    let _lock = lock::target(workspace)?;
    cargo.args(["--no-run", "--message-format=json-render-diagnostics"]);
    for name in names {
        cargo.args(["--test", name]);
    }
    let failed = |why: String| Failure::new("the tests failed", why);
    let output = cargo
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed("they did not compile".to_owned()));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    names
        .iter()
        .map(|name| {
            let built = messages
                .lines()
                .find_map(|message| executable(message, name));
            let built = built.ok_or_else(|| failed(format!("cargo made no {name}")))?;
            let program = workspace.bin().join("tests").join(name);
            artifacts::copy(built, &program)?;
            Ok(program)
        })
        .collect()
}

/// The file that a `compiler-artifact` message of cargo names, when it is the test program `name`.
fn executable<'message>(message: &'message str, name: &str) -> Option<&'message Path> {
    let target = format!(r#""kind":["test"],"crate_types":["bin"],"name":"{name}","#);
    let (_, after) = message.split_once(&target)?;
    let (_, path) = after.split_once(r#""executable":""#)?;
    path.split_once('"').map(|(path, _)| Path::new(path))
}

#[cfg(test)]
mod tests {
    use super::{Path, executable};

    #[test]
    fn the_executable_is_that_of_the_test_program() {
        let message = r#"{"reason":"compiler-artifact","target":{"kind":["test"],"crate_types":["bin"],"name":"contract","src_path":"main.rs"},"executable":"/t/contract-1","fresh":true}"#;
        assert_eq!(
            executable(message, "contract"),
            Some(Path::new("/t/contract-1"))
        );
        assert_eq!(executable(message, "contracts"), None);
    }
}
