//! `wasi:logging`: lines for operators. No personal data, no secrets.

use crate::bindings::imports::wasi::logging::logging::{Level, log};

/// Something that an operator should look at.
pub fn error(message: &str) {
    log(Level::Error, "", message);
}

/// Something that mends itself, or is a visitor's doing, but is worth a line.
pub fn warn(message: &str) {
    log(Level::Warn, "", message);
}

/// Something that happened.
pub fn info(message: &str) {
    log(Level::Info, "", message);
}
