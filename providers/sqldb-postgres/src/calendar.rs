//! Dates and times between the interface (year, month, day, …) and Postgres (days and microseconds
//! since 2000-01-01), over Postgres' whole range and with its two infinities.

use crate::types::{Date, Offset, Time, Timestamp, TimestampTz};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Days from 1970-01-01 to Postgres' epoch, 2000-01-01.
const POSTGRES_EPOCH_DAYS: i64 = 10_957;

/// Why a date or time from a component cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No such day in the (proleptic Gregorian) calendar, or one beyond what Postgres stores.
    #[error("no such date")]
    Date,
    /// Hour, minute, second or microsecond out of range.
    #[error("no such time of day")]
    Time,
    /// A time zone offset other than zero.
    #[error("a timestamp with time zone must come in UTC, with offset 0")]
    Offset,
}

/// Days since 2000-01-01 as Postgres encodes a `date`.
pub fn days_of(date: &Date) -> Result<i32, CalendarError> {
    let (year, month, day) = match date {
        Date::PositiveInfinity => return Ok(i32::MAX),
        Date::NegativeInfinity => return Ok(i32::MIN),
        Date::Ymd(ymd) => *ymd,
    };
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return Err(CalendarError::Date);
    }
    let days = days_from_civil(i64::from(year), i64::from(month), i64::from(day));
    match i32::try_from(days - POSTGRES_EPOCH_DAYS) {
        Ok(i32::MAX | i32::MIN) | Err(_) => Err(CalendarError::Date),
        Ok(days) => Ok(days),
    }
}

/// The date that Postgres encodes as `days` since 2000-01-01.
pub fn date_of(days: i32) -> Date {
    match days {
        i32::MAX => Date::PositiveInfinity,
        i32::MIN => Date::NegativeInfinity,
        days => civil_from_days(i64::from(days) + POSTGRES_EPOCH_DAYS),
    }
}

/// Microseconds since midnight. Postgres knows 24:00:00, so it is let through.
pub fn micros_of(time: &Time) -> Result<i64, CalendarError> {
    let Time {
        hour,
        min,
        sec,
        micro,
    } = *time;
    let end_of_day = (hour, min, sec, micro) == (24, 0, 0, 0);
    if !end_of_day && (hour > 23 || min > 59 || sec > 59 || micro > 999_999) {
        return Err(CalendarError::Time);
    }
    let seconds = i64::from(hour) * 3600 + i64::from(min) * 60 + i64::from(sec);
    Ok(seconds * MICROS_PER_SECOND + i64::from(micro))
}

/// The time of day at `micros` since midnight.
pub fn time_of(micros: i64) -> Time {
    // Postgres sends 0 ..= one day, which fits every field below.
    let part = |divisor: i64, modulus: i64| (micros / divisor).rem_euclid(modulus) as u32;
    Time {
        hour: part(3600 * MICROS_PER_SECOND, 25),
        min: part(60 * MICROS_PER_SECOND, 60),
        sec: part(MICROS_PER_SECOND, 60),
        micro: part(1, MICROS_PER_SECOND),
    }
}

/// Microseconds since 2000-01-01 as Postgres encodes a `timestamp`.
pub fn instant_of(timestamp: &Timestamp) -> Result<i64, CalendarError> {
    match timestamp.date {
        Date::PositiveInfinity => Ok(i64::MAX),
        Date::NegativeInfinity => Ok(i64::MIN),
        Date::Ymd(_) => {
            let days = i64::from(days_of(&timestamp.date)?);
            let of_day = micros_of(&timestamp.time)?;
            days.checked_mul(MICROS_PER_DAY)
                .and_then(|micros| micros.checked_add(of_day))
                .filter(|micros| !matches!(*micros, i64::MAX | i64::MIN))
                .ok_or(CalendarError::Date)
        }
    }
}

/// The timestamp at `micros` since 2000-01-01; an infinity comes with midnight as its time.
pub fn timestamp_of(micros: i64) -> Timestamp {
    let (date, of_day) = match micros {
        i64::MAX => (Date::PositiveInfinity, 0),
        i64::MIN => (Date::NegativeInfinity, 0),
        // The quotient of any i64 by the microseconds of a day fits an i32.
        _ => (
            civil_from_days(micros.div_euclid(MICROS_PER_DAY) + POSTGRES_EPOCH_DAYS),
            micros.rem_euclid(MICROS_PER_DAY),
        ),
    };
    Timestamp {
        date,
        time: time_of(of_day),
    }
}

/// Like [`instant_of`], for an instant in UTC. The interface does not say whether a timestamp beside
/// an offset is local or UTC, so anything but offset 0 is refused rather than guessed.
pub fn utc_instant_of(timestamp: &TimestampTz) -> Result<i64, CalendarError> {
    match timestamp.offset {
        Offset::EasternHemisphereSecs(0) | Offset::WesternHemisphereSecs(0) => {
            instant_of(&timestamp.timestamp)
        }
        _ => Err(CalendarError::Offset),
    }
}

/// Like [`timestamp_of`], in UTC.
pub fn utc_timestamp_of(micros: i64) -> TimestampTz {
    TimestampTz {
        timestamp: timestamp_of(micros),
        offset: Offset::EasternHemisphereSecs(0),
    }
}

fn days_in_month(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counting in eras of 400 years that begin in March, so that the leap day
/// is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> Date {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    // Every year within i32 days of 2000 fits an i32, and month and day are small.
    Date::Ymd((year as i32, month as u32, day as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(ymd: (i32, u32, u32), hms: (u32, u32, u32), micro: u32) -> Timestamp {
        let (hour, min, sec) = hms;
        Timestamp {
            date: Date::Ymd(ymd),
            time: Time {
                hour,
                min,
                sec,
                micro,
            },
        }
    }

    fn ymd(date: &Date) -> (i32, u32, u32) {
        match date {
            Date::Ymd(ymd) => *ymd,
            other => panic!("{other:?} is not a day"),
        }
    }

    #[test]
    fn known_days_have_their_numbers() {
        for (date, days) in [
            ((2000, 1, 1), 0),
            ((1999, 12, 31), -1),
            ((2000, 2, 29), 59),
            ((2000, 3, 1), 60),
            ((1970, 1, 1), -10_957),
            ((2024, 2, 29), 8_825),
            ((-4712, 1, 1), -2_451_507),
        ] {
            assert_eq!(days_of(&Date::Ymd(date)), Ok(days), "{date:?}");
            assert_eq!(ymd(&date_of(days)), date);
        }
    }

    #[test]
    fn every_day_of_eight_centuries_survives_the_round_trip() {
        for days in -146_097..146_097 {
            assert_eq!(days_of(&date_of(days)), Ok(days));
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for date in [
            (2023, 2, 29),
            (1900, 2, 29),
            (2024, 4, 31),
            (2024, 13, 1),
            (2024, 0, 1),
            (2024, 1, 0),
            (i32::MAX, 1, 1),
        ] {
            assert_eq!(
                days_of(&Date::Ymd(date)),
                Err(CalendarError::Date),
                "{date:?}"
            );
        }
    }

    #[test]
    fn a_moment_before_the_epoch_keeps_its_time_of_day() {
        let before = timestamp((1999, 12, 31), (23, 59, 59), 999_999);
        assert_eq!(instant_of(&before), Ok(-1));
        let back = timestamp_of(-1);
        assert_eq!(ymd(&back.date), (1999, 12, 31));
        assert_eq!(back.time.micro, 999_999);
    }

    #[test]
    fn infinities_survive_the_round_trip() {
        assert!(matches!(
            timestamp_of(i64::MAX).date,
            Date::PositiveInfinity
        ));
        assert!(matches!(
            timestamp_of(i64::MIN).date,
            Date::NegativeInfinity
        ));
        assert_eq!(instant_of(&timestamp_of(i64::MAX)), Ok(i64::MAX));
        assert_eq!(days_of(&date_of(i32::MIN)), Ok(i32::MIN));
    }

    #[test]
    fn times_of_day_end_at_twenty_four_hours() {
        let time = |hour, min| Time {
            hour,
            min,
            sec: 0,
            micro: 0,
        };
        assert_eq!(micros_of(&time(24, 0)), Ok(MICROS_PER_DAY));
        assert_eq!(time_of(MICROS_PER_DAY).hour, 24);
        assert_eq!(micros_of(&time(24, 1)), Err(CalendarError::Time));
        assert_eq!(micros_of(&time(10, 60)), Err(CalendarError::Time));
    }

    #[test]
    fn an_instant_with_another_offset_than_zero_is_refused() {
        let at = |offset| TimestampTz {
            timestamp: timestamp((2000, 1, 1), (1, 0, 0), 0),
            offset,
        };
        assert_eq!(
            utc_instant_of(&at(Offset::EasternHemisphereSecs(0))),
            Ok(3_600_000_000)
        );
        assert_eq!(
            utc_instant_of(&at(Offset::WesternHemisphereSecs(60))),
            Err(CalendarError::Offset)
        );
    }
}
