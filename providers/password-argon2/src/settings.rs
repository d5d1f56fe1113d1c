//! The provider's settings: how much is computed at a time, and how much may wait.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::str::FromStr as _;
use std::thread::available_parallelism;

const WORKERS: RangeInclusive<usize> = 1..=256;
const QUEUE: RangeInclusive<usize> = 0..=10_000;
/// Workers when the config does not say: many processors of a large machine would keep much memory.
const MOST_BY_DEFAULT: usize = 8;
/// How many may wait for each worker: less than two seconds of work.
const QUEUE_OF_A_WORKER: usize = 32;

/// How much is computed at a time, and how much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Threads that compute.
    pub workers: usize,
    /// Calls that may wait for one of them.
    pub queue: usize,
}

/// What is malformed in the provider's config, all of it at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed provider config: {}", .0.join("; "))]
pub struct InvalidSettings(Vec<String>);

impl Settings {
    /// Reads `workers` (without it, one for each processor that this process may use, at most 8) and `queue` (without it, 32 for each
    /// worker).
    ///
    /// # Errors
    /// When one is no number, or out of its range.
    pub fn of_provider(config: &HashMap<String, String>) -> Result<Self, InvalidSettings> {
        let mut problems = Vec::new();
        let mut number = |name: &str, range: RangeInclusive<usize>| {
            let text = config.get(name)?.trim();
            let number = usize::from_str(text).ok();
            let number = number.filter(|number| range.contains(number));
            if number.is_none() {
                let (least, most) = range.into_inner();
                problems.push(format!("{name} must be a number from {least} to {most}"));
            }
            number
        };
        let workers = number("workers", WORKERS);
        let queue = number("queue", QUEUE);
        if !problems.is_empty() {
            return Err(InvalidSettings(problems));
        }
        let workers = workers.unwrap_or_else(processors);
        let queue = queue.unwrap_or(workers * QUEUE_OF_A_WORKER);
        Ok(Self { workers, queue })
    }
}

fn processors() -> usize {
    available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .min(MOST_BY_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(config: &[(&str, &str)]) -> Result<Settings, InvalidSettings> {
        let config = config
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Settings::of_provider(&config)
    }

    #[test]
    fn each_processor_has_a_worker_and_each_worker_a_queue() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.workers, processors());
        assert_eq!(settings.queue, 32 * settings.workers);
    }

    #[test]
    fn both_may_be_set() {
        let settings = settings(&[("workers", " 4"), ("queue", "0")]).unwrap();
        assert_eq!(
            settings,
            Settings {
                workers: 4,
                queue: 0
            }
        );
    }

    #[test]
    fn everything_malformed_is_named() {
        let error = settings(&[("workers", "0"), ("queue", "many")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "malformed provider config: workers must be a number from 1 to 256; queue must be a number from 0 to 10000"
        );
    }
}
