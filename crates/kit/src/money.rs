//! Money: minor units (cents) inside, a number in JSON outside.
//! No arithmetic is ever done on a floating-point amount.

use serde_json::{Number, Value};
use thiserror::Error;

/// The most that a ticket may cost, in minor units: 999,999.99.
pub const MAX_MINOR_UNITS: i64 = 99_999_999;

/// Why a value is not a price.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("Price must be greater than 0")]
pub struct MoneyError;

/// Reads a price that a client sent: a JSON number or a decimal string with at most two decimals,
/// more than 0 and at most [`MAX_MINOR_UNITS`]. Gives minor units.
///
/// # Errors
/// [`MoneyError`] for everything else.
pub fn parse_price(value: &Value) -> Result<i64, MoneyError> {
    let minor_units = match value {
        Value::String(text) => parse_decimal(text),
        // The shortest text that reads back as the same number is what the client typed.
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.checked_mul(100),
            None => number
                .as_f64()
                .and_then(|float| parse_decimal(&float.to_string())),
        },
        _ => None,
    };
    minor_units
        .filter(|amount| (1..=MAX_MINOR_UNITS).contains(amount))
        .ok_or(MoneyError)
}

/// Digits, and after a point one or two more. Nothing else: no sign, no exponent, no blanks.
fn parse_decimal(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let cents: i64 = format!("{fraction:0<2}").parse().ok()?;
    whole.checked_mul(100)?.checked_add(cents)
}

/// Minor units as the number that clients see: `1250` is `12.5`.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "amounts are far below 2^52")]
pub fn to_json_number(minor_units: i64) -> Number {
    if minor_units % 100 == 0 {
        return Number::from(minor_units / 100);
    }
    Number::from_f64(minor_units as f64 / 100.0).unwrap_or_else(|| Number::from(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_decimal_strings_are_prices() {
        let cases = [
            (json!(20), 2000),
            (json!(0.01), 1),
            (json!(19.99), 1999),
            (json!(999_999.99), MAX_MINOR_UNITS),
            (json!(1e3), 100_000),
            (json!("12.50"), 1250),
            (json!("12.5"), 1250),
            (json!("7"), 700),
        ];
        for (value, minor_units) in cases {
            assert_eq!(parse_price(&value), Ok(minor_units), "{value}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let cases = [
            json!(0),
            json!(-1),
            json!(0.001),
            json!(1.234),
            json!(1_000_000),
            json!(1e300),
            json!("0"),
            json!("-5"),
            json!("+5"),
            json!("1e3"),
            json!(" 5"),
            json!("5 "),
            json!(""),
            json!("5."),
            json!(".5"),
            json!("1,50"),
            json!("NaN"),
            json!("99999999999999999999"),
            json!(null),
            json!(true),
            json!([5]),
            json!({"amount": 5}),
            json!(i64::MAX),
            json!(u64::MAX),
        ];
        for value in cases {
            assert_eq!(parse_price(&value), Err(MoneyError), "{value}");
        }
    }

    #[test]
    fn minor_units_read_back_as_what_was_typed() {
        assert_eq!(to_json_number(1250).to_string(), "12.5");
        assert_eq!(to_json_number(1999).to_string(), "19.99");
        assert_eq!(to_json_number(2000).to_string(), "20");
        assert_eq!(to_json_number(MAX_MINOR_UNITS).to_string(), "999999.99");
    }
}
