//! The two cookies of a session: the access token for every path, the refresh token for auth alone.

use http::HeaderMap;
use kit::{ACCESS_TOKEN_SECONDS, Cookie, SESSION_COOKIE};

use crate::{REFRESH_TOKEN_SECONDS, RefreshToken};

/// The name of the cookie that holds the refresh token.
pub const REFRESH_COOKIE: &str = "refresh";

const SESSION_PATH: &str = "/";
const REFRESH_PATH: &str = "/api/users";

/// Gives the visitor both cookies.
pub fn set_cookies(
    headers: &mut HeaderMap,
    access_token: &str,
    refresh: &RefreshToken,
    secure: bool,
) {
    session(access_token, ACCESS_TOKEN_SECONDS, secure).set(headers);
    refresh_cookie(refresh.as_str(), REFRESH_TOKEN_SECONDS, secure).set(headers);
}

/// Takes both cookies from the visitor.
pub fn clear_cookies(headers: &mut HeaderMap, secure: bool) {
    session("", 0, secure).set(headers);
    refresh_cookie("", 0, secure).set(headers);
}

fn session(value: &str, max_age: u64, secure: bool) -> Cookie<'_> {
    Cookie {
        name: SESSION_COOKIE,
        value,
        path: SESSION_PATH,
        max_age,
        secure,
    }
}

fn refresh_cookie(value: &str, max_age: u64, secure: bool) -> Cookie<'_> {
    Cookie {
        name: REFRESH_COOKIE,
        value,
        path: REFRESH_PATH,
        max_age,
        secure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(headers: &HeaderMap) -> Vec<&str> {
        headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    #[test]
    fn a_session_is_two_cookies_of_which_one_is_sent_to_auth_only() {
        let mut headers = HeaderMap::new();
        let token = RefreshToken::read(&"A".repeat(43)).unwrap();
        set_cookies(&mut headers, "a.b.c", &token, true);
        let refresh = format!(
            "refresh={}; Path=/api/users; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure",
            "A".repeat(43)
        );
        assert_eq!(
            texts(&headers),
            [
                "session=a.b.c; Path=/; Max-Age=900; HttpOnly; SameSite=Lax; Secure",
                refresh.as_str()
            ]
        );
    }

    #[test]
    fn cookies_are_cleared_where_they_were_set() {
        let mut headers = HeaderMap::new();
        clear_cookies(&mut headers, false);
        assert_eq!(
            texts(&headers),
            [
                "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
                "refresh=; Path=/api/users; Max-Age=0; HttpOnly; SameSite=Lax"
            ]
        );
    }
}
