//! `X-Request-Id`: one name for a request in every log it passes.

use http::{HeaderName, HeaderValue};
use uuid::Uuid;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// The client's id when it is one, a new UUID otherwise. An id is 1 to 128 letters, digits, `-`,
/// `_` and `.`: nothing that could break a log line.
pub fn request_id(sent: Option<&HeaderValue>) -> HeaderValue {
    sent.filter(|id| well_formed(id.as_bytes()))
        .cloned()
        .unwrap_or_else(|| ascii(Uuid::new_v4().to_string()))
}

fn well_formed(id: &[u8]) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// A header value from text that this program made.
pub fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_well_formed_id_is_kept() {
        let sent = HeaderValue::from_static("Load-test_7.a");
        assert_eq!(request_id(Some(&sent)), sent);
    }

    #[test]
    fn an_absent_or_malformed_id_is_replaced_by_a_uuid() {
        let long = "a".repeat(LONGEST + 1);
        for sent in [None, Some(""), Some("a b"), Some("{\"x\"}"), Some(&*long)] {
            let sent = sent.map(|id| HeaderValue::from_str(id).unwrap());
            let id = request_id(sent.as_ref());
            assert!(Uuid::parse_str(id.to_str().unwrap()).is_ok());
        }
    }
}
