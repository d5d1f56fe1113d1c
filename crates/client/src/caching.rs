//! How long a file may be kept, and whether the client's copy is still good (RFC 9110, 13; RFC 8246).

use http::{HeaderMap, header};

use crate::Asset;
use crate::encoding::Encoding;

/// A name that changes with the content: the file of that name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// May be kept, but is asked for every time, with its tag.
const ASK: &str = "no-cache";

/// The characters of the hash in a built file's name.
const HASH_CHARS: usize = 8;

/// The `Cache-Control` of a file with this path.
pub fn cache_control(path: &str) -> &'static str {
    if is_hashed(path) { FOR_EVER } else { ASK }
}

/// Whether `path` is one that the bundler made from the content: `/assets/<name>-<hash>.<ext>`. A word
/// of small letters is taken for a name, not for a hash: asking once too often does no harm.
fn is_hashed(path: &str) -> bool {
    let Some(name) = path.strip_prefix("/assets/") else {
        return false;
    };
    let Some((stem, _)) = name
        .rsplit('/')
        .next()
        .and_then(|name| name.split_once('.'))
    else {
        return false;
    };
    let Some((rest, hash)) = stem
        .len()
        .checked_sub(HASH_CHARS)
        .and_then(|at| stem.split_at_checked(at))
    else {
        return false;
    };
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    rest.len() > 1
        && rest.ends_with('-')
        && hash.bytes().all(alphabet)
        && hash
            .bytes()
            .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// The strong entity tag of `asset` in `encoding`: each form has bytes, so a tag, of its own.
pub fn entity_tag(asset: &Asset, encoding: Encoding) -> String {
    match encoding {
        Encoding::Identity => format!("\"{}\"", asset.digest),
        _ => format!("\"{}-{}\"", asset.digest, encoding.name()),
    }
}

/// Whether the client has the bytes that `tag` stands for already (`If-None-Match`).
pub fn is_fresh(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        // The comparison is the weak one: a proxy on the way may have weakened the tag.
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(known: &str) -> bool {
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, known.parse().unwrap())]);
        is_fresh(&headers, "\"abc-br\"")
    }

    #[test]
    fn built_files_are_kept_for_ever() {
        for path in [
            "/assets/index-D4f5k2xQ.js",
            "/assets/index-a-b_c-12.css",
            "/assets/fonts/x-01234567.woff2",
            "/assets/a-D4f5k2xQ.js.map",
        ] {
            assert_eq!(
                cache_control(path),
                "public, max-age=31536000, immutable",
                "{path}"
            );
        }
    }

    #[test]
    fn what_may_change_under_its_name_is_asked_for() {
        for path in [
            "/index.html",
            "/app.js",
            "/index-D4f5k2xQ.js",
            "/assets/app-settings.js",
            "/assets/-D4f5k2xQ.js",
            "/assets/D4f5k2xQ.js",
            "/assets/x.js",
            "/assets/né-D4f5k2x.js",
            "/api/openapi.json",
        ] {
            assert_eq!(cache_control(path), "no-cache", "{path}");
        }
    }

    #[test]
    fn a_copy_with_the_same_tag_is_good() {
        assert!(fresh("\"abc-br\""));
        assert!(fresh("W/\"abc-br\""));
        assert!(fresh("\"x\", \"abc-br\""));
        assert!(fresh("*"));
    }

    #[test]
    fn a_copy_of_another_version_or_form_is_not() {
        assert!(!fresh("\"abc\""));
        assert!(!fresh("\"xyz-br\""));
        assert!(!fresh("abc-br"));
        assert!(!is_fresh(&HeaderMap::new(), "\"abc-br\""));
    }
}
