//! `wasmcloud:cron/scheduler`: called when a schedule is due.

use crate::{log, trace};

/// Exports `wasmcloud:cron/scheduler`: every firing calls the given function,
/// `fn() -> Result<(), impl Display>`.
#[macro_export]
macro_rules! export_schedule {
    ($run:path) => {
        const _: () = {
            struct Schedule;

            impl $crate::macros::cron::exports::wasmcloud::cron::scheduler::Guest for Schedule {
                fn invoke(_payload: Vec<u8>) -> Result<(), String> {
                    $crate::macros::invoke($run)
                }
            }

            $crate::macros::cron::export_cron!(
                Schedule with_types_in $crate::macros::cron
            );
        };
    };
}

/// Runs `run` and logs why it failed, if it did.
///
/// # Errors
/// The error of `run`, as text.
pub fn invoke<E: std::fmt::Display>(run: fn() -> Result<(), E>) -> Result<(), String> {
    trace::enter(None);
    run().map_err(|error| {
        let text = error.to_string();
        log::error(&text);
        text
    })
}
