//! Cookies (RFC 6265): reading the ones that a browser sends, writing ours.

use http::{HeaderMap, HeaderValue, Request, header};

/// A cookie that the shop sets. Always HttpOnly and SameSite=Lax.
#[derive(Clone, Debug)]
pub struct Cookie<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value; only characters that need no quoting.
    pub value: &'a str,
    /// The path below which a browser sends it back.
    pub path: &'a str,
    /// Seconds until it goes away; 0 removes it at once.
    pub max_age: u64,
    /// Whether it travels over https alone.
    pub secure: bool,
}

impl Cookie<'_> {
    /// Adds this cookie to the headers of a response.
    pub fn set(&self, headers: &mut HeaderMap) {
        let Self {
            name,
            value,
            path,
            max_age,
            secure,
        } = self;
        let secure = if *secure { "; Secure" } else { "" };
        let text = format!(
            "{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}"
        );
        // Names and values are ours and plain ASCII; a value that is not is not worth a cookie.
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// The value of the cookie `name` in a request, when the browser sent one.
#[must_use]
pub fn request_cookie<'r, B>(request: &'r Request<B>, name: &str) -> Option<&'r str> {
    request
        .headers()
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let request = Request::builder()
            .header("cookie", "a=1; session=x.y.z;b=2")
            .body(())
            .unwrap();
        assert_eq!(request_cookie(&request, "session"), Some("x.y.z"));
        assert_eq!(request_cookie(&request, "sess"), None);
    }

    #[test]
    fn our_cookies_are_out_of_reach_of_scripts_and_other_sites() {
        let mut headers = HeaderMap::new();
        Cookie {
            name: "session",
            value: "v",
            path: "/",
            max_age: 900,
            secure: true,
        }
        .set(&mut headers);
        assert_eq!(
            headers["set-cookie"],
            "session=v; Path=/; Max-Age=900; HttpOnly; SameSite=Lax; Secure"
        );
    }
}
