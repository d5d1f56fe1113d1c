//! Metadata: up to 50 pairs of a caller's own; an empty value removes a key.
//! See <https://docs.stripe.com/api/metadata>.

use crate::objects::Metadata;
use crate::wire::{Params, StripeError};

/// Merges `metadata[…]` of a request into what is there.
///
/// # Errors
/// 400 for too many keys, a key over 40 characters, or a value over 500.
pub fn merge(metadata: &mut Metadata, params: &Params) -> Result<(), StripeError> {
    if params.text("metadata").is_ok_and(|text| text == Some("")) {
        metadata.clear();
        return Ok(());
    }
    let Some(given) = params.hash("metadata")? else {
        return Ok(());
    };
    for (key, value) in given.texts() {
        let param = format!("metadata[{key}]");
        if key.chars().count() > 40 {
            return Err(StripeError::invalid_param(
                param,
                "Metadata keys can have up to 40 characters.",
            ));
        }
        if value.chars().count() > 500 {
            return Err(StripeError::invalid_param(
                param,
                "Metadata values can have up to 500 characters.",
            ));
        }
        if value.is_empty() {
            metadata.remove(key);
        } else {
            metadata.insert(key.to_owned(), value.to_owned());
        }
    }
    if metadata.len() > 50 {
        return Err(StripeError::invalid_param(
            "metadata",
            "Metadata can have up to 50 keys.",
        ));
    }
    Ok(())
}
