//! Parameters: from the interface's values to what the statement's parameter types take.

use std::borrow::Cow;

use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::calendar::CalendarError;
use crate::column::{base_of, is_text_like};
use crate::failure::{Failure, Fault, state};
use crate::types::PgValue;
use crate::{calendar, float, numeric};

/// A value in the form in which it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// `None` for null.
    bytes: Option<Vec<u8>>,
    /// Whether the bytes are the type's binary form or text for the server to parse.
    as_text: bool,
}

/// Why a value does not fit its parameter: a SQLSTATE and a reason without the value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    state: &'static str,
    reason: Cow<'static, str>,
}

/// `datatype mismatch`
const MISMATCH: &str = "42804";
/// `numeric value out of range`
const OUT_OF_RANGE: &str = "22003";
/// `invalid text representation`
const INVALID_TEXT: &str = "22P02";
/// `datetime field overflow`
const INVALID_DATE: &str = "22008";
/// `invalid time zone displacement value`
const INVALID_OFFSET: &str = "22009";
/// `character not in repertoire`
const INVALID_CHARACTER: &str = "22021";

/// Makes the values ready to be sent for parameters of the given types.
///
/// # Errors
/// `07001` for a wrong number of values; otherwise the first value that does not fit, by its index
/// (`$1` is the first) and the type it should have had, never the value itself.
pub fn encode_all(types: &[Type], values: &[PgValue]) -> Result<Vec<Parameter>, Failure> {
    if types.len() != values.len() {
        return Err(Failure::new(
            Fault::Parameters,
            state::PARAMETER_COUNT,
            format!(
                "the statement takes {} parameters, {} were given",
                types.len(),
                values.len()
            ),
        ));
    }
    let encoded = types.iter().zip(values).enumerate();
    encoded
        .map(|(index, (ty, value))| {
            encode(ty, value).map_err(|Refusal { state, reason }| {
                let message = format!("parameter ${} of type {}: {reason}", index + 1, ty.name());
                Failure::new(Fault::Parameters, state, message)
            })
        })
        .collect()
}

impl ToSql for Parameter {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match &self.bytes {
            None => Ok(IsNull::Yes),
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        if self.as_text {
            Format::Text
        } else {
            Format::Binary
        }
    }

    to_sql_checked!();
}

impl Parameter {
    const NULL: Self = Self {
        bytes: None,
        as_text: false,
    };

    fn binary(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: Some(bytes.into()),
            as_text: false,
        }
    }

    /// Text that the server parses as the parameter's type.
    fn text(text: &str) -> Self {
        Self {
            bytes: Some(text.into()),
            as_text: true,
        }
    }
}

impl Refusal {
    fn new(state: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            state,
            reason: reason.into(),
        }
    }

    fn mismatch(value: &PgValue) -> Self {
        Self::new(MISMATCH, format!("{} cannot bind to it", kind_of(value)))
    }

    fn out_of_range() -> Self {
        Self::new(OUT_OF_RANGE, "the number is out of its range")
    }
}

impl From<CalendarError> for Refusal {
    fn from(error: CalendarError) -> Self {
        let state = match error {
            CalendarError::Offset => INVALID_OFFSET,
            CalendarError::Date | CalendarError::Time => INVALID_DATE,
        };
        Self::new(state, error.to_string())
    }
}

impl From<numeric::NumericError> for Refusal {
    fn from(error: numeric::NumericError) -> Self {
        let state = match error {
            numeric::NumericError::Syntax => INVALID_TEXT,
            numeric::NumericError::Range => OUT_OF_RANGE,
        };
        Self::new(state, error.to_string())
    }
}

fn encode(ty: &Type, value: &PgValue) -> Result<Parameter, Refusal> {
    if matches!(value, PgValue::Null) {
        return Ok(Parameter::NULL);
    }
    let ty = base_of(ty);
    if let Kind::Array(element) = ty.kind() {
        return array(element, value);
    }
    if is_text_like(ty) {
        let text = text_of(value)?.ok_or_else(|| Refusal::mismatch(value))?;
        return Ok(Parameter::binary(text.as_bytes()));
    }
    let integer = || integer_of(value).ok_or_else(|| Refusal::mismatch(value));
    Ok(match *ty {
        Type::BOOL => match value {
            PgValue::Bool(boolean) | PgValue::Boolean(boolean) => {
                Parameter::binary([u8::from(*boolean)])
            }
            _ => return Err(Refusal::mismatch(value)),
        },
        Type::INT2 => Parameter::binary(within::<i16>(integer()?)?.to_be_bytes()),
        Type::INT4 => Parameter::binary(within::<i32>(integer()?)?.to_be_bytes()),
        Type::INT8 => Parameter::binary(integer()?.to_be_bytes()),
        Type::FLOAT4 => Parameter::binary(single_of(value)?.to_be_bytes()),
        Type::FLOAT8 => Parameter::binary(double_of(value)?.to_be_bytes()),
        Type::NUMERIC => Parameter::binary(numeric::encode(&decimal_of(value)?)?),
        Type::BYTEA => match value {
            PgValue::Bytea(bytes) => Parameter::binary(bytes.to_vec()),
            _ => return Err(Refusal::mismatch(value)),
        },
        Type::UUID => Parameter::binary(uuid_of(value)?.into_bytes()),
        Type::JSON => Parameter::binary(json_of(value)?.as_bytes()),
        Type::JSONB => Parameter::binary([&[1], json_of(value)?.as_bytes()].concat()),
        _ => moment(ty, value)?,
    })
}

/// Dates and times in their binary form; text for these and for every type not named elsewhere goes
/// to the server, whose input function knows best.
fn moment(ty: &Type, value: &PgValue) -> Result<Parameter, Refusal> {
    Ok(match (ty, value) {
        (&Type::DATE, PgValue::Date(date)) => {
            Parameter::binary(calendar::days_of(date)?.to_be_bytes())
        }
        (&Type::TIME, PgValue::Time(time)) => {
            Parameter::binary(calendar::micros_of(time)?.to_be_bytes())
        }
        (&Type::TIMESTAMP, PgValue::Timestamp(timestamp)) => {
            Parameter::binary(calendar::instant_of(timestamp)?.to_be_bytes())
        }
        (&Type::TIMESTAMPTZ, PgValue::TimestampTz(timestamp)) => {
            Parameter::binary(calendar::utc_instant_of(timestamp)?.to_be_bytes())
        }
        _ => match text_of(value)? {
            Some(text) => Parameter::text(text),
            None => return Err(Refusal::mismatch(value)),
        },
    })
}

/// An array of one dimension in binary form.
fn array(element: &Type, value: &PgValue) -> Result<Parameter, Refusal> {
    let values = elements_of(value).ok_or_else(|| Refusal::mismatch(value))?;
    let length = i32::try_from(values.len()).map_err(|_| Refusal::out_of_range())?;
    let dimensions: i32 = if values.is_empty() { 0 } else { 1 };
    let mut out = Vec::new();
    out.extend(dimensions.to_be_bytes());
    out.extend(0i32.to_be_bytes());
    out.extend(element.oid().to_be_bytes());
    if dimensions == 1 {
        out.extend(length.to_be_bytes());
        out.extend(1i32.to_be_bytes());
    }
    for value in &values {
        match encode(element, value)? {
            Parameter {
                bytes: Some(bytes),
                as_text: false,
            } => {
                let size = i32::try_from(bytes.len()).map_err(|_| Refusal::out_of_range())?;
                out.extend(size.to_be_bytes());
                out.extend(bytes);
            }
            // Inside a binary array there is no room for text.
            _ => return Err(Refusal::mismatch(value)),
        }
    }
    Ok(Parameter::binary(out))
}

fn elements_of(value: &PgValue) -> Option<Vec<PgValue>> {
    fn each<T: Clone>(list: &[T], case: impl Fn(T) -> PgValue) -> Option<Vec<PgValue>> {
        Some(list.iter().cloned().map(case).collect())
    }
    match value {
        PgValue::BoolArray(list) => each(list, PgValue::Bool),
        PgValue::Int2Array(list) => each(list, PgValue::Int2),
        PgValue::Int4Array(list) => each(list, PgValue::Int4),
        PgValue::Int8Array(list) => each(list, PgValue::Int8),
        PgValue::Float4Array(list) => each(list, PgValue::Float4),
        PgValue::Float8Array(list) => each(list, PgValue::Float8),
        PgValue::NumericArray(list) => each(list, PgValue::Numeric),
        PgValue::TextArray(list) => each(list, PgValue::Text),
        PgValue::NameArray(list) => each(list, PgValue::Name),
        PgValue::VarcharArray(list) => each(list, PgValue::Varchar),
        PgValue::CharArray(list) => each(list, PgValue::Char),
        PgValue::ByteaArray(list) => each(list, PgValue::Bytea),
        PgValue::UuidArray(list) => each(list, PgValue::Uuid),
        PgValue::DateArray(list) => each(list, PgValue::Date),
        PgValue::TimeArray(list) => each(list, PgValue::Time),
        PgValue::TimestampArray(list) => each(list, PgValue::Timestamp),
        PgValue::TimestampTzArray(list) => each(list, PgValue::TimestampTz),
        PgValue::JsonArray(list) | PgValue::JsonbArray(list) => each(list, PgValue::Json),
        _ => None,
    }
}

/// The text of a text-like value; `None` for other values.
fn text_of(value: &PgValue) -> Result<Option<&str>, Refusal> {
    let text = match value {
        PgValue::Text(text) | PgValue::Name(text) => text.as_str(),
        PgValue::Varchar((_, bytes)) => utf8(bytes)?,
        PgValue::Char((_, bytes)) => utf8(bytes)?,
        _ => return Ok(None),
    };
    if text.contains('\0') {
        return Err(Refusal::new(
            INVALID_CHARACTER,
            "text cannot hold a zero character",
        ));
    }
    Ok(Some(text))
}

fn utf8(bytes: &[u8]) -> Result<&str, Refusal> {
    str::from_utf8(bytes).map_err(|_| Refusal::new(INVALID_CHARACTER, "the text is not UTF-8"))
}

fn integer_of(value: &PgValue) -> Option<i64> {
    match *value {
        PgValue::BigInt(n) | PgValue::Int8(n) | PgValue::BigSerial(n) | PgValue::Serial8(n) => {
            Some(n)
        }
        PgValue::Integer(n) | PgValue::Int(n) | PgValue::Int4(n) => Some(n.into()),
        PgValue::Serial(n) | PgValue::Serial4(n) => Some(n.into()),
        PgValue::SmallInt(n) | PgValue::Int2(n) | PgValue::SmallSerial(n) | PgValue::Serial2(n) => {
            Some(n.into())
        }
        _ => None,
    }
}

fn within<N: TryFrom<i64>>(number: i64) -> Result<N, Refusal> {
    N::try_from(number).map_err(|_| Refusal::out_of_range())
}

fn double_of(value: &PgValue) -> Result<f64, Refusal> {
    match value {
        PgValue::Double(parts) | PgValue::Float8(parts) => Ok(float::f64_of_parts(*parts)),
        PgValue::Real(parts) | PgValue::Float4(parts) => float::f32_of_parts(*parts)
            .map(f64::from)
            .ok_or_else(Refusal::out_of_range),
        _ => {
            let integer = integer_of(value).ok_or_else(|| Refusal::mismatch(value))?;
            let double = integer as f64;
            // Above 2^53 not every integer has a double of its own.
            if double as i64 == integer && integer != i64::MAX {
                Ok(double)
            } else {
                Err(Refusal::out_of_range())
            }
        }
    }
}

fn single_of(value: &PgValue) -> Result<f32, Refusal> {
    match value {
        PgValue::Real(parts) | PgValue::Float4(parts) => float::f32_of_parts(*parts),
        _ => float::narrow(double_of(value)?),
    }
    .ok_or_else(Refusal::out_of_range)
}

fn decimal_of(value: &PgValue) -> Result<Cow<'_, str>, Refusal> {
    if let PgValue::Numeric(text) | PgValue::Decimal(text) = value {
        return Ok(Cow::Borrowed(text));
    }
    if let Some(text) = text_of(value)? {
        return Ok(Cow::Borrowed(text));
    }
    match integer_of(value) {
        Some(integer) => Ok(Cow::Owned(integer.to_string())),
        None => Err(Refusal::mismatch(value)),
    }
}

fn uuid_of(value: &PgValue) -> Result<Uuid, Refusal> {
    let text = match value {
        PgValue::Uuid(text) => text.as_str(),
        _ => text_of(value)?.ok_or_else(|| Refusal::mismatch(value))?,
    };
    Uuid::try_parse(text).map_err(|_| Refusal::new(INVALID_TEXT, "the text is not a UUID"))
}

fn json_of(value: &PgValue) -> Result<&str, Refusal> {
    let text = match value {
        PgValue::Json(text) | PgValue::Jsonb(text) => text.as_str(),
        _ => text_of(value)?.ok_or_else(|| Refusal::mismatch(value))?,
    };
    match serde_json::from_str::<&serde_json::value::RawValue>(text) {
        Ok(_) => Ok(text),
        Err(_) => Err(Refusal::new(INVALID_TEXT, "the text is not JSON")),
    }
}

/// What a value is, in the interface's words, for messages.
fn kind_of(value: &PgValue) -> &'static str {
    match value {
        PgValue::Bool(_) | PgValue::Boolean(_) => "a bool",
        PgValue::Double(_) | PgValue::Float8(_) | PgValue::Real(_) | PgValue::Float4(_) => {
            "a floating point number"
        }
        PgValue::Numeric(_) | PgValue::Decimal(_) => "a numeric",
        PgValue::Text(_) | PgValue::Name(_) | PgValue::Varchar(_) | PgValue::Char(_) => "a text",
        PgValue::Bytea(_) => "a bytea",
        PgValue::Uuid(_) => "a uuid",
        PgValue::Date(_) => "a date",
        PgValue::Time(_) => "a time",
        PgValue::Timestamp(_) => "a timestamp",
        PgValue::TimestampTz(_) => "a timestamp with time zone",
        PgValue::Json(_) | PgValue::Jsonb(_) => "a json",
        other if integer_of(other).is_some() => "an integer",
        other if elements_of(other).is_some() => "an array of this kind",
        _ => "a value of this kind",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> PgValue {
        PgValue::Text(text.into())
    }

    fn failure(ty: Type, value: PgValue) -> Failure {
        encode_all(&[ty], &[value]).expect_err("refused")
    }

    fn bytes(ty: &Type, value: &PgValue) -> Vec<u8> {
        encode(ty, value).expect("fits").bytes.expect("not null")
    }

    #[test]
    fn null_binds_to_any_type() {
        for ty in [Type::INT4, Type::UUID, Type::JSONB_ARRAY, Type::INTERVAL] {
            assert_eq!(encode(&ty, &PgValue::Null), Ok(Parameter::NULL));
        }
    }

    #[test]
    fn an_integer_takes_the_width_of_its_parameter() {
        assert_eq!(bytes(&Type::INT2, &PgValue::Int8(7)), [0, 7]);
        assert_eq!(bytes(&Type::INT4, &PgValue::BigInt(-1)), [255; 4]);
        assert_eq!(
            bytes(&Type::INT8, &PgValue::SmallInt(1)),
            [0, 0, 0, 0, 0, 0, 0, 1]
        );
    }

    #[test]
    fn an_integer_beyond_its_parameter_is_refused_by_index() {
        let values = [PgValue::Int4(1), PgValue::Int8(1 << 40)];
        let failure = encode_all(&[Type::INT4, Type::INT4], &values).expect_err("refused");
        assert_eq!(
            failure.to_string(),
            "22003: parameter $2 of type int4: the number is out of its range"
        );
        assert_eq!(failure.fault(), Fault::Parameters);
    }

    #[test]
    fn text_binds_to_uuid_json_and_numeric_through_their_text() {
        let id = "0191d9a8-6b1e-7c3e-9c1d-0123456789ab";
        assert_eq!(
            bytes(&Type::UUID, &text(id)),
            Uuid::try_parse(id).expect("uuid").into_bytes()
        );
        assert_eq!(bytes(&Type::JSONB, &text("{}")), b"\x01{}");
        assert_eq!(
            numeric::decode(&bytes(&Type::NUMERIC, &text("12.50"))).as_deref(),
            Some("12.50")
        );
    }

    #[test]
    fn text_that_does_not_parse_is_refused_and_not_repeated() {
        for ty in [Type::UUID, Type::JSON, Type::JSONB, Type::NUMERIC] {
            let failure = failure(ty, text("s3cret}"));
            assert_eq!(failure.state(), "22P02");
            assert!(failure.to_string().contains("$1"), "{failure}");
            assert!(!failure.to_string().contains("s3cret"), "{failure}");
        }
    }

    #[test]
    fn text_for_a_date_goes_to_the_server_as_text() {
        let parameter = encode(&Type::TIMESTAMPTZ, &text("2030-01-01T00:00:00Z")).expect("fits");
        assert!(parameter.as_text);
    }

    #[test]
    fn values_of_another_kind_are_a_mismatch() {
        for (ty, value) in [
            (Type::INT4, text("1")),
            (Type::TEXT, PgValue::Int4(1)),
            (Type::BOOL, PgValue::Int4(1)),
            (Type::BYTEA, text("x")),
            (Type::TIMESTAMPTZ, PgValue::Int8(0)),
            (Type::INT4_ARRAY, PgValue::Int4(1)),
            (Type::INT4, PgValue::Int4Array(vec![1])),
            (Type::INET, PgValue::Bool(true)),
        ] {
            assert_eq!(failure(ty, value).state(), "42804");
        }
    }

    #[test]
    fn a_wrong_number_of_parameters_is_counted() {
        let failure = encode_all(&[Type::INT4], &[]).expect_err("refused");
        assert_eq!(
            failure.to_string(),
            "07001: the statement takes 1 parameters, 0 were given"
        );
    }

    #[test]
    fn text_with_a_zero_character_is_refused() {
        assert_eq!(failure(Type::TEXT, text("a\0b")).state(), "22021");
    }

    #[test]
    fn an_integer_that_no_double_equals_is_refused() {
        let large = PgValue::Int8((1 << 53) + 1);
        assert_eq!(failure(Type::FLOAT8, large).state(), "22003");
        assert_eq!(bytes(&Type::FLOAT8, &PgValue::Int4(3)), 3f64.to_be_bytes());
    }

    #[test]
    fn array_elements_follow_the_same_rules() {
        assert_eq!(
            bytes(&Type::INT4_ARRAY, &PgValue::Int8Array(vec![7])),
            bytes(&Type::INT4_ARRAY, &PgValue::Int4Array(vec![7]))
        );
        let ids = PgValue::TextArray(vec!["no uuid".into()]);
        assert_eq!(failure(Type::UUID_ARRAY, ids).state(), "22P02");
    }
}
