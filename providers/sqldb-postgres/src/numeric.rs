//! Postgres' `numeric` between decimal text and its binary form, exact to the last digit.
//!
//! The binary form is a header (count of digits, weight of the first, sign, digits after the point)
//! and digits of base 10 000; see `numeric_send` in the Postgres sources.

const DIGITS_PER_GROUP: usize = 4;
const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;
const NOT_A_NUMBER: u16 = 0xc000;
const POSITIVE_INFINITY: u16 = 0xd000;
const NEGATIVE_INFINITY: u16 = 0xf000;
/// Most decimal digits that Postgres accepts before and after the point.
const MAX_INTEGER_DIGITS: usize = 131_072;
const MAX_FRACTION_DIGITS: usize = 16_383;

/// Why text is not a `numeric`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumericError {
    /// Not a decimal number, `NaN` or an infinity.
    #[error("not a decimal number")]
    Syntax,
    /// More digits than Postgres can store.
    #[error("more digits than numeric can hold")]
    Range,
}

/// The binary form of `text`: a decimal number, with an exponent or without, `NaN` or `±Infinity`.
///
/// # Errors
/// When it is none of these, or has too many digits.
pub fn encode(text: &str) -> Result<Vec<u8>, NumericError> {
    let text = text.trim();
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if unsigned.eq_ignore_ascii_case("nan") && unsigned.len() == text.len() {
        return Ok(header(0, 0, NOT_A_NUMBER, 0));
    }
    if unsigned.eq_ignore_ascii_case("infinity") || unsigned.eq_ignore_ascii_case("inf") {
        let sign = if negative {
            NEGATIVE_INFINITY
        } else {
            POSITIVE_INFINITY
        };
        return Ok(header(0, 0, sign, 0));
    }

    let (integer, fraction) = decimal_digits(unsigned)?;
    let scale = fraction.len();
    let groups = groups_of(&integer, &fraction);
    let integer_groups = integer.len().div_ceil(DIGITS_PER_GROUP);
    let leading = groups.iter().take_while(|group| **group == 0).count();
    let trailing = groups.iter().rev().take_while(|group| **group == 0).count();
    let digits = match groups.len() {
        all if leading == all => &[][..],
        all => &groups[leading..all - trailing],
    };
    let weight = if digits.is_empty() {
        0
    } else {
        integer_groups as i64 - 1 - leading as i64
    };
    let sign = if negative && !digits.is_empty() {
        NEGATIVE
    } else {
        POSITIVE
    };
    // The limits on digits, checked above, keep all three within 16 bits.
    let mut binary = header(digits.len() as u16, weight as i16, sign, scale as u16);
    for digit in digits {
        binary.extend(digit.to_be_bytes());
    }
    Ok(binary)
}

/// The decimal text of a binary `numeric`, with the scale that Postgres stored; `None` when the
/// bytes are not one.
pub fn decode(binary: &[u8]) -> Option<String> {
    let words: Vec<u16> = binary
        .chunks(2)
        .map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)))
        .collect::<Option<_>>()?;
    let [count, weight, sign, scale, digits @ ..] = words.as_slice() else {
        return None;
    };
    if digits.len() != usize::from(*count) {
        return None;
    }
    match *sign {
        NOT_A_NUMBER => return Some("NaN".into()),
        POSITIVE_INFINITY => return Some("Infinity".into()),
        NEGATIVE_INFINITY => return Some("-Infinity".into()),
        POSITIVE | NEGATIVE => {}
        _ => return None,
    }

    let weight = i32::from(*weight as i16);
    let group = |position: i32| {
        let digit = usize::try_from(weight - position)
            .ok()
            .and_then(|index| digits.get(index));
        format!("{:04}", digit.copied().unwrap_or(0))
    };
    let integer: String = (0..=weight.max(0)).rev().map(group).collect();
    let integer = match integer.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let mut text = String::with_capacity(integer.len() + usize::from(*scale) + 2);
    if *sign == NEGATIVE {
        text.push('-');
    }
    text.push_str(integer);
    if *scale > 0 {
        let groups = usize::from(*scale).div_ceil(DIGITS_PER_GROUP) as i32;
        let fraction: String = (1..=groups).map(|position| group(-position)).collect();
        text.push('.');
        text.push_str(fraction.get(..usize::from(*scale))?);
    }
    Some(text)
}

fn header(count: u16, weight: i16, sign: u16, scale: u16) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + usize::from(count) * 2);
    bytes.extend(count.to_be_bytes());
    bytes.extend(weight.to_be_bytes());
    bytes.extend(sign.to_be_bytes());
    bytes.extend(scale.to_be_bytes());
    bytes
}

/// The digits before and after the point of an unsigned decimal, its exponent applied.
fn decimal_digits(text: &str) -> Result<(Vec<u8>, Vec<u8>), NumericError> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
        None => (text, 0),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (integer.is_empty() && fraction.is_empty()) || !all_digits(integer) || !all_digits(fraction)
    {
        return Err(NumericError::Syntax);
    }

    let digits = [integer.as_bytes(), fraction.as_bytes()].concat();
    let point = integer.len() as i64 + exponent;
    let leading = usize::try_from(-point).unwrap_or(0);
    let trailing = usize::try_from(point - digits.len() as i64).unwrap_or(0);
    // Before anything is filled up: an exponent is short to write and long to spell out.
    if leading > MAX_FRACTION_DIGITS || trailing > MAX_INTEGER_DIGITS {
        return Err(NumericError::Range);
    }
    let mut spelled = vec![b'0'; leading];
    spelled.extend(digits);
    spelled.resize(spelled.len() + trailing, b'0');
    let fraction = spelled.split_off(usize::try_from(point).unwrap_or(0));

    let significant = spelled.iter().skip_while(|digit| **digit == b'0').count();
    if significant > MAX_INTEGER_DIGITS || fraction.len() > MAX_FRACTION_DIGITS {
        return Err(NumericError::Range);
    }
    Ok((spelled.split_off(spelled.len() - significant), fraction))
}

fn exponent_of(text: &str) -> Result<i64, NumericError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumericError::Syntax);
    }
    match text.parse::<i32>() {
        Ok(exponent) => Ok(i64::from(exponent)),
        Err(_) => Err(NumericError::Range),
    }
}

/// The digits as groups of four around the point, each a digit of base 10 000.
fn groups_of(integer: &[u8], fraction: &[u8]) -> Vec<u16> {
    let padding = |length: usize| length.next_multiple_of(DIGITS_PER_GROUP) - length;
    let mut digits = vec![b'0'; padding(integer.len())];
    digits.extend(integer);
    digits.extend(fraction);
    digits.resize(digits.len() + padding(fraction.len()), b'0');
    digits
        .chunks(DIGITS_PER_GROUP)
        .map(|group| {
            group
                .iter()
                .fold(0, |value, digit| value * 10 + u16::from(digit - b'0'))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> String {
        decode(&encode(text).expect(text)).expect(text)
    }

    #[test]
    fn decimals_keep_every_digit_and_their_scale() {
        for text in [
            "0",
            "0.00",
            "1",
            "-1",
            "10000",
            "9999",
            "0.0001",
            "0.00001",
            "-0.5",
            "12345678901234567890123456789012345678901234567890.123456789",
            "999999.99",
            "100000000",
            "3.1400",
            "0.10000000000000000000000000000000000001",
        ] {
            assert_eq!(round_trip(text), text);
        }
    }

    #[test]
    fn other_spellings_of_a_number_are_read() {
        for (text, same) in [
            ("+5", "5"),
            ("007", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("1.5E+2", "150"),
            ("25e-4", "0.0025"),
            ("-0", "0"),
            ("0e5", "0"),
            (" 7 ", "7"),
            ("nan", "NaN"),
            ("-inf", "-Infinity"),
            ("Infinity", "Infinity"),
        ] {
            assert_eq!(round_trip(text), same, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "-", ".", "abc", "1.2.3", "1e", "1e+", "--1", "1 2", "0x1", "-NaN", "१",
        ] {
            assert_eq!(encode(text), Err(NumericError::Syntax), "{text}");
        }
    }

    #[test]
    fn an_exponent_beyond_the_range_costs_no_memory() {
        for text in [
            "1e999999999",
            "1e-999999999",
            "1e99999999999999999999",
            "1e131073",
        ] {
            assert_eq!(encode(text), Err(NumericError::Range), "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_numeric_are_no_text() {
        assert_eq!(decode(&[]), None);
        assert_eq!(decode(&[0, 1, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(decode(&[0, 0, 0, 0, 0x12, 0x34, 0, 0]), None);
        assert_eq!(decode(&[0, 0, 0]), None);
    }
}
