//! The configuration of a link on which this provider is the source: when a component is invoked, with what.
//! Every key is in the README's table.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use jetstream_kit::{ConfigError, Settings};

use crate::schedule::Schedule;

/// When a component is invoked, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct CronConfig {
    /// When.
    pub schedule: Schedule,
    /// What it is given each time.
    pub payload: Bytes,
    /// The longest that one invocation may take.
    pub timeout: Duration,
}

impl CronConfig {
    /// Reads a link's configuration.
    ///
    /// # Errors
    /// When a value is missing or malformed, or both `expression` and `interval_ms` are given.
    pub fn from_link(values: &HashMap<String, String>) -> Result<Self, ConfigError> {
        let settings = Settings::from(values);
        let schedule = match (settings.get("expression"), settings.get("interval_ms")) {
            (Some(expression), None) => Schedule::cron(expression)
                .map_err(|error| ConfigError::new("expression", error.to_string()))?,
            (None, Some(_)) => Schedule::every(settings.number("interval_ms", 0, 1)?),
            (None, None) => {
                return Err(ConfigError::new("expression", "or interval_ms is missing"));
            }
            (Some(_), Some(_)) => {
                return Err(ConfigError::new(
                    "expression",
                    "and interval_ms exclude each other",
                ));
            }
        };
        Ok(Self {
            schedule,
            payload: Bytes::from(values.get("payload").cloned().unwrap_or_default()),
            timeout: settings.millis("timeout_ms", 10_000)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<CronConfig, ConfigError> {
        CronConfig::from_link(
            &pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn an_interval_is_enough() {
        let config = config(&[("interval_ms", "1000"), ("payload", "due")]).unwrap();
        assert_eq!(config.schedule, Schedule::every(1000));
        assert_eq!(config.payload, "due");
        assert_eq!(config.timeout, Duration::from_secs(10));
    }

    #[test]
    fn exactly_one_schedule_is_wanted() {
        assert!(config(&[]).is_err());
        assert!(config(&[("interval_ms", "1000"), ("expression", "0 * * * * *")]).is_err());
    }

    #[test]
    fn a_malformed_schedule_is_refused() {
        assert!(config(&[("interval_ms", "0")]).is_err());
        assert!(config(&[("expression", "every day")]).is_err());
    }
}
