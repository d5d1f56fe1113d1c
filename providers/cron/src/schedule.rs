//! A schedule: the ticks at which something is due, the same on every instance whenever it looks.

use chrono::{DateTime, Utc};
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds};

/// A moment at which something is due: milliseconds since the Unix epoch.
pub type Tick = i64;

/// When something is due.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// Every so many milliseconds, counted from the Unix epoch.
    Every(i64),
    /// When a cron expression says so, in UTC.
    Cron(Box<Cron>),
}

impl Schedule {
    /// A tick every `interval` milliseconds; at least one.
    #[must_use]
    pub fn every(interval: i64) -> Self {
        Self::Every(interval.max(1))
    }

    /// Ticks by a cron expression with six fields: second, minute, hour, day, month, weekday.
    ///
    /// # Errors
    /// When it is no such expression.
    pub fn cron(expression: &str) -> Result<Self, CronError> {
        let cron = CronParser::builder()
            .seconds(Seconds::Required)
            .build()
            .parse(expression)?;
        Ok(Self::Cron(Box::new(cron)))
    }

    /// The last tick up to `now`; nothing when there was none.
    #[must_use]
    pub fn latest(&self, now: Tick) -> Option<Tick> {
        match self {
            Self::Every(interval) => Some(now - now.rem_euclid(*interval)),
            Self::Cron(cron) => {
                let tick = cron.find_previous_occurrence(&time(now)?, true).ok()?;
                Some(tick.timestamp_millis())
            }
        }
    }

    /// The first tick after `now`; nothing when there is none any more.
    #[must_use]
    pub fn next(&self, now: Tick) -> Option<Tick> {
        match self {
            Self::Every(interval) => (now - now.rem_euclid(*interval)).checked_add(*interval),
            Self::Cron(cron) => {
                let tick = cron.find_next_occurrence(&time(now)?, false).ok()?;
                Some(tick.timestamp_millis())
            }
        }
    }
}

fn time(tick: Tick) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(tick)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Tick {
        DateTime::parse_from_rfc3339(time)
            .unwrap()
            .timestamp_millis()
    }

    #[test]
    fn an_interval_ticks_at_its_multiples_wherever_it_is_looked_at() {
        let schedule = Schedule::every(1000);
        assert_eq!(schedule.latest(5_999), Some(5_000));
        assert_eq!(schedule.latest(6_000), Some(6_000));
        assert_eq!(schedule.next(5_999), Some(6_000));
        assert_eq!(schedule.next(6_000), Some(7_000));
    }

    #[test]
    fn an_expression_ticks_when_it_says() {
        let schedule = Schedule::cron("30 0 3 * * *").unwrap();
        let now = at("2030-01-02T12:00:00Z");
        assert_eq!(schedule.latest(now), Some(at("2030-01-02T03:00:30Z")));
        assert_eq!(schedule.next(now), Some(at("2030-01-03T03:00:30Z")));
    }

    #[test]
    fn a_tick_of_an_expression_is_its_own_latest() {
        let schedule = Schedule::cron("*/10 * * * * *").unwrap();
        let tick = at("2030-01-02T12:00:10Z");
        assert_eq!(schedule.latest(tick), Some(tick));
        assert_eq!(schedule.latest(tick + 999), Some(tick));
        assert_eq!(schedule.next(tick), Some(tick + 10_000));
    }

    #[test]
    fn an_expression_without_seconds_is_refused() {
        assert!(Schedule::cron("0 3 * * *").is_err());
    }
}
