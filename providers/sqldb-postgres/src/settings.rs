//! A link's settings: the `POSTGRES_*` keys of its config and secrets, checked all at once.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use wasmcloud_provider_sdk::core::secrets::SecretValue;

/// Where a link's database is and how it is to be used.
///
/// `Debug` leaves the password out.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Host name, address, or the folder of a Unix socket when it begins with `/`.
    pub host: String,
    /// TCP port, also part of a Unix socket's name.
    pub port: u16,
    /// The database role.
    pub username: String,
    /// Its password.
    pub password: String,
    /// The database's name.
    pub database: String,
    /// Whether to speak TLS and verify the server, or plain text.
    pub tls_required: bool,
    /// Certificates in PEM that are trusted in place of the system's.
    pub tls_ca: Option<String>,
    /// Most connections for statements.
    pub pool_size: usize,
    /// Most connections for calls with several statements.
    pub batch_pool_size: usize,
    /// How long a statement may run on the server; zero for no limit.
    pub statement_timeout: Duration,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// How long a call may wait for a connection when all are in use.
    pub pool_wait_timeout: Duration,
}

/// What is missing or malformed in a link's config: one reason a key, all of them at once.
/// The keys of the pools' sizes, which whoever finds a pool used up is told, too.
pub(crate) const POOL_SIZE: &str = "POSTGRES_POOL_SIZE";
pub(crate) const BATCH_POOL_SIZE: &str = "POSTGRES_BATCH_POOL_SIZE";

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed link config: {}", .0.join("; "))]
pub struct InvalidSettings(Vec<String>);

impl Settings {
    /// Reads the settings of a link from its config and secrets; secrets win. The password may also be one of the
    /// provider's own secrets, whose name the link then says.
    ///
    /// # Errors
    /// When a required key is missing or a value is malformed. The message names the keys and never
    /// repeats a value.
    pub fn of_link(
        config: &HashMap<String, String>,
        secrets: &HashMap<String, SecretValue>,
        of_provider: &HashMap<String, SecretValue>,
    ) -> Result<Self, InvalidSettings> {
        let mut keys = Keys {
            config,
            secrets,
            of_provider,
            problems: Vec::new(),
        };
        let settings = Settings {
            host: keys.text("POSTGRES_HOST"),
            port: keys.number("POSTGRES_PORT", 5432, 1, u16::MAX),
            username: keys.text("POSTGRES_USERNAME"),
            password: keys.password("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_SECRET"),
            database: keys.text("POSTGRES_DATABASE"),
            tls_required: keys.boolean("POSTGRES_TLS_REQUIRED", false),
            tls_ca: keys.get("POSTGRES_TLS_CA").map(str::to_owned),
            pool_size: keys.number(POOL_SIZE, 16, 1, 1000),
            batch_pool_size: keys.number(BATCH_POOL_SIZE, 4, 1, 1000),
            statement_timeout: keys.millis("POSTGRES_STATEMENT_TIMEOUT_MS", 5000, 0),
            connect_timeout: keys.millis("POSTGRES_CONNECT_TIMEOUT_MS", 2000, 1),
            pool_wait_timeout: keys.millis("POSTGRES_POOL_WAIT_TIMEOUT_MS", 2000, 1),
        };
        match keys.problems {
            problems if problems.is_empty() => Ok(settings),
            problems => Err(InvalidSettings(problems)),
        }
    }

    /// Where the database is, for messages: host, port and database name.
    pub fn address(&self) -> String {
        format!("{}:{}/{}", self.host, self.port, self.database)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address())
            .field("username", &self.username)
            .field("tls_required", &self.tls_required)
            .field("pool_size", &self.pool_size)
            .field("batch_pool_size", &self.batch_pool_size)
            .finish_non_exhaustive()
    }
}

/// Reads keys and collects what is wrong with them.
struct Keys<'a> {
    config: &'a HashMap<String, String>,
    secrets: &'a HashMap<String, SecretValue>,
    of_provider: &'a HashMap<String, SecretValue>,
    problems: Vec<String>,
}

impl<'a> Keys<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.secrets
            .get(key)
            .and_then(SecretValue::as_string)
            .or_else(|| self.config.get(key).map(String::as_str))
    }

    fn text(&mut self, key: &str) -> String {
        match self.get(key).map(str::trim) {
            Some("") => self.problem(format!("{key} is empty")),
            Some(text) => text.to_owned(),
            None => self.problem(format!("{key} is missing")),
        }
    }

    /// A password may have spaces around it, and may be empty. `reference` is the key that names a secret of the
    /// provider's, and wins.
    fn password(&mut self, key: &str, reference: &str) -> String {
        if let Some(name) = self.get(reference) {
            let secret = self.of_provider.get(name).and_then(SecretValue::as_string);
            return match secret {
                Some(password) => password.to_owned(),
                None => self.problem(format!("{reference} names no secret of the provider's")),
            };
        }
        match self.get(key) {
            Some(password) => password.to_owned(),
            None => self.problem(format!("{key} is missing")),
        }
    }

    fn number<N>(&mut self, key: &str, default: N, least: N, most: N) -> N
    where
        N: FromStr + PartialOrd + fmt::Display + Copy,
    {
        let Some(text) = self.get(key) else {
            return default;
        };
        match text.trim().parse() {
            Ok(number) if number >= least && number <= most => number,
            _ => {
                self.problem(format!("{key} must be a number from {least} to {most}"));
                default
            }
        }
    }

    fn millis(&mut self, key: &str, default: u64, least: u64) -> Duration {
        const HOUR: u64 = 3_600_000;
        Duration::from_millis(self.number(key, default, least, HOUR))
    }

    fn boolean(&mut self, key: &str, default: bool) -> bool {
        let Some(text) = self.get(key) else {
            return default;
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => true,
            "false" | "no" | "0" => false,
            _ => {
                self.problem(format!("{key} must be true or false"));
                default
            }
        }
    }

    fn problem(&mut self, problem: String) -> String {
        self.problems.push(problem);
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: [(&str, &str); 4] = [
        ("POSTGRES_HOST", "db.internal"),
        ("POSTGRES_USERNAME", "orders_app"),
        ("POSTGRES_PASSWORD", "hunter2"),
        ("POSTGRES_DATABASE", "orders"),
    ];

    fn config(more: &[(&str, &str)]) -> HashMap<String, String> {
        REQUIRED
            .iter()
            .chain(more)
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    }

    fn read(config: &HashMap<String, String>) -> Result<Settings, InvalidSettings> {
        Settings::of_link(config, &HashMap::new(), &HashMap::new())
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let settings = read(&config(&[])).expect("valid");
        assert_eq!(settings.address(), "db.internal:5432/orders");
        assert_eq!((settings.pool_size, settings.batch_pool_size), (16, 4));
        assert!(!settings.tls_required);
        assert_eq!(settings.statement_timeout, Duration::from_secs(5));
        assert_eq!(settings.connect_timeout, Duration::from_secs(2));
    }

    #[test]
    fn a_secret_wins_over_the_config() {
        let secrets = HashMap::from([(
            "POSTGRES_PASSWORD".to_string(),
            SecretValue::String("from the vault".to_string()),
        )]);
        let settings = Settings::of_link(&config(&[]), &secrets, &HashMap::new()).expect("valid");
        assert_eq!(settings.password, "from the vault");
    }

    #[test]
    fn a_link_may_name_a_secret_of_the_provider() {
        let config = config(&[("POSTGRES_PASSWORD_SECRET", "orders-password")]);
        let named = |name: &str| {
            let secret = SecretValue::String("from the vault".to_string());
            let of_provider = HashMap::from([(name.to_string(), secret)]);
            Settings::of_link(&config, &HashMap::new(), &of_provider)
        };
        let settings = named("orders-password").expect("valid");
        assert_eq!(settings.password, "from the vault");
        // Not the password in the config: who names a secret means it.
        let error = named("another").unwrap_err();
        assert!(error.to_string().contains("POSTGRES_PASSWORD_SECRET"));
    }

    #[test]
    fn every_problem_is_named_at_once_and_no_value_is_repeated() {
        let mut config = config(&[
            ("POSTGRES_PORT", "70000"),
            ("POSTGRES_TLS_REQUIRED", "perhaps"),
            ("POSTGRES_POOL_SIZE", "0"),
            ("POSTGRES_CONNECT_TIMEOUT_MS", "soon"),
        ]);
        config.remove("POSTGRES_HOST");
        let message = read(&config).expect_err("invalid").to_string();
        for key in [
            "POSTGRES_HOST is missing",
            "POSTGRES_PORT must be",
            "POSTGRES_TLS_REQUIRED must be",
            "POSTGRES_POOL_SIZE must be",
            "POSTGRES_CONNECT_TIMEOUT_MS must be",
        ] {
            assert!(message.contains(key), "{message}");
        }
        assert!(!message.contains("70000") && !message.contains("hunter2"));
    }

    #[test]
    fn the_password_is_not_in_the_debug_output() {
        let settings = read(&config(&[])).expect("valid");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
