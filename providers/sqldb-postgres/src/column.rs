//! Result columns: from Postgres' binary form to the interface's values.

use bytes::Bytes;
use tokio_postgres::types::{FromSql, Kind, Type};
use tokio_postgres::{Column, Row, Statement};
use uuid::Uuid;

use crate::failure::{Failure, Fault, state};
use crate::types::{PgValue, ResultRow, ResultRowEntry};
use crate::{calendar, float, numeric};

/// A column's bytes as they came, borrowed from the row.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Why a value cannot be carried.
#[derive(Debug, PartialEq)]
enum Refusal {
    /// The type has no counterpart here.
    Type,
    /// An array holds a null, for which the interface's lists have no place.
    NullElement,
    /// An array has more than one dimension.
    Dimensions,
    /// The bytes are not what the type promises.
    Malformed,
}

/// Checks, before a statement runs and has effects, that all its columns can be carried.
///
/// # Errors
/// `0A000`, naming the first column that cannot, and its type.
pub fn ensure_readable(statement: &Statement) -> Result<(), Failure> {
    match statement
        .columns()
        .iter()
        .find(|column| !is_readable(column.type_()))
    {
        None => Ok(()),
        Some(column) => Err(refused(column, Refusal::Type)),
    }
}

/// A row as the interface carries it.
///
/// # Errors
/// When a value cannot be carried; the failure names the column and its type.
pub fn row_of(row: &Row) -> Result<ResultRow, Failure> {
    let mut entries = Vec::with_capacity(row.len());
    for (index, column) in row.columns().iter().enumerate() {
        let value = match row.try_get(index) {
            Ok(Raw(None)) => Ok(PgValue::Null),
            Ok(Raw(Some(raw))) => value_of(column.type_(), raw),
            Err(_) => Err(Refusal::Malformed),
        };
        entries.push(ResultRowEntry {
            column_name: column.name().to_owned(),
            value: value.map_err(|refusal| refused(column, refusal))?,
        });
    }
    Ok(entries)
}

fn refused(column: &Column, refusal: Refusal) -> Failure {
    let (name, type_name) = (column.name(), column.type_().name());
    let column = format!("column \"{name}\" of type {type_name}");
    let (state, message) = match refusal {
        Refusal::Type => (
            state::UNSUPPORTED,
            format!("{column} cannot be returned; cast it in the statement, for example to text"),
        ),
        Refusal::Dimensions => (
            state::UNSUPPORTED,
            format!("{column} holds an array of several dimensions, which cannot be returned"),
        ),
        Refusal::NullElement => (
            state::NULL_ELEMENT,
            format!("{column} holds a null inside an array, which cannot be returned"),
        ),
        Refusal::Malformed => (
            state::INTERNAL,
            format!("{column} came in a form that is not its type's"),
        ),
    };
    Failure::new(Fault::Other, state, message)
}

/// The type under any domains.
pub fn base_of(ty: &Type) -> &Type {
    match ty.kind() {
        Kind::Domain(base) => base_of(base),
        _ => ty,
    }
}

/// Whether values of the type are plain text in binary form too: enums and the extension `citext`.
pub fn is_text_like(ty: &Type) -> bool {
    matches!(
        *ty,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::CHAR | Type::UNKNOWN
    ) || matches!(ty.kind(), Kind::Enum(_))
        || ty.name() == "citext"
}

fn is_readable(ty: &Type) -> bool {
    let ty = base_of(ty);
    match ty.kind() {
        Kind::Array(element) => is_readable_scalar(base_of(element)),
        _ => *ty == Type::VOID || is_readable_scalar(ty),
    }
}

fn is_readable_scalar(ty: &Type) -> bool {
    is_text_like(ty)
        || matches!(
            *ty,
            Type::BOOL
                | Type::INT2
                | Type::INT4
                | Type::INT8
                | Type::FLOAT4
                | Type::FLOAT8
                | Type::NUMERIC
                | Type::BYTEA
                | Type::UUID
                | Type::DATE
                | Type::TIME
                | Type::TIMESTAMP
                | Type::TIMESTAMPTZ
                | Type::JSON
                | Type::JSONB
        )
}

fn value_of(ty: &Type, raw: &[u8]) -> Result<PgValue, Refusal> {
    let ty = base_of(ty);
    if let Kind::Array(element) = ty.kind() {
        return array_of(base_of(element), raw);
    }
    Ok(match *ty {
        Type::VOID => PgValue::Null,
        Type::BOOL => PgValue::Bool(boolean(raw)?),
        Type::INT2 => PgValue::Int2(i16::from_be_bytes(sized(raw)?)),
        Type::INT4 => PgValue::Int4(i32::from_be_bytes(sized(raw)?)),
        Type::INT8 => PgValue::Int8(i64::from_be_bytes(sized(raw)?)),
        Type::FLOAT4 => PgValue::Float4(float::parts_of_f32(f32::from_be_bytes(sized(raw)?))),
        Type::FLOAT8 => PgValue::Float8(float::parts_of_f64(f64::from_be_bytes(sized(raw)?))),
        Type::NUMERIC => PgValue::Numeric(decimal(raw)?),
        Type::VARCHAR => PgValue::Varchar((None, Bytes::copy_from_slice(raw))),
        Type::BPCHAR | Type::CHAR => PgValue::Char(characters(raw)?),
        Type::NAME => PgValue::Name(text(raw)?),
        Type::BYTEA => PgValue::Bytea(Bytes::copy_from_slice(raw)),
        Type::UUID => PgValue::Uuid(uuid(raw)?),
        Type::DATE => PgValue::Date(calendar::date_of(i32::from_be_bytes(sized(raw)?))),
        Type::TIME => PgValue::Time(calendar::time_of(i64::from_be_bytes(sized(raw)?))),
        Type::TIMESTAMP => {
            PgValue::Timestamp(calendar::timestamp_of(i64::from_be_bytes(sized(raw)?)))
        }
        Type::TIMESTAMPTZ => {
            PgValue::TimestampTz(calendar::utc_timestamp_of(i64::from_be_bytes(sized(raw)?)))
        }
        Type::JSON => PgValue::Json(text(raw)?),
        Type::JSONB => PgValue::Jsonb(jsonb(raw)?),
        _ if is_text_like(ty) => PgValue::Text(text(raw)?),
        _ => return Err(Refusal::Type),
    })
}

fn array_of(element: &Type, raw: &[u8]) -> Result<PgValue, Refusal> {
    let items = elements_of(raw)?;
    Ok(match *element {
        Type::BOOL => PgValue::BoolArray(each(&items, boolean)?),
        Type::INT2 => PgValue::Int2Array(each(&items, |raw| Ok(i16::from_be_bytes(sized(raw)?)))?),
        Type::INT4 => PgValue::Int4Array(each(&items, |raw| Ok(i32::from_be_bytes(sized(raw)?)))?),
        Type::INT8 => PgValue::Int8Array(each(&items, |raw| Ok(i64::from_be_bytes(sized(raw)?)))?),
        Type::FLOAT4 => PgValue::Float4Array(each(&items, |raw| {
            Ok(float::parts_of_f32(f32::from_be_bytes(sized(raw)?)))
        })?),
        Type::FLOAT8 => PgValue::Float8Array(each(&items, |raw| {
            Ok(float::parts_of_f64(f64::from_be_bytes(sized(raw)?)))
        })?),
        Type::NUMERIC => PgValue::NumericArray(each(&items, decimal)?),
        Type::VARCHAR => {
            PgValue::VarcharArray(each(&items, |raw| Ok((None, Bytes::copy_from_slice(raw))))?)
        }
        Type::BPCHAR | Type::CHAR => PgValue::CharArray(each(&items, characters)?),
        Type::NAME => PgValue::NameArray(each(&items, text)?),
        Type::BYTEA => PgValue::ByteaArray(each(&items, |raw| Ok(Bytes::copy_from_slice(raw)))?),
        Type::UUID => PgValue::UuidArray(each(&items, uuid)?),
        Type::DATE => PgValue::DateArray(each(&items, |raw| {
            Ok(calendar::date_of(i32::from_be_bytes(sized(raw)?)))
        })?),
        Type::TIME => PgValue::TimeArray(each(&items, |raw| {
            Ok(calendar::time_of(i64::from_be_bytes(sized(raw)?)))
        })?),
        Type::TIMESTAMP => PgValue::TimestampArray(each(&items, |raw| {
            Ok(calendar::timestamp_of(i64::from_be_bytes(sized(raw)?)))
        })?),
        Type::TIMESTAMPTZ => PgValue::TimestampTzArray(each(&items, |raw| {
            Ok(calendar::utc_timestamp_of(i64::from_be_bytes(sized(raw)?)))
        })?),
        Type::JSON => PgValue::JsonArray(each(&items, text)?),
        Type::JSONB => PgValue::JsonbArray(each(&items, jsonb)?),
        _ if is_text_like(element) => PgValue::TextArray(each(&items, text)?),
        _ => return Err(Refusal::Type),
    })
}

/// The elements of an array in binary form: dimensions, a flag, the element type's OID, a length and
/// a lower bound for each dimension, then each element behind its length.
fn elements_of(raw: &[u8]) -> Result<Vec<&[u8]>, Refusal> {
    let mut rest = raw;
    let dimensions = integer(&mut rest)?;
    let _has_nulls = integer(&mut rest)?;
    let _element_type = integer(&mut rest)?;
    match dimensions {
        0 => return Ok(Vec::new()),
        1 => {}
        _ => return Err(Refusal::Dimensions),
    }
    let length = integer(&mut rest)?;
    let _lower_bound = integer(&mut rest)?;
    let mut elements = Vec::new();
    for _ in 0..length {
        let size = integer(&mut rest)?;
        if size == -1 {
            return Err(Refusal::NullElement);
        }
        let size = usize::try_from(size).map_err(|_| Refusal::Malformed)?;
        let (element, after) = rest.split_at_checked(size).ok_or(Refusal::Malformed)?;
        elements.push(element);
        rest = after;
    }
    Ok(elements)
}

fn each<T>(
    items: &[&[u8]],
    convert: impl Fn(&[u8]) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    items.iter().map(|item| convert(item)).collect()
}

fn integer(rest: &mut &[u8]) -> Result<i32, Refusal> {
    let (word, after) = rest.split_first_chunk().ok_or(Refusal::Malformed)?;
    *rest = after;
    Ok(i32::from_be_bytes(*word))
}

fn sized<const N: usize>(raw: &[u8]) -> Result<[u8; N], Refusal> {
    raw.try_into().map_err(|_| Refusal::Malformed)
}

fn boolean(raw: &[u8]) -> Result<bool, Refusal> {
    let [byte] = sized(raw)?;
    Ok(byte != 0)
}

fn text(raw: &[u8]) -> Result<String, Refusal> {
    match str::from_utf8(raw) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(Refusal::Malformed),
    }
}

/// A `char(n)` with its length in characters.
fn characters(raw: &[u8]) -> Result<(u32, Bytes), Refusal> {
    let length = match str::from_utf8(raw) {
        Ok(text) => text.chars().count(),
        // The type "char" holds a byte, which need not be a character.
        Err(_) => raw.len(),
    };
    let length = u32::try_from(length).map_err(|_| Refusal::Malformed)?;
    Ok((length, Bytes::copy_from_slice(raw)))
}

fn decimal(raw: &[u8]) -> Result<String, Refusal> {
    numeric::decode(raw).ok_or(Refusal::Malformed)
}

fn uuid(raw: &[u8]) -> Result<String, Refusal> {
    Ok(Uuid::from_bytes(sized(raw)?).hyphenated().to_string())
}

/// JSON text behind the format's version, which is 1.
fn jsonb(raw: &[u8]) -> Result<String, Refusal> {
    match raw {
        [1, json @ ..] => text(json),
        _ => Err(Refusal::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(dimensions: &[i32], elements: &[Option<&[u8]>]) -> Vec<u8> {
        let mut raw = Vec::new();
        for word in [dimensions.len() as i32, 0, 23] {
            raw.extend(word.to_be_bytes());
        }
        for length in dimensions {
            raw.extend(length.to_be_bytes());
            raw.extend(1i32.to_be_bytes());
        }
        for element in elements {
            match element {
                None => raw.extend((-1i32).to_be_bytes()),
                Some(bytes) => {
                    raw.extend((bytes.len() as i32).to_be_bytes());
                    raw.extend(*bytes);
                }
            }
        }
        raw
    }

    #[test]
    fn an_array_is_a_list_of_its_elements() {
        let raw = array(&[2], &[Some(&[0, 0, 0, 7]), Some(&[255, 255, 255, 255])]);
        let value = value_of(&Type::INT4_ARRAY, &raw).expect("readable");
        assert!(matches!(value, PgValue::Int4Array(list) if list == [7, -1]));
        let empty = value_of(&Type::TEXT_ARRAY, &array(&[], &[])).expect("readable");
        assert!(matches!(empty, PgValue::TextArray(list) if list.is_empty()));
    }

    #[test]
    fn arrays_that_the_interface_cannot_carry_are_refused() {
        let with_null = array(&[1], &[None]);
        assert_eq!(
            value_of(&Type::INT4_ARRAY, &with_null).err(),
            Some(Refusal::NullElement)
        );
        let matrix = array(&[1, 1], &[Some(&[0, 0, 0, 1])]);
        assert_eq!(
            value_of(&Type::INT4_ARRAY, &matrix).err(),
            Some(Refusal::Dimensions)
        );
    }

    #[test]
    fn truncated_bytes_are_refused_and_never_panic() {
        let raw = array(&[2], &[Some(&[0, 0, 0, 7]), Some(&[0, 0, 0, 8])]);
        for end in 0..raw.len() {
            assert!(value_of(&Type::INT4_ARRAY, &raw[..end]).is_err(), "{end}");
        }
        for ty in [
            Type::BOOL,
            Type::INT8,
            Type::FLOAT8,
            Type::NUMERIC,
            Type::UUID,
            Type::DATE,
            Type::TIMESTAMPTZ,
            Type::JSONB,
        ] {
            assert!(value_of(&ty, &[]).is_err(), "{ty}");
        }
    }

    #[test]
    fn types_without_a_counterpart_are_not_readable() {
        for ty in [
            Type::INTERVAL,
            Type::INET,
            Type::POINT,
            Type::INTERVAL_ARRAY,
            Type::TIMETZ,
        ] {
            assert!(!is_readable(&ty), "{ty}");
        }
        for ty in [Type::INT4, Type::UUID_ARRAY, Type::JSONB, Type::VOID] {
            assert!(is_readable(&ty), "{ty}");
        }
    }
}
