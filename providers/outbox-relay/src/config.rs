//! The provider's configuration: which outboxes, which stream, how much at a time.
//! Every key is in the README's table. The addresses hold passwords and never reach a log.

use std::collections::HashMap;
use std::time::Duration;

use jetstream_kit::{ConfigError, Settings};

/// How long a connection attempt to Postgres may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// After this time without traffic the server is asked whether it is still there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
/// After this time without an answer the connection counts as dead.
const USER_TIMEOUT: Duration = Duration::from_secs(20);

/// An outbox to relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The service that owns it: events come from `/<stream in lower case>/<service>`.
    pub service: String,
    /// Its database, with the relay's role. `Debug` leaves the password out.
    pub database: tokio_postgres::Config,
}

/// What the relay does with every source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayConfig {
    /// The outboxes.
    pub sources: Vec<Source>,
    /// The event stream.
    pub stream: String,
    /// Where rows go that can never be published.
    pub dead_letter_stream: String,
    /// Rows that are published at a time.
    pub batch: u32,
    /// How often an outbox is looked at without a notification.
    pub poll: Duration,
}

impl RelayConfig {
    /// Reads the provider's configuration and secrets.
    ///
    /// # Errors
    /// When a value is missing or malformed. The error never quotes an address.
    pub fn from_provider(values: &HashMap<String, String>) -> Result<Self, ConfigError> {
        let settings = Settings::from(values);
        let sources = settings.list("sources");
        if sources.is_empty() {
            return Err(ConfigError::new("sources", "is missing"));
        }
        Ok(Self {
            sources: sources
                .into_iter()
                .map(|service| source(&settings, service))
                .collect::<Result<_, _>>()?,
            stream: settings.get("stream").unwrap_or("TICKETING").to_owned(),
            dead_letter_stream: settings
                .get("dead_letter_stream")
                .unwrap_or("TICKETING_DEAD_LETTERS")
                .to_owned(),
            batch: settings.number("batch", 500, 1)?,
            poll: settings.millis("poll_ms", 1000)?,
        })
    }
}

fn source(settings: &Settings<'_>, service: String) -> Result<Source, ConfigError> {
    // It becomes a part of subjects and of each event's source.
    if !service
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    {
        return Err(ConfigError::new(
            "sources",
            "may name services with lower-case letters, digits and - only",
        ));
    }
    let key = format!(
        "{}_OUTBOX_URL",
        service.to_ascii_uppercase().replace('-', "_")
    );
    let mut database: tokio_postgres::Config = settings
        .required(&key)?
        .parse()
        .map_err(|_| ConfigError::new(&key, "must be a Postgres URL"))?;
    database
        .application_name(format!("outbox-relay {service}"))
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives_idle(KEEPALIVE_IDLE)
        .tcp_user_timeout(USER_TIMEOUT);
    Ok(Source { service, database })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<RelayConfig, ConfigError> {
        RelayConfig::from_provider(
            &pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn every_source_needs_its_address() {
        let error = config(&[("sources", "tickets")]).unwrap_err();
        assert_eq!(error.to_string(), "TICKETS_OUTBOX_URL is missing");
    }

    #[test]
    fn the_rest_has_defaults() {
        let config = config(&[
            ("sources", "tickets"),
            ("TICKETS_OUTBOX_URL", "postgres://relay:pw@db:5432/tickets"),
        ])
        .unwrap();
        assert_eq!(config.stream, "TICKETING");
        assert_eq!((config.batch, config.poll), (500, Duration::from_secs(1)));
        assert_eq!(config.sources[0].database.get_dbname(), Some("tickets"));
    }

    #[test]
    fn a_malformed_address_is_refused_without_being_quoted() {
        let error = config(&[
            ("sources", "tickets"),
            ("TICKETS_OUTBOX_URL", "postgres://relay:secret@db:no-port/x"),
        ])
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "TICKETS_OUTBOX_URL must be a Postgres URL"
        );
    }

    #[test]
    fn the_password_is_left_out_of_debug() {
        let config = config(&[
            ("sources", "tickets"),
            ("TICKETS_OUTBOX_URL", "postgres://relay:secret@db/tickets"),
        ])
        .unwrap();
        assert!(!format!("{config:?}").contains("secret"));
    }
}
