//! Keys as components know them, any text, and as NATS subjects can carry them.
//!
//! Letters, digits, `_`, `-` and `/` stand for themselves; every other byte of the UTF-8 text is
//! `=` and two upper-case hexadecimal digits; the empty key is a lone `=`. So every key has exactly
//! one encoded form, which is a single subject token and a valid key for other NATS tools.

/// Longest encoded key. NATS takes control lines of 4096 bytes; bucket, prefixes and reply subject
/// need some of it.
pub const MAX_ENCODED_LENGTH: usize = 2048;

const EMPTY: &str = "=";

/// The encoded form of a key.
pub fn encode(key: &str) -> String {
    use std::fmt::Write as _;
    if key.is_empty() {
        return EMPTY.into();
    }
    let mut encoded = String::with_capacity(key.len() + 8);
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'/' => {
                encoded.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            other => drop(write!(encoded, "={other:02X}")),
        }
    }
    encoded
}

/// The key of an encoded form; `None` for what [`encode`] does not produce, such as a key that
/// another tool has put into the bucket.
pub fn decode(encoded: &str) -> Option<String> {
    if encoded == EMPTY {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'=' {
            let (digits, after) = after.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let key = String::from_utf8(bytes).ok()?;
    (encode(&key) == encoded).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_keys_stay_readable() {
        assert_eq!(encode("sign-in/7_A"), "sign-in/7_A");
        assert_eq!(encode("signin:me@home"), "signin=3Ame=40home");
    }

    #[test]
    fn any_text_survives_the_round_trip() {
        for key in [
            "",
            " ",
            ".",
            "..",
            "a.b",
            "*",
            ">",
            "$KV",
            "=",
            "==",
            "=41",
            "a=b",
            "grün 🎫",
            "\0\n",
            "%",
            "/",
        ] {
            assert_eq!(decode(&encode(key)).as_deref(), Some(key), "{key:?}");
        }
    }

    #[test]
    fn encoded_keys_are_one_token_of_valid_characters() {
        for code in 0..=u8::MAX {
            let encoded = encode(&char::from(code).to_string());
            let valid = |c: char| c.is_ascii_alphanumeric() || "_-/=".contains(c);
            assert!(
                !encoded.is_empty() && encoded.chars().all(valid),
                "{encoded}"
            );
        }
    }

    #[test]
    fn other_forms_of_a_key_are_not_taken_for_it() {
        for encoded in ["=41", "=3a", "=4", "a.b", "=FF", "=="] {
            assert_eq!(decode(encoded), None, "{encoded}");
        }
    }
}
