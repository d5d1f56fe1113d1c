//! The names of subjects.

use std::fmt::Write as _;

const PROTOCOL: &str = "wrpc.0.0.1";

/// Where parameters go, below the inbox of the callee.
pub const PARAMS: &str = ".params";
/// Where results go, below the inbox of the caller.
pub const RESULTS: &str = ".results";
/// What the callee answers first comes to the inbox itself.
pub const HANDSHAKE: &str = "";

/// Where calls of a function are sent.
pub fn invocation(prefix: &str, instance: &str, func: &str) -> String {
    [prefix, PROTOCOL, instance, func]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(".")
}

/// The subject of what is at `path` below `base`.
pub fn below(base: &str, path: &[usize]) -> String {
    path.iter().fold(base.to_owned(), |mut subject, index| {
        // A String takes everything.
        let _ = write!(subject, ".{index}");
        subject
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_the_protocol_between_its_target_and_its_function() {
        assert_eq!(
            invocation("default.orders", "wasi:keyvalue/store@0.2.0", "open"),
            "default.orders.wrpc.0.0.1.wasi:keyvalue/store@0.2.0.open"
        );
        assert_eq!(invocation("", "", "run"), "wrpc.0.0.1.run");
    }

    #[test]
    fn a_path_is_appended_index_by_index() {
        assert_eq!(below(RESULTS, &[]), ".results");
        assert_eq!(below(".results.1", &[0, 12]), ".results.1.0.12");
    }
}
