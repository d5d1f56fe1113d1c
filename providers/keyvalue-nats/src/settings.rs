//! A link's settings: which buckets its component may open, and how long their values live.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Longest time to live: more is a typing error (100 years in seconds).
const MAX_TTL_SECONDS: u64 = 3_155_760_000;

/// What a link's config asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Settings of every bucket that the component may open, by name.
    pub buckets: BTreeMap<String, BucketSettings>,
}

/// How a bucket is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketSettings {
    /// How long a value lives after its last write; `None` for ever.
    pub ttl: Option<Duration>,
    /// On how many servers of a NATS cluster a new bucket is stored.
    pub replicas: usize,
}

/// What is missing or malformed in a link's config, all of it at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed link config: {}", .0.join("; "))]
pub struct InvalidSettings(Vec<String>);

impl Settings {
    /// Reads `buckets`, a comma list of `name:ttl_seconds`, and `replicas`.
    ///
    /// # Errors
    /// When `buckets` is missing or empty, or an item or number is malformed.
    pub fn of_link(config: &HashMap<String, String>) -> Result<Self, InvalidSettings> {
        let mut problems = Vec::new();
        let replicas = match config.get("replicas").map(|text| text.trim().parse()) {
            None => 1,
            Some(Ok(replicas @ 1..=5)) => replicas,
            Some(_) => {
                problems.push("replicas must be a number from 1 to 5".into());
                1
            }
        };
        let mut buckets = BTreeMap::new();
        let list = config
            .get("buckets")
            .map(String::as_str)
            .unwrap_or_default();
        for item in list
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
        {
            match bucket(item) {
                Ok((name, ttl)) => {
                    let settings = BucketSettings { ttl, replicas };
                    if buckets.insert(name.to_owned(), settings).is_some() {
                        problems.push(format!("buckets names {name} twice"));
                    }
                }
                Err(problem) => problems.push(problem),
            }
        }
        if buckets.is_empty() && problems.is_empty() {
            problems.push("buckets is missing: a comma list of name:ttl_seconds".into());
        }
        if problems.is_empty() {
            Ok(Self { buckets })
        } else {
            Err(InvalidSettings(problems))
        }
    }
}

fn bucket(item: &str) -> Result<(&str, Option<Duration>), String> {
    let (name, ttl) = item.split_once(':').ok_or_else(|| {
        format!("the bucket {item:?} must be written name:ttl_seconds (0 = for ever)")
    })?;
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(valid) {
        return Err(format!(
            "the bucket name {name:?} may hold letters, digits, _ and - only"
        ));
    }
    match ttl.trim().parse() {
        Ok(0) => Ok((name, None)),
        Ok(seconds @ 1..=MAX_TTL_SECONDS) => Ok((name, Some(Duration::from_secs(seconds)))),
        _ => Err(format!(
            "the time to live of bucket {name} must be a number of seconds (0 = for ever)"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entries: &[(&str, &str)]) -> Result<Settings, InvalidSettings> {
        let config = entries
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect();
        Settings::of_link(&config)
    }

    #[test]
    fn buckets_have_a_time_to_live_or_last_for_ever() {
        let settings = read(&[("buckets", "throttle:900, refresh-tokens:0,")]).expect("valid");
        let ttl = |name: &str| settings.buckets[name].ttl;
        assert_eq!(ttl("throttle"), Some(Duration::from_secs(900)));
        assert_eq!(ttl("refresh-tokens"), None);
        assert_eq!(settings.buckets.len(), 2);
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let problems = read(&[
            ("buckets", "throttle,a.b:1,c:soon,d:-1,e:1,e:2,:5"),
            ("replicas", "0"),
        ]);
        let message = problems.expect_err("invalid").to_string();
        for part in [
            "\"throttle\"",
            "\"a.b\"",
            "bucket c",
            "bucket d",
            "e twice",
            "\"\"",
            "replicas",
        ] {
            assert!(message.contains(part), "{part} in {message}");
        }
    }

    #[test]
    fn a_link_without_buckets_is_malformed() {
        assert!(read(&[]).is_err());
        assert!(read(&[("buckets", " , ")]).is_err());
    }
}
