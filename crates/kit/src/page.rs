//! Paging: `?limit&cursor`, newest first, the next page in a `Link` header (RFC 8288).
//! A cursor is opaque to clients; inside it is the sequence number of the last row that they saw.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, Uri};
use thiserror::Error;

use crate::ApiError;

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 100;

/// Which page of a list a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many rows, 1 to 100.
    pub limit: i64,
    /// Only rows with a smaller sequence number.
    pub before: i64,
}

/// What is wrong with a page's parameters.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PageError {
    /// `limit` is not a whole number of at least 1.
    #[error("Limit must be a number between 1 and {MAX_LIMIT}")]
    Limit,
    /// `cursor` is not one that we gave.
    #[error("Cursor is not valid")]
    Cursor,
}

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        let field = match error {
            PageError::Limit => "limit",
            PageError::Cursor => "cursor",
        };
        Self::field(field, error.to_string())
    }
}

impl Page {
    /// Reads `limit` and `cursor` from a query string. A limit above 100 means 100.
    ///
    /// # Errors
    /// [`PageError`] when one of them is not what we understand.
    pub fn read(uri: &Uri) -> Result<Self, PageError> {
        let limit = match parameter(uri, "limit") {
            None => DEFAULT_LIMIT,
            Some(text) if text.len() <= 9 => {
                let limit: i64 = text.parse().map_err(|_| PageError::Limit)?;
                if limit < 1 {
                    return Err(PageError::Limit);
                }
                limit.min(MAX_LIMIT)
            }
            Some(_) => return Err(PageError::Limit),
        };
        let before = match parameter(uri, "cursor") {
            None => i64::MAX,
            Some(text) => decode(&text).ok_or(PageError::Cursor)?,
        };
        Ok(Self { limit, before })
    }
}

fn decode(cursor: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let seq = i64::from_be_bytes(bytes.try_into().ok()?);
    (seq > 0).then_some(seq)
}

/// The value of a query parameter, decoded; bytes that are no UTF-8 become U+FFFD.
#[must_use]
pub fn parameter(uri: &Uri, name: &str) -> Option<String> {
    form_urlencoded::parse(uri.query()?.as_bytes())
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// The `Link` header that leads to the page after the row with sequence number `last`.
/// All other parameters of the request stay as they were.
#[must_use]
pub fn next_link(uri: &Uri, last: i64) -> Option<HeaderValue> {
    let cursor = URL_SAFE_NO_PAD.encode(last.to_be_bytes());
    let mut query: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && *pair != "cursor" && !pair.starts_with("cursor="))
        .collect();
    let cursor = format!("cursor={cursor}");
    query.push(&cursor);
    HeaderValue::from_str(&format!(
        "<{}?{}>; rel=\"next\"",
        uri.path(),
        query.join("&")
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_page_has_fifty_rows_unless_asked_otherwise() {
        assert_eq!(
            Page::read(&uri("/api/tickets")),
            Ok(Page {
                limit: 50,
                before: i64::MAX
            })
        );
        assert_eq!(
            Page::read(&uri("/api/tickets?limit=7")).map(|page| page.limit),
            Ok(7)
        );
        assert_eq!(
            Page::read(&uri("/api/tickets?limit=500")).map(|page| page.limit),
            Ok(100)
        );
    }

    #[test]
    fn a_next_link_leads_on_and_keeps_the_search() {
        let link = next_link(&uri("/api/tickets?q=rock&limit=2&cursor=old"), 42).unwrap();
        let link = link.to_str().unwrap();
        let target = link
            .strip_prefix('<')
            .and_then(|rest| rest.split('>').next())
            .unwrap();
        assert!(target.starts_with("/api/tickets?q=rock&limit=2&cursor="));
        assert_eq!(
            Page::read(&uri(target)),
            Ok(Page {
                limit: 2,
                before: 42
            })
        );
    }

    #[test]
    fn a_cursor_that_we_did_not_give_is_refused() {
        for cursor in ["x", "AAAA", "%00", "////", "AAAAAAAAAAA"] {
            assert_eq!(
                Page::read(&uri(&format!("/?cursor={cursor}"))),
                Err(PageError::Cursor)
            );
        }
    }

    #[test]
    fn a_limit_that_is_no_number_is_refused() {
        for limit in ["0", "-1", "x", "1.5", "99999999999999999999", ""] {
            assert_eq!(
                Page::read(&uri(&format!("/?limit={limit}"))),
                Err(PageError::Limit)
            );
        }
    }

    #[test]
    fn parameters_are_percent_decoded() {
        assert_eq!(
            parameter(&uri("/?q=a%20b+c%25%zz"), "q").as_deref(),
            Some("a b c%%zz")
        );
        assert_eq!(parameter(&uri("/?q=%ff"), "q").as_deref(), Some("\u{fffd}"));
    }
}
