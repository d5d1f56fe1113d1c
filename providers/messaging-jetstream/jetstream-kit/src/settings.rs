//! Reading the flat string configuration of links and providers.
//! A missing or malformed value is an error that names its key.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

/// A configuration value that is missing or malformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} {why}")]
pub struct ConfigError {
    key: String,
    why: String,
}

impl ConfigError {
    /// `why` continues the key to a sentence, for example "must be a number". No secrets.
    pub fn new(key: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            why: why.into(),
        }
    }
}

/// A link's or a provider's configuration. An empty value counts as missing.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a>(&'a HashMap<String, String>);

impl<'a> From<&'a HashMap<String, String>> for Settings<'a> {
    fn from(values: &'a HashMap<String, String>) -> Self {
        Self(values)
    }
}

impl<'a> Settings<'a> {
    /// The value of `key` without surrounding white space.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0
            .get(key)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// When it is missing.
    pub fn required(&self, key: &str) -> Result<&'a str, ConfigError> {
        self.get(key)
            .ok_or_else(|| ConfigError::new(key, "is missing"))
    }

    /// The number `key`, at least `least`, or `default` when it is missing.
    ///
    /// # Errors
    /// When it is not a number, or less than `least`.
    pub fn number<N>(&self, key: &str, default: N, least: N) -> Result<N, ConfigError>
    where
        N: FromStr + PartialOrd + std::fmt::Display,
    {
        match self.get(key).map(str::parse::<N>) {
            None => Ok(default),
            Some(Ok(number)) if number >= least => Ok(number),
            Some(_) => Err(ConfigError::new(
                key,
                format!("must be a whole number of at least {least}"),
            )),
        }
    }

    /// The duration `key` in milliseconds, at least one, or `default_ms` when it is missing.
    ///
    /// # Errors
    /// When it is not a number, or zero.
    pub fn millis(&self, key: &str, default_ms: u64) -> Result<Duration, ConfigError> {
        self.number(key, default_ms, 1).map(Duration::from_millis)
    }

    /// The comma-separated values of `key`; empty ones are left out.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<String> {
        self.get(key)
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn an_empty_value_is_a_missing_one() {
        let values = values(&[("consumer", "  ")]);
        let error = Settings::from(&values).required("consumer").unwrap_err();
        assert_eq!(error.to_string(), "consumer is missing");
    }

    #[test]
    fn a_number_that_is_none_is_named_with_its_key() {
        let values = values(&[("batch", "many"), ("poll_ms", "0")]);
        let settings = Settings::from(&values);
        assert_eq!(
            settings.number("batch", 1_u32, 1).unwrap_err().to_string(),
            "batch must be a whole number of at least 1"
        );
        assert!(settings.millis("poll_ms", 1000).is_err());
        assert_eq!(settings.number("other", 7_u32, 1), Ok(7));
    }

    #[test]
    fn a_list_ignores_spaces_and_empty_places() {
        let values = values(&[("sources", "tickets, orders,,")]);
        assert_eq!(
            Settings::from(&values).list("sources"),
            ["tickets", "orders"]
        );
    }
}
