//! What an operator configures, checked: a wrong or missing value stops the start with one line.
//! An empty variable counts as absent.
use anyhow::{Context as _, Result, bail, ensure};
use url::Url;

use crate::cli::Up;
use crate::lattice::Overrides;

/// As many hosts as one machine is good for.
const MOST_HOSTS: u64 = 16;

/// The checked configuration of `up`.
#[derive(Debug)]
pub struct Settings {
    /// 0 for any free port.
    pub port: u16,
    pub fresh: bool,
    /// At least 1; more than one get a network namespace each.
    pub hosts: usize,
    /// At least 1 s, at most 30 days.
    pub order_expiration_seconds: u32,
    /// Three lower-case letters.
    pub currency: String,
    pub stripe: Stripe,
    /// `None` to start one.
    pub database: Option<Url>,
    /// `host:port`; `None` to start one.
    pub nats: Option<String>,
}

/// Which Stripe takes the payments.
#[derive(Debug)]
pub enum Stripe {
    /// The test double, with keys of the operator's or made up.
    Double(GivenKeys),
    /// Stripe itself or another service with its API.
    Real { api_base: Url, keys: Keys },
}

/// Keys that may be absent.
#[derive(Debug)]
pub struct GivenKeys {
    pub secret: Option<String>,
    pub publishable: Option<String>,
    pub webhook: Option<String>,
}

/// A full set of keys.
#[derive(Clone, Debug)]
pub struct Keys {
    pub secret: String,
    pub publishable: String,
    pub webhook: String,
}

impl Settings {
    /// Checks every value.
    ///
    /// # Errors
    /// Names the variable and what is wrong with it.
    pub fn check(up: &Up) -> Result<Self> {
        let hosts = number("--hosts", &up.hosts, 1, MOST_HOSTS)?;
        let stripe = stripe(up)?;
        if let Stripe::Real { api_base, .. } = &stripe {
            ensure!(
                hosts == 1 || api_base.scheme() == "http",
                "--hosts {hosts}: in network namespaces of their own, hosts do not reach {api_base}; leave STRIPE_API_BASE out, or \
                 start one host"
            );
        }
        Ok(Self {
            port: number("PORT", &up.port, 0, u64::from(u16::MAX))?,
            fresh: up.fresh,
            hosts,
            order_expiration_seconds: number(
                "ORDER_EXPIRATION_SECONDS",
                &up.order_expiration_seconds,
                1,
                30 * 86_400,
            )?,
            currency: currency(&up.currency)?,
            stripe,
            database: database(up.database.database_url.as_deref())?,
            nats: nats(up.nats_url.as_deref())?,
        })
    }
}

/// Checks a database URL; `None` when there is none.
///
/// # Errors
/// When it is not a Postgres URL with a host and a user.
pub fn database(given: Option<&str>) -> Result<Option<Url>> {
    let Some(text) = present(given) else {
        return Ok(None);
    };
    // The value may hold a password and is not repeated.
    let url = Url::parse(text).context("DATABASE_URL is not a URL")?;
    ensure!(
        matches!(url.scheme(), "postgres" | "postgresql"),
        "DATABASE_URL must start with postgres://, not {}://",
        url.scheme()
    );
    ensure!(
        url.host_str().is_some_and(|host| !host.is_empty()),
        "DATABASE_URL names no host"
    );
    ensure!(!url.username().is_empty(), "DATABASE_URL names no user");
    Ok(Some(url))
}

fn present(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

/// A whole number from `least` to `most`.
///
/// # Errors
/// Names the setting when it is anything else.
pub fn number<T: TryFrom<u64>>(name: &str, text: &str, least: u64, most: u64) -> Result<T> {
    text.trim()
        .parse::<u64>()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .and_then(|number| T::try_from(number).ok())
        .with_context(|| {
            format!("{name} must be a whole number from {least} to {most}, not {text:?}")
        })
}

fn currency(text: &str) -> Result<String> {
    let text = text.trim();
    ensure!(
        text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_lowercase()),
        "CURRENCY must be three lower-case letters such as usd, not {text:?}"
    );
    Ok(text.to_owned())
}

fn stripe(up: &Up) -> Result<Stripe> {
    let given = GivenKeys {
        secret: present(up.stripe_secret_key.as_deref()).map(str::to_owned),
        publishable: present(up.stripe_publishable_key.as_deref()).map(str::to_owned),
        webhook: present(up.stripe_webhook_secret.as_deref()).map(str::to_owned),
    };
    let Some(base) = present(up.stripe_api_base.as_deref()) else {
        return Ok(Stripe::Double(given));
    };
    let api_base = http_url("STRIPE_API_BASE", base)?;
    let required = |name: &str, value: Option<String>| {
        value.with_context(|| format!("{name} is required with STRIPE_API_BASE"))
    };
    Ok(Stripe::Real {
        api_base,
        keys: Keys {
            secret: required("STRIPE_SECRET_KEY", given.secret)?,
            publishable: required("STRIPE_PUBLISHABLE_KEY", given.publishable)?,
            webhook: required("STRIPE_WEBHOOK_SECRET", given.webhook)?,
        },
    })
}

fn http_url(name: &str, text: &str) -> Result<Url> {
    let url = Url::parse(text).with_context(|| format!("{name} is not a URL: {text:?}"))?;
    ensure!(
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some(),
        "{name} must be an http or https URL, not {text:?}"
    );
    Ok(url)
}

/// Checks a NATS URL and gives `host:port`; `None` when there is none.
///
/// # Errors
/// When it is not a NATS URL with a host.
pub fn nats(given: Option<&str>) -> Result<Option<String>> {
    let Some(text) = present(given) else {
        return Ok(None);
    };
    let url = Url::parse(text).with_context(|| format!("NATS_URL is not a URL: {text:?}"))?;
    let Some(host) = url
        .host_str()
        .filter(|host| url.scheme() == "nats" && !host.is_empty())
    else {
        bail!("NATS_URL must be nats://host:port, not {text:?}");
    };
    Ok(Some(format!("{host}:{}", url.port().unwrap_or(4222))))
}

/// Reads `configuration.PROPERTY=value`; a value may hold any further `.` and `=`.
///
/// # Errors
/// When one is anything else.
pub fn overrides(settings: &[String]) -> Result<Overrides> {
    let mut overrides = Overrides::new();
    for setting in settings {
        let (configuration, property, value) = setting
            .split_once('=')
            .and_then(|(name, value)| {
                let (configuration, property) = name.split_once('.')?;
                Some((configuration, property, value))
            })
            .with_context(|| format!("--set {setting:?} is not configuration.PROPERTY=value"))?;
        overrides
            .entry(configuration.to_owned())
            .or_default()
            .insert(property.to_owned(), value.to_owned());
    }
    Ok(overrides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn check(arguments: &[&str]) -> Result<Settings> {
        let all = ["ticketing", "up"].iter().chain(arguments);
        match Cli::try_parse_from(all)?.command {
            Command::Up(up) => Settings::check(&up),
            _ => bail!("not up"),
        }
    }

    fn refusal(arguments: &[&str]) -> String {
        check(arguments)
            .map(|_| String::new())
            .unwrap_or_else(|error| format!("{error:#}"))
    }

    #[test]
    fn the_defaults_are_the_contracts() {
        let settings = check(&[]).expect("defaults are valid");
        assert_eq!(settings.port, 8000);
        assert_eq!(settings.order_expiration_seconds, 900);
        assert_eq!(settings.currency, "usd");
        assert!(matches!(settings.stripe, Stripe::Double(_)));
    }

    #[test]
    fn a_wrong_value_is_named() {
        assert!(refusal(&["--port", "eighty"]).contains("PORT"));
        assert!(refusal(&["--port", "70000"]).contains("PORT"));
        assert!(refusal(&["--order-expiration-seconds", "0"]).contains("ORDER_EXPIRATION_SECONDS"));
        assert!(refusal(&["--currency", "USD"]).contains("CURRENCY"));
        assert!(refusal(&["--database-url", "mysql://a@b/c"]).contains("DATABASE_URL"));
        assert!(refusal(&["--nats-url", "http://b"]).contains("NATS_URL"));
        assert!(refusal(&["--hosts", "0"]).contains("--hosts"));
    }

    #[test]
    fn another_stripe_needs_all_its_keys() {
        let base = ["--stripe-api-base", "https://stripe.example"];
        assert!(refusal(&base).contains("STRIPE_SECRET_KEY is required"));
        let all = [
            &base[..],
            &[
                "--stripe-secret-key",
                "sk",
                "--stripe-publishable-key",
                "pk",
            ],
        ]
        .concat();
        assert!(refusal(&all).contains("STRIPE_WEBHOOK_SECRET is required"));
        assert!(refusal(&["--stripe-api-base", "stripe"]).contains("STRIPE_API_BASE"));
    }

    #[test]
    fn several_hosts_cannot_reach_another_machines_stripe() {
        let stripe = |base: &'static str| {
            [
                "--hosts",
                "3",
                "--stripe-api-base",
                base,
                "--stripe-secret-key",
                "sk",
                "--stripe-publishable-key",
                "pk",
                "--stripe-webhook-secret",
                "whsec",
            ]
        };
        assert!(refusal(&stripe("https://api.stripe.com")).contains("--hosts 3"));
        assert_eq!(refusal(&stripe("http://127.0.0.1:8420")), "");
        assert_eq!(check(&["--hosts", "3"]).expect("valid").hosts, 3);
    }

    #[test]
    fn an_empty_value_counts_as_absent() {
        let settings = check(&["--database-url", "", "--nats-url", " "]).expect("valid");
        assert!(settings.database.is_none());
        assert!(settings.nats.is_none());
    }

    #[test]
    fn a_refused_database_url_is_not_repeated() {
        assert!(!refusal(&["--database-url", "mysql://root:hunter2@b/c"]).contains("hunter2"));
    }

    #[test]
    fn a_setting_names_a_configuration_and_its_property() {
        let settings = [
            "ingress.address=0.0.0.0:8000".to_owned(),
            "ingress.routes=/=127.0.0.1:1".to_owned(),
        ];
        let overrides = overrides(&settings).expect("well formed");
        assert_eq!(overrides["ingress"]["address"], "0.0.0.0:8000");
        assert_eq!(overrides["ingress"]["routes"], "/=127.0.0.1:1");
    }

    #[test]
    fn anything_else_is_refused() {
        for setting in ["ingress", "ingress.address", "address=1"] {
            assert!(overrides(&[setting.to_owned()]).is_err(), "{setting}");
        }
    }
}
