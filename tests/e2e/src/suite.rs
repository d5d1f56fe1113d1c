//! Trials: async functions under the names that they have in the source.
use std::sync::LazyLock;

use libtest_mimic::Trial;
use tokio::runtime::Runtime;

/// The runtime that everything of the suite runs on, connections included.
pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime is a matter of memory and threads")
});

/// A trial named by its module and its sentence; `test` gets what `world` gives when it runs.
pub fn trial<W: Send + 'static>(
    name: String,
    world: impl Fn() -> W + Send + 'static,
    test: impl AsyncFn(W) + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        RUNTIME.block_on(test(world()));
        Ok(())
    })
}

/// `signin::a_wrong_password_is_refused` for that function in that module of any test binary.
#[must_use]
pub fn trial_name(module: &str, function: &str) -> String {
    format!("{}::{function}", module_of(module))
}

/// A module's path without its crate's name.
#[must_use]
pub fn module_of(path: &str) -> &str {
    path.split_once("::").map_or(path, |(_, module)| module)
}
