//! The configuration of a link on which this provider is the source: what a component is fed, and how.
//! Every key is in the README's table.

use std::collections::HashMap;
use std::time::Duration;

use jetstream_kit::{ConfigError, Settings, subject_prefix};

use crate::batch::BatchRules;
use crate::verdict::RetryRules;

/// How many messages may wait for their next delivery for each one that may be in flight.
///
/// JetStream counts a message whose delivery was put off as pending. Were the limit the number in
/// flight, that many failing messages would keep all others waiting.
const PENDING_PER_IN_FLIGHT: usize = 16;

/// The interface by which a component takes events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// `wasmcloud:messaging/handler`: one event in a call.
    Handler,
    /// `ticketing:messaging/batch-handler`: many.
    BatchHandler,
}

impl Interface {
    /// The interface of a link, by its namespace.
    #[must_use]
    pub fn of_link(namespace: &str) -> Self {
        match namespace {
            "ticketing" => Self::BatchHandler,
            _ => Self::Handler,
        }
    }
}

/// What a component is fed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedConfig {
    /// The event stream.
    pub stream: String,
    /// The durable consumer; instances of the provider that name the same one share its messages.
    pub consumer: String,
    /// Subjects of the stream that the component gets.
    pub filter_subjects: Vec<String>,
    /// After this time without a sign of life a message is delivered again. What is being handled gives one three times as
    /// often, so this is no limit to a call: it is how long a delivery stays lost that went down with a connection.
    pub ack_wait: Duration,
    /// How many events go into a call, when the component takes several.
    pub batches: Option<BatchRules>,
    /// Messages that the component handles, or that wait for a call, at a time, on one instance of the provider.
    pub max_in_flight: usize,
    /// Messages that are being handled or wait for their next delivery, in the whole lattice.
    pub max_ack_pending: usize,
    /// The longest that one call of the component may take.
    pub handler_timeout: Duration,
    /// When a message is tried again and when it is given up.
    pub retry: RetryRules,
    /// Where messages go that are given up.
    pub dead_letter_stream: String,
}

impl FeedConfig {
    /// Reads a link's configuration.
    ///
    /// # Errors
    /// When a value is missing or malformed.
    pub fn from_link(
        interface: Interface,
        values: &HashMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let settings = Settings::from(values);
        let stream = name(&settings, "stream", "TICKETING")?;
        let mut filter_subjects = settings.list("filter_subjects");
        if filter_subjects.is_empty() {
            filter_subjects.push(format!("{}.>", subject_prefix(&stream)));
        }
        let batches = match interface {
            Interface::Handler => None,
            Interface::BatchHandler => Some(BatchRules {
                max_batch: settings.number("max_batch", 256, 1)?,
                max_calls: settings.number("max_calls", 4, 1)?,
                next_call_after: settings.millis("next_call_after_ms", 250)?,
            }),
        };
        // In batches those of the call that is under way, and those of the next.
        let two_calls = batches.map_or(64, |rules| rules.max_batch.saturating_mul(2));
        let max_in_flight = settings.number("max_in_flight", two_calls, 1)?;
        Ok(Self {
            consumer: name(&settings, "consumer", "")?,
            filter_subjects,
            ack_wait: settings.millis("ack_wait_ms", 2_000)?,
            batches,
            max_in_flight,
            max_ack_pending: settings.number(
                "max_ack_pending",
                max_in_flight.saturating_mul(PENDING_PER_IN_FLIGHT),
                max_in_flight,
            )?,
            handler_timeout: settings.millis("handler_timeout_ms", 10_000)?,
            retry: RetryRules {
                max_deliver: settings.number("max_deliver", 10, 1)?,
                delay: settings.millis("nak_delay_ms", 250)?,
                delay_max: settings.millis("nak_delay_max_ms", 30_000)?,
            },
            dead_letter_stream: name(&settings, "dead_letter_stream", "TICKETING_DEAD_LETTERS")?,
            stream,
        })
    }
}

/// A stream's or a consumer's name: it becomes a part of subjects.
fn name(settings: &Settings<'_>, key: &str, default: &str) -> Result<String, ConfigError> {
    let name = match settings.get(key) {
        None if default.is_empty() => settings.required(key)?,
        None => default,
        Some(name) => name,
    };
    if name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    {
        Ok(name.to_owned())
    } else {
        Err(ConfigError::new(
            key,
            "may consist of letters, digits, - and _ only",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<FeedConfig, ConfigError> {
        config_of(Interface::Handler, pairs)
    }

    fn config_of(interface: Interface, pairs: &[(&str, &str)]) -> Result<FeedConfig, ConfigError> {
        FeedConfig::from_link(
            interface,
            &pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn only_the_consumer_has_to_be_named() {
        let config = config(&[("consumer", "orders")]).unwrap();
        assert_eq!(config.stream, "TICKETING");
        assert_eq!(config.filter_subjects, ["ticketing.>"]);
        assert_eq!(config.dead_letter_stream, "TICKETING_DEAD_LETTERS");
        assert_eq!(config.ack_wait, Duration::from_secs(2));
        assert_eq!((config.max_in_flight, config.max_ack_pending), (64, 1024));
        assert_eq!(config.retry.max_deliver, 10);
        assert_eq!(config.batches, None);
    }

    #[test]
    fn a_link_of_the_batch_interface_has_room_for_two_full_calls() {
        let interface = Interface::of_link("ticketing");
        let config = config_of(interface, &[("consumer", "orders"), ("max_batch", "10")]).unwrap();
        let rules = BatchRules {
            max_batch: 10,
            max_calls: 4,
            next_call_after: Duration::from_millis(250),
        };
        assert_eq!(config.batches, Some(rules));
        assert_eq!((config.max_in_flight, config.max_ack_pending), (20, 320));
        assert!(config_of(interface, &[("consumer", "orders"), ("max_calls", "0")]).is_err());
    }

    #[test]
    fn a_link_without_a_consumer_is_refused() {
        assert_eq!(config(&[]).unwrap_err().to_string(), "consumer is missing");
    }

    #[test]
    fn a_name_that_would_change_the_subject_is_refused() {
        assert!(config(&[("consumer", "orders.>")]).is_err());
        assert!(config(&[("consumer", "orders"), ("stream", "A B")]).is_err());
    }
}
