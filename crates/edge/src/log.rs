//! `wasi:logging`: lines for operators, with the id of the trace as their context. No personal data, no secrets.

use crate::bindings::imports::wasi::logging::logging::{Level, log};
use crate::trace;

/// Something that an operator should look at.
pub fn error(message: &str) {
    log(Level::Error, &trace::id(), message);
}

/// Something that mends itself, or is a visitor's doing, but is worth a line.
pub fn warn(message: &str) {
    log(Level::Warn, &trace::id(), message);
}

/// Something that happened.
pub fn info(message: &str) {
    log(Level::Info, &trace::id(), message);
}
