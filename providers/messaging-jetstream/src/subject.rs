//! Which subjects a component may publish to or ask.
//! The connection is the lattice's own, so its control and the server's API must stay out of reach.

/// Why a component may not use a subject.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SubjectError {
    #[error("a subject consists of words with dots between them, without wildcards or spaces")]
    Malformed,
    #[error("the subject belongs to the platform")]
    Reserved,
}

/// Checks a subject that a component of `lattice` wants to use.
pub(crate) fn check(subject: &str, lattice: &str) -> Result<(), SubjectError> {
    let malformed = |token: &str| {
        token.is_empty()
            || token
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || c == '*' || c == '>')
    };
    if subject.split('.').any(malformed) {
        return Err(SubjectError::Malformed);
    }
    let first = subject.split('.').next().unwrap_or_default();
    if first.starts_with('$')
        || first == "_INBOX"
        || matches!(first, "wasmbus" | "wasmcloud" | "wadm")
        || first == lattice
    {
        return Err(SubjectError::Reserved);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_subjects_are_open() {
        assert_eq!(check("ticketing.ticket.created", "default"), Ok(()));
    }

    #[test]
    fn the_platforms_subjects_are_not() {
        for subject in [
            "$JS.API.STREAM.DELETE.TICKETING",
            "$KV.cron.key",
            "_INBOX.abc",
            "wasmbus.ctl.v1.default.host.get",
            "default.orders.wrpc.0.0.1.wasmcloud:messaging/handler@0.2.0.handle-message",
        ] {
            assert_eq!(check(subject, "default"), Err(SubjectError::Reserved));
        }
    }

    #[test]
    fn wildcards_spaces_and_empty_words_are_malformed() {
        for subject in ["", "a..b", "a.*", ">", "a b", "a.\r\nPUB b"] {
            assert_eq!(
                check(subject, "default"),
                Err(SubjectError::Malformed),
                "{subject:?}"
            );
        }
    }
}
