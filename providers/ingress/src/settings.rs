//! The provider's configuration: every key, its default and what makes it wrong.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http::uri::Authority;

use crate::route::{Route, Routes};

const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);
const DEFAULT_MAX_BODY_BYTES: usize = 64 * 1024;
const DEFAULT_MAX_CONNECTIONS: usize = 4096;
/// Some more than a component has instances.
const DEFAULT_MAX_IN_FLIGHT: usize = 128;
const DEFAULT_CACHE_MAX_BYTES: u64 = 32 * 1024 * 1024;
const DEFAULT_UPSTREAM_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const DEFAULT_CLIENT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// What the ingress is told by its provider configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `address`: where clients connect.
    pub address: SocketAddr,
    /// `routes`: which upstream answers which paths.
    pub routes: Routes,
    /// `public_scheme`: what clients use, for `X-Forwarded-Proto`; `https` behind a TLS balancer.
    pub public_scheme: Scheme,
    /// `max_body_bytes`: the largest request body that is let through.
    pub max_body_bytes: usize,
    /// `max_connections`: how many client connections are open at most; others wait to be accepted.
    pub max_connections: usize,
    /// `max_in_flight`: how many requests an upstream has at most; others wait for their turn.
    pub max_in_flight: usize,
    /// `connect_timeout_ms`: how long an upstream may take to accept a connection.
    pub connect_timeout: Duration,
    /// `upstream_timeout_ms`: how long an upstream may take to answer, and to send each further
    /// part of its answer.
    pub upstream_timeout: Duration,
    /// `client_timeout_ms`: how long a client may take to send its request's head, then its body;
    /// an idle connection is closed after as long.
    pub client_timeout: Duration,
    /// `idempotent_writes`: whether every upstream knows a write again by its `Idempotency-Key`. Then
    /// one that has no answer is asked again.
    pub idempotent_writes: bool,
    /// `cache_max_bytes`: how much is kept of what origins let everybody share; 0 keeps nothing.
    pub cache_max_bytes: u64,
    /// `drain_timeout_ms`: how long requests in flight may take to finish at shutdown.
    pub drain_timeout: Duration,
    /// `health_upstreams`: services without a public route that `/healthz` asks too.
    pub health_upstreams: Vec<Route>,
    /// `health_providers`: ids of the providers that `/healthz` asks over the lattice.
    pub health_providers: Vec<String>,
}

/// The scheme of the public address as clients see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A configuration value that cannot be used; the text says which and why, on one line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    #[error("{key}: {value:?} is not {expected}")]
    Malformed {
        key: &'static str,
        value: String,
        expected: &'static str,
    },
    #[error("routes: the prefix {0:?} is given twice")]
    DuplicatePrefix(String),
    #[error("routes: at least one `prefix=host:port` is needed")]
    NoRoutes,
}

impl Settings {
    /// Settings with these routes and the default of everything else.
    pub fn new(routes: Routes) -> Self {
        Self {
            address: DEFAULT_ADDRESS,
            routes,
            public_scheme: Scheme::Http,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_connections: DEFAULT_MAX_CONNECTIONS,
            max_in_flight: DEFAULT_MAX_IN_FLIGHT,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            upstream_timeout: DEFAULT_UPSTREAM_TIMEOUT,
            client_timeout: DEFAULT_CLIENT_TIMEOUT,
            drain_timeout: DEFAULT_DRAIN_TIMEOUT,
            idempotent_writes: false,
            cache_max_bytes: DEFAULT_CACHE_MAX_BYTES,
            health_upstreams: Vec::new(),
            health_providers: Vec::new(),
        }
    }

    /// Reads the provider configuration; keys that are absent or blank take their default.
    ///
    /// # Errors
    /// The first value that is malformed, or `routes` missing.
    pub fn from_config(config: &HashMap<String, String>) -> Result<Self, SettingsError> {
        let config = Config(config);
        let routes =
            config.named_upstreams("routes", "a list of `/prefix=host:port`", |prefix| {
                prefix.starts_with('/')
            })?;
        let mut settings = Self::new(Routes::new(routes)?);
        if let Some(address) = config.parsed("address", "an address such as 127.0.0.1:8000")? {
            settings.address = address;
        }
        if let Some(scheme) = config.get("public_scheme") {
            settings.public_scheme = match scheme {
                "http" => Scheme::Http,
                "https" => Scheme::Https,
                other => return Err(malformed("public_scheme", other, "`http` or `https`")),
            };
        }
        if let Some(bytes) = config.parsed("max_body_bytes", "a number of bytes")? {
            settings.max_body_bytes = bytes;
        }
        if let Some(bytes) = config.parsed("cache_max_bytes", "a number of bytes")? {
            settings.cache_max_bytes = bytes;
        }
        for (key, count) in [
            ("max_connections", &mut settings.max_connections),
            ("max_in_flight", &mut settings.max_in_flight),
        ] {
            if let Some(number) = config.parsed::<usize>(key, A_COUNT)? {
                if number == 0 {
                    return Err(malformed(key, "0", A_COUNT));
                }
                *count = number;
            }
        }
        for (key, timeout) in [
            ("connect_timeout_ms", &mut settings.connect_timeout),
            ("upstream_timeout_ms", &mut settings.upstream_timeout),
            ("client_timeout_ms", &mut settings.client_timeout),
            ("drain_timeout_ms", &mut settings.drain_timeout),
        ] {
            if let Some(milliseconds) = config.parsed::<u64>(key, MILLISECONDS)? {
                if milliseconds == 0 {
                    return Err(malformed(key, "0", MILLISECONDS));
                }
                *timeout = Duration::from_millis(milliseconds);
            }
        }
        if let Some(known) = config.parsed("idempotent_writes", "`true` or `false`")? {
            settings.idempotent_writes = known;
        }
        settings.health_upstreams =
            config.named_upstreams("health_upstreams", "a list of `name=host:port`", |name| {
                !name.is_empty()
            })?;
        settings.health_providers = config
            .list("health_providers")
            .map(|id| {
                // An id becomes one token of a NATS subject.
                let token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                if id.chars().all(token) {
                    Ok(id.to_owned())
                } else {
                    Err(malformed("health_providers", id, "a provider id"))
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(settings)
    }
}

const MILLISECONDS: &str = "a number of milliseconds above 0";
const A_COUNT: &str = "a number above 0";

/// Typed reading of the host's string map.
struct Config<'a>(&'a HashMap<String, String>);

impl<'a> Config<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        let value = self.0.get(key)?.trim();
        (!value.is_empty()).then_some(value)
    }

    fn parsed<T: std::str::FromStr>(
        &self,
        key: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, SettingsError> {
        self.get(key)
            .map(|value| value.parse().map_err(|_| malformed(key, value, expected)))
            .transpose()
    }

    fn list(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.get(key)
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }

    /// A comma list of `name=host:port`, or of `name=host:port|host:port` for equals.
    fn named_upstreams(
        &self,
        key: &'static str,
        expected: &'static str,
        name_is_valid: fn(&str) -> bool,
    ) -> Result<Vec<Route>, SettingsError> {
        self.list(key)
            .map(|item| {
                let (name, upstreams) = item.split_once('=')?;
                let name = name.trim();
                let mut upstreams = upstreams.split('|').map(authority);
                let first = upstreams.next().flatten()?;
                let others = upstreams.collect::<Option<Vec<_>>>()?;
                name_is_valid(name).then(|| Route::among(name, first, others))
            })
            .zip(self.list(key))
            .map(|(route, item)| route.ok_or_else(|| malformed(key, item, expected)))
            .collect()
    }
}

/// `host:port` of an upstream.
fn authority(text: &str) -> Option<Authority> {
    let upstream: Authority = text.trim().parse().ok()?;
    let usable = upstream.port_u16().is_some_and(|port| port > 0)
        && !upstream.host().is_empty()
        && !upstream.as_str().contains('@');
    usable.then_some(upstream)
}

fn malformed(key: &'static str, value: &str, expected: &'static str) -> SettingsError {
    SettingsError::Malformed {
        key,
        value: value.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let config = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Settings::from_config(&config)
    }

    fn error(pairs: &[(&str, &str)]) -> String {
        read(pairs).expect_err("the settings are wrong").to_string()
    }

    #[test]
    fn only_routes_are_required() {
        let settings = read(&[("routes", "/=127.0.0.1:8106")]).unwrap();
        assert_eq!(settings.address.to_string(), "127.0.0.1:8000");
        assert_eq!(settings.max_body_bytes, 65536);
        assert_eq!(settings.upstream_timeout, Duration::from_secs(30));
        assert!(settings.health_providers.is_empty());
    }

    #[test]
    fn every_key_is_read() {
        let settings = read(&[
            ("routes", "/api/tickets=127.0.0.1:8102, /=localhost:8106"),
            ("address", "0.0.0.0:80"),
            ("public_scheme", "https"),
            ("max_body_bytes", "10"),
            ("max_connections", "5"),
            ("max_in_flight", "6"),
            ("connect_timeout_ms", "1"),
            ("upstream_timeout_ms", "2"),
            ("client_timeout_ms", "3"),
            ("drain_timeout_ms", "4"),
            ("idempotent_writes", "true"),
            ("cache_max_bytes", "6"),
            ("health_upstreams", "expiration=127.0.0.1:8105"),
            ("health_providers", "cron, outbox-relay"),
        ])
        .unwrap();
        assert_eq!(settings.address.to_string(), "0.0.0.0:80");
        assert_eq!(settings.public_scheme, Scheme::Https);
        assert_eq!(settings.max_body_bytes, 10);
        assert_eq!((settings.max_connections, settings.max_in_flight), (5, 6));
        assert_eq!(settings.connect_timeout, Duration::from_millis(1));
        assert_eq!(settings.upstream_timeout, Duration::from_millis(2));
        assert_eq!(settings.client_timeout, Duration::from_millis(3));
        assert_eq!(settings.drain_timeout, Duration::from_millis(4));
        assert!(settings.idempotent_writes);
        assert_eq!(settings.cache_max_bytes, 6);
        assert_eq!(settings.health_upstreams.len(), 1);
        assert_eq!(settings.health_providers, ["cron", "outbox-relay"]);
    }

    #[test]
    fn missing_routes_are_refused() {
        assert_eq!(read(&[]), Err(SettingsError::NoRoutes));
        assert_eq!(read(&[("routes", " ")]), Err(SettingsError::NoRoutes));
    }

    #[test]
    fn the_error_names_the_key_and_the_value() {
        assert_eq!(
            error(&[("routes", "/=127.0.0.1:1"), ("address", "here")]),
            "address: \"here\" is not an address such as 127.0.0.1:8000"
        );
        assert_eq!(
            error(&[("routes", "/=127.0.0.1:1"), ("upstream_timeout_ms", "0")]),
            "upstream_timeout_ms: \"0\" is not a number of milliseconds above 0"
        );
    }

    #[test]
    fn a_route_needs_a_prefix_and_an_upstream_with_a_port() {
        for route in [
            "/",
            "api=127.0.0.1:1",
            "/=127.0.0.1",
            "/=:1",
            "/=u@h:1",
            "/=h:0",
        ] {
            assert_eq!(
                error(&[("routes", route)]),
                format!("routes: {route:?} is not a list of `/prefix=host:port`")
            );
        }
    }

    #[test]
    fn a_route_may_lead_to_equals() {
        let settings = read(&[("routes", "/=10.0.0.2:80 | 10.0.0.3:80")]).unwrap();
        let route = settings.routes.find("/").unwrap();
        assert_eq!(route.destination(), "10.0.0.2:80 | 10.0.0.3:80");
        assert!(read(&[("routes", "/=10.0.0.2:80|")]).is_err());
    }

    #[test]
    fn a_provider_id_cannot_widen_a_subject() {
        let wrong = [("routes", "/=127.0.0.1:1"), ("health_providers", "a.>")];
        assert_eq!(
            error(&wrong),
            "health_providers: \"a.>\" is not a provider id"
        );
    }
}
