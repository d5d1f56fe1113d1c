//! Floating point numbers as the interface carries them: mantissa, exponent of two, sign.

use crate::types::HashableF64;

/// Bits of an `f64` mantissa after the leading one.
const F64_FRACTION_BITS: i16 = 52;
/// The same of an `f32`.
const F32_FRACTION_BITS: i16 = 23;
/// Exponent under which the parts of an infinite or undefined `f64` are carried.
const F64_SPECIAL_EXPONENT: i16 = 972;
/// The same of an `f32`.
const F32_SPECIAL_EXPONENT: i16 = 105;

/// Takes an `f64` apart so that `mantissa * 2^exponent * sign` is the number.
pub fn parts_of_f64(number: f64) -> HashableF64 {
    let bits = number.to_bits();
    let sign = if bits >> 63 == 0 { 1 } else { -1 };
    let exponent = (bits >> F64_FRACTION_BITS & 0x7ff) as i16;
    let fraction = bits & ((1 << F64_FRACTION_BITS) - 1);
    let mantissa = match exponent {
        0 => fraction << 1,
        _ => fraction | 1 << F64_FRACTION_BITS,
    };
    (mantissa, exponent - 1023 - F64_FRACTION_BITS, sign)
}

/// Takes an `f32` apart, in the same way.
pub fn parts_of_f32(number: f32) -> HashableF64 {
    let bits = number.to_bits();
    let sign = if bits >> 31 == 0 { 1 } else { -1 };
    let exponent = (bits >> F32_FRACTION_BITS & 0xff) as i16;
    let fraction = bits & ((1 << F32_FRACTION_BITS) - 1);
    let mantissa = match exponent {
        0 => fraction << 1,
        _ => fraction | 1 << F32_FRACTION_BITS,
    };
    (
        u64::from(mantissa),
        exponent - 127 - F32_FRACTION_BITS,
        sign,
    )
}

/// Puts an `f64` together from its parts.
pub fn f64_of_parts(parts: HashableF64) -> f64 {
    if is_nan(parts, F64_FRACTION_BITS, F64_SPECIAL_EXPONENT) {
        return f64::NAN;
    }
    scaled(parts)
}

/// Puts an `f32` together from its parts; `None` when a finite number does not fit.
pub fn f32_of_parts(parts: HashableF64) -> Option<f32> {
    if is_nan(parts, F32_FRACTION_BITS, F32_SPECIAL_EXPONENT) {
        return Some(f32::NAN);
    }
    narrowed(scaled(parts), is_infinite_f32(parts))
}

/// Narrows an `f64`; `None` when a finite number does not fit.
pub fn narrow(number: f64) -> Option<f32> {
    narrowed(number, number.is_infinite())
}

fn narrowed(number: f64, may_be_infinite: bool) -> Option<f32> {
    let narrow = number as f32;
    (narrow.is_finite() || number.is_nan() || may_be_infinite).then_some(narrow)
}

fn is_nan((mantissa, exponent, _): HashableF64, fraction_bits: i16, special: i16) -> bool {
    exponent == special && mantissa >> fraction_bits == 1 && mantissa != 1 << fraction_bits
}

fn is_infinite_f32((mantissa, exponent, _): HashableF64) -> bool {
    exponent == F32_SPECIAL_EXPONENT && mantissa == 1 << F32_FRACTION_BITS
}

/// `mantissa * 2^exponent * sign`, in two steps because 2^exponent alone may be out of range.
fn scaled((mantissa, exponent, sign): HashableF64) -> f64 {
    let half = i32::from(exponent) / 2;
    let rest = i32::from(exponent) - half;
    let sign = if sign < 0 { -1.0 } else { 1.0 };
    sign * (mantissa as f64) * 2f64.powi(half) * 2f64.powi(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_f64_survives_the_round_trip() {
        for number in [
            0.0,
            -0.0,
            1.0,
            -1.5,
            0.1,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            f64::from_bits(1),
            f64::EPSILON,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            let back = f64_of_parts(parts_of_f64(number));
            assert_eq!(back.to_bits(), number.to_bits(), "{number}");
        }
        assert!(f64_of_parts(parts_of_f64(f64::NAN)).is_nan());
    }

    #[test]
    fn every_kind_of_f32_survives_the_round_trip() {
        for number in [
            0.0,
            -0.0,
            0.1,
            -7.25,
            f32::MAX,
            f32::MIN_POSITIVE,
            f32::from_bits(1),
            f32::INFINITY,
            f32::NEG_INFINITY,
        ] {
            let back = f32_of_parts(parts_of_f32(number)).expect("fits");
            assert_eq!(back.to_bits(), number.to_bits(), "{number}");
        }
        assert!(f32_of_parts(parts_of_f32(f32::NAN)).is_some_and(f32::is_nan));
    }

    #[test]
    fn a_finite_number_beyond_f32_does_not_become_infinite() {
        assert_eq!(f32_of_parts(parts_of_f64(1e300)), None);
        assert_eq!(narrow(-1e300), None);
        assert_eq!(narrow(f64::INFINITY), Some(f32::INFINITY));
    }
}
