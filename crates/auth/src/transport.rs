//! How a request came to the shop: cookies are `Secure` unless it was plain http on one's own machine,
//! where some browsers would drop such cookies.

use http::{Request, header, uri::Authority};

/// Whether the cookies of the answer must travel over https alone. The ingress says how the request
/// came (`X-Forwarded-Proto`, `Host`); what cannot be told counts as the outside world.
#[must_use]
pub fn needs_secure_cookies<B>(request: &Request<B>) -> bool {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let plain = header("x-forwarded-proto")
        .and_then(|protocols| protocols.split(',').next())
        .is_none_or(|protocol| protocol.trim().eq_ignore_ascii_case("http"));
    let local = header(header::HOST.as_str())
        .and_then(|host| host.parse::<Authority>().ok())
        .is_some_and(|authority| is_loopback(authority.host()));
    !(plain && local)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secure(protocol: Option<&str>, host: Option<&str>) -> bool {
        let mut request = Request::builder();
        if let Some(protocol) = protocol {
            request = request.header("x-forwarded-proto", protocol);
        }
        if let Some(host) = host {
            request = request.header("host", host);
        }
        needs_secure_cookies(&request.body(()).unwrap())
    }

    #[test]
    fn on_ones_own_machine_plain_http_will_do() {
        for host in [
            "localhost",
            "localhost:8000",
            "LOCALHOST:1",
            "127.0.0.1:8000",
            "[::1]:8000",
        ] {
            assert!(!secure(Some("http"), Some(host)), "{host}");
            assert!(!secure(None, Some(host)), "{host}");
        }
    }

    #[test]
    fn https_is_https_wherever_it_ends() {
        assert!(secure(Some("https"), Some("localhost:8000")));
        assert!(secure(Some("https, http"), Some("localhost:8000")));
    }

    #[test]
    fn everywhere_else_cookies_are_secure_whatever_the_request_says() {
        for host in [
            "shop.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "10.0.0.1:8000",
            "::1",
            "",
        ] {
            assert!(secure(Some("http"), Some(host)), "{host}");
        }
        assert!(secure(Some("http"), None));
    }
}
