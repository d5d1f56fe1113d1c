//! The cookies of one visitor, by name: whatever a system sets is sent back to it.
use std::collections::BTreeMap;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

#[derive(Clone, Debug, Default)]
pub struct Cookies {
    values: BTreeMap<String, String>,
    /// The `Cookie` header, made once for all requests that follow.
    header: Option<HeaderValue>,
}

impl Cookies {
    /// Takes what an answer sets.
    pub fn take(&mut self, answer: &HeaderMap) {
        let set = answer
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next()?.split_once('='));
        for (name, value) in set {
            self.set(name.trim(), value.trim());
        }
    }

    /// Keeps one cookie; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.values.remove(name);
        } else {
            self.values.insert(name.to_owned(), value.to_owned());
        }
        let pairs: Vec<String> = self
            .values
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.header = HeaderValue::from_str(&pairs.join("; "))
            .ok()
            .filter(|header| !header.is_empty());
    }

    pub fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_sent_and_what_is_cleared_is_not() {
        let mut cookies = Cookies::default();
        let mut answer = HeaderMap::new();
        for cookie in ["session=abc=; Path=/; HttpOnly", "refresh=x; Path=/api"] {
            answer.append(SET_COOKIE, HeaderValue::from_static(cookie));
        }
        cookies.take(&answer);
        assert_eq!(cookies.header().unwrap(), "refresh=x; session=abc=");
        cookies.set("refresh", "");
        cookies.set("session", "");
        assert_eq!(cookies.header(), None);
    }
}
