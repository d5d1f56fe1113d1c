//! Email addresses: what may sign up.

use email_address::{EmailAddress, Options};
use thiserror::Error;
use uuid::Uuid;

/// The most bytes that an address may have: what fits into an SMTP path (RFC 5321, 4.5.3.1.3).
const MAX_BYTES: usize = 254;

/// Text that is no email address to sign up with.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("Email must be valid")]
pub struct EmailError;

/// An email address as it was typed, without blanks around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address: RFC 5322 without display names and domain literals, with a dot in its domain.
    ///
    /// # Errors
    /// [`EmailError`].
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        // The RFC lets a tab stand between quotes; here it is only ever a mistake.
        if text.len() > MAX_BYTES || text.chars().any(char::is_control) {
            return Err(EmailError);
        }
        let options = Options::default()
            .with_required_tld()
            .without_domain_literal()
            .without_display_text();
        match EmailAddress::parse_with_options(text, options) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(EmailError),
        }
    }

    /// The address as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it is compared: without case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// Where the names of this address's sign-ups are unique: that of its `mailto:` URL.
    pub(crate) fn name_space(&self) -> Uuid {
        let url = format!("mailto:{}", self.folded());
        Uuid::new_v5(&Uuid::NAMESPACE_URL, url.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_an_address_are_not_part_of_it() {
        assert_eq!(
            Email::parse(" Ann@Example.com\n").unwrap().as_str(),
            "Ann@Example.com"
        );
    }

    #[test]
    fn addresses_are_compared_without_case() {
        assert_eq!(
            Email::parse("Ann@Example.com").unwrap().folded(),
            "ann@example.com"
        );
    }

    #[test]
    fn what_people_have_is_accepted() {
        for text in [
            "a@b.co",
            "ann+tickets@mail.example.com",
            "o'hara@example.ie",
            "jürgen@example.de",
            "x@xn--bcher-kva.example",
        ] {
            assert!(Email::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_no_mail_can_reach_is_refused() {
        for text in [
            "",
            " ",
            "ann",
            "ann@",
            "@example.com",
            "ann@localhost",
            "ann@example.",
            "ann@.com",
            "ann@exa mple.com",
            "ann@@example.com",
            "ann.@example.com",
            "ann@[127.0.0.1]",
            "Ann <ann@example.com>",
            "<ann@example.com>",
            "ann@example.com,bob@example.com",
            "a\0nn@example.com",
            "\"a\tb\"@example.com",
        ] {
            assert_eq!(Email::parse(text), Err(EmailError), "{text:?}");
        }
    }

    #[test]
    fn an_address_has_at_most_254_bytes() {
        let domain = format!(
            "{}.{}.{}.example.com",
            "d".repeat(60),
            "d".repeat(60),
            "d".repeat(55)
        );
        let address = |local: usize| format!("{}@{domain}", "a".repeat(local));
        let longest = MAX_BYTES - 1 - domain.len();
        assert!(Email::parse(&address(longest)).is_ok());
        assert!(Email::parse(&address(longest + 1)).is_err());
    }
}
