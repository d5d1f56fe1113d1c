//! NATS subjects that the host publishes to: tokens of letters, digits, `_` and `-`, joined by dots.
//! Wildcards are for subscribers and so never valid here.

/// Checks a subject taken from a flag.
///
/// # Errors
/// Names the flag when the subject cannot be published to.
pub fn check(flag: &str, subject: Option<&str>) -> anyhow::Result<()> {
    match subject {
        Some(subject) if !is_publishable(subject) => {
            anyhow::bail!("{flag}: {subject:?} is not a subject to publish to")
        }
        _ => Ok(()),
    }
}

fn is_publishable(subject: &str) -> bool {
    subject.split('.').all(|token| {
        !token.is_empty()
            && token
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::is_publishable;

    #[test]
    fn dotted_tokens_can_be_published_to() {
        for subject in [
            "wasmcloud.secrets",
            "simple",
            "with_underscore.and-hyphen",
            "subject.123",
        ] {
            assert!(is_publishable(subject), "{subject}");
        }
    }

    #[test]
    fn wildcards_blanks_and_empty_tokens_cannot() {
        for subject in ["", ".", ".a", "a.", "a..b", "a.*", "a.>", "a b", "a!"] {
            assert!(!is_publishable(subject), "{subject}");
        }
    }
}
