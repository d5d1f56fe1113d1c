//! `expand[]`: ids in an answer replaced by the objects they name.
//! See <https://docs.stripe.com/api/expanding_objects>.

use super::{Params, StripeError};
use serde_json::Value;

/// Replaces the ids that `expand[]` names, by what `lookup` finds for them.
///
/// # Errors
/// 400 for a property that the answer does not have or that is no id.
pub fn expand(
    mut answer: Value,
    params: &Params,
    lookup: impl Fn(&str) -> Option<Value>,
) -> Result<Value, StripeError> {
    if let Some(paths) = params.hash("expand")? {
        for (_, path) in paths.texts() {
            if !replace(&mut answer, path, &lookup) {
                return Err(StripeError::invalid_param(
                    "expand",
                    format!("This property cannot be expanded ({path})."),
                ));
            }
        }
    }
    Ok(answer)
}

fn replace(value: &mut Value, path: &str, lookup: &impl Fn(&str) -> Option<Value>) -> bool {
    if let Value::Array(items) = value {
        return items.iter_mut().all(|item| replace(item, path, lookup));
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(field) = value.get_mut(name) else {
        return false;
    };
    let resolved = field.as_str().map(lookup);
    match resolved {
        Some(Some(object)) => *field = object,
        Some(None) => return false,
        None => {}
    }
    rest.is_empty() || field.is_null() || replace(field, rest, lookup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lookup(id: &str) -> Option<Value> {
        id.starts_with("ch_").then(|| json!({ "id": id }))
    }

    #[test]
    fn an_id_becomes_its_object_also_inside_a_list() {
        let params = Params::parse("expand[]=data.latest_charge").unwrap();
        let answer = json!({ "data": [{ "latest_charge": "ch_1" }, { "latest_charge": null }] });
        let expanded = expand(answer, &params, lookup).unwrap();
        assert_eq!(expanded["data"][0]["latest_charge"]["id"], "ch_1");
        assert!(expanded["data"][1]["latest_charge"].is_null());
    }

    #[test]
    fn what_is_no_reference_cannot_be_expanded() {
        let params = Params::parse("expand[]=currency").unwrap();
        assert!(expand(json!({ "currency": "usd" }), &params, lookup).is_err());
    }
}
