//! What a seller fills in: a title and a price.

use kit::{ApiError, Fields};

/// The most characters that a title may have.
const MAX_TITLE_CHARS: usize = 200;

/// A title and a price that are fit to be sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// 1 to 200 characters, without blanks around them.
    pub title: String,
    /// Minor units.
    pub price: i64,
}

impl Draft {
    /// Reads a draft from what a client sent.
    ///
    /// # Errors
    /// 400 with a message for each field that is wrong.
    pub fn read(fields: &Fields) -> Result<Self, ApiError> {
        let title = fields.text("title").map(str::trim).unwrap_or_default();
        let price = fields.value("price").map(kit::parse_price);
        let mut errors = Vec::new();
        if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS {
            errors.push(("title", "Title is required".to_owned()));
        }
        match price {
            Some(Ok(price)) if errors.is_empty() => Ok(Self {
                title: title.to_owned(),
                price,
            }),
            Some(Ok(_)) => Err(ApiError::fields(errors)),
            Some(Err(_)) | None => {
                errors.push(("price", kit::MoneyError.to_string()));
                Err(ApiError::fields(errors))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(body: &Value) -> Result<Draft, ApiError> {
        let request = kit::Request::new(body.to_string().into_bytes());
        let (mut parts, body) = request.into_parts();
        parts
            .headers
            .insert("content-type", "application/json".parse().unwrap());
        Draft::read(&Fields::read(&kit::Request::from_parts(parts, body)).unwrap())
    }

    #[test]
    fn a_title_and_a_price_make_a_draft() {
        let draft = read(&json!({"title": " Rock am Ring ", "price": "99.90"})).unwrap();
        assert_eq!(
            draft,
            Draft {
                title: "Rock am Ring".to_owned(),
                price: 9990
            }
        );
    }

    #[test]
    fn a_title_has_up_to_two_hundred_characters_of_any_script() {
        assert!(read(&json!({"title": "é".repeat(200), "price": 1})).is_ok());
        assert!(read(&json!({"title": "é".repeat(201), "price": 1})).is_err());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let error = read(&json!({"title": "  ", "price": 0})).unwrap_err();
        let fields: Vec<_> = error
            .messages()
            .iter()
            .filter_map(|message| message.field)
            .collect();
        assert_eq!(fields, ["title", "price"]);
    }

    #[test]
    fn a_nul_in_a_title_is_refused_before_the_database_does() {
        assert!(read(&json!({"title": "a\u{0}b", "price": 1})).is_err());
    }
}
