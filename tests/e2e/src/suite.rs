//! Trials: async functions under the names that they have in the source.
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
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

/// What the ingress says when the host has lost the reply to a call of a component: wRPC over NATS drops a
/// reply that overtakes the task that waits for it, now and then and on a busy machine. The ingress hides
/// it for reads; for a write nobody can know whether it took effect, and the visitor is told so.
const REPLY_LOST: [&str; 2] = [
    "the request may still take effect",
    "the request may or may not have taken effect",
];

/// How often a trial that met a lost reply is begun anew, with new people and tickets.
const NEW_BEGINNINGS: usize = 2;

/// A trial named by its module and its sentence; `test` gets what `world` gives when it runs.
/// One that fails because a write's reply was lost begins anew; any other failure is final.
pub fn trial<W: Send + 'static>(
    name: String,
    world: impl Fn() -> W + Send + 'static,
    test: impl AsyncFn(W) + Send + 'static,
) -> Trial {
    let title = name.clone();
    Trial::test(name, move || {
        for _ in 0..NEW_BEGINNINGS {
            match catch_unwind(AssertUnwindSafe(|| RUNTIME.block_on(test(world())))) {
                Ok(()) => return Ok(()),
                Err(panic)
                    if REPLY_LOST
                        .iter()
                        .any(|lost| message(panic.as_ref()).contains(lost)) =>
                {
                    println!("{title}: a reply was lost; beginning anew");
                }
                Err(panic) => resume_unwind(panic),
            }
        }
        RUNTIME.block_on(test(world()));
        Ok(())
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or_default()
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
