//! Form bodies and query strings with Stripe's bracket nesting, and typed access to them.
//! `card[number]=…`, `metadata[order_id]=…`, `expand[]=latest_charge`, `expand[0]=…`.

use super::StripeError;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The parameters of a request, or one nested hash of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// Bracket path of this hash, empty at the top; error messages name parameters by it.
    prefix: String,
    fields: BTreeMap<String, Param>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Param {
    Text(String),
    Hash(Params),
}

impl Params {
    /// Parses `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// 400 for a malformed bracket path, or a name used both as a value and as a hash.
    pub fn parse(encoded: &str) -> Result<Self, StripeError> {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(encoded.as_bytes()) {
            let path = segments(&name).ok_or_else(|| {
                StripeError::invalid_param(name.as_ref(), format!("Invalid parameter name: {name}"))
            })?;
            params.insert(&path, value.into_owned())?;
        }
        Ok(params)
    }

    fn insert(&mut self, path: &[&str], value: String) -> Result<(), StripeError> {
        let Some((name, rest)) = path.split_first() else {
            return Ok(());
        };
        let name = if name.is_empty() {
            self.fields.len().to_string()
        } else {
            (*name).to_owned()
        };
        let full = self.full(&name);
        if rest.is_empty() {
            self.fields.insert(name, Param::Text(value));
            return Ok(());
        }
        let nested = self.fields.entry(name).or_insert_with(|| {
            Param::Hash(Params {
                prefix: full.clone(),
                fields: BTreeMap::new(),
            })
        });
        match nested {
            Param::Hash(nested) => nested.insert(rest, value),
            Param::Text(_) => Err(StripeError::invalid_param(full, "Invalid hash")),
        }
    }

    fn full(&self, name: &str) -> String {
        if self.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{}[{name}]", self.prefix)
        }
    }

    /// Refuses every parameter that is neither in `known` nor `expand`, as Stripe does.
    ///
    /// # Errors
    /// 400 `parameter_unknown`.
    pub fn allow(&self, known: &[&str]) -> Result<(), StripeError> {
        match self
            .fields
            .keys()
            .find(|name| *name != "expand" && !known.contains(&name.as_str()))
        {
            None => Ok(()),
            Some(name) => {
                let name = self.full(name);
                Err(StripeError::invalid_param(
                    name.clone(),
                    format!("Received unknown parameter: {name}"),
                )
                .code("parameter_unknown"))
            }
        }
    }

    /// A text parameter, if it was sent.
    ///
    /// # Errors
    /// 400 when a hash was sent in its place.
    pub fn text(&self, name: &str) -> Result<Option<&str>, StripeError> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Param::Text(text)) => Ok(Some(text)),
            Some(Param::Hash(_)) => Err(StripeError::invalid_param(
                self.full(name),
                "Invalid string",
            )),
        }
    }

    /// A text parameter that must be there and not be empty.
    ///
    /// # Errors
    /// 400 `parameter_missing` or `parameter_invalid_empty`.
    pub fn required(&self, name: &str) -> Result<&str, StripeError> {
        match self.text(name)? {
            None => {
                let name = self.full(name);
                Err(StripeError::invalid_param(
                    name.clone(),
                    format!("Missing required param: {name}."),
                )
                .code("parameter_missing"))
            }
            Some("") => Err(self.empty(name)),
            Some(text) => Ok(text),
        }
    }

    fn empty(&self, name: &str) -> StripeError {
        let name = self.full(name);
        StripeError::invalid_param(
            name.clone(),
            format!(
                "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; \
                 however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value."
            ),
        )
        .code("parameter_invalid_empty")
    }

    /// A whole number, if it was sent.
    ///
    /// # Errors
    /// 400 `parameter_invalid_integer`.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, StripeError> {
        match self.text(name)? {
            None => Ok(None),
            Some("") => Err(self.empty(name)),
            Some(text) => text.parse().map(Some).map_err(|_| {
                StripeError::invalid_param(self.full(name), format!("Invalid integer: {text}"))
                    .code("parameter_invalid_integer")
            }),
        }
    }

    /// `true` or `false`, if it was sent.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, StripeError> {
        match self.text(name)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => Err(StripeError::invalid_param(
                self.full(name),
                format!("Invalid boolean: {text}"),
            )),
        }
    }

    /// A text parameter out of a closed set, if it was sent.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn one_of(&self, name: &str, allowed: &[&str]) -> Result<Option<&str>, StripeError> {
        match self.text(name)? {
            Some(text) if !allowed.contains(&text) => {
                let name = self.full(name);
                Err(StripeError::invalid_param(
                    name.clone(),
                    format!("Invalid {name}: must be one of {}", allowed.join(", ")),
                ))
            }
            value => Ok(value),
        }
    }

    /// A nested hash, if it was sent.
    ///
    /// # Errors
    /// 400 when a plain value was sent in its place.
    pub fn hash(&self, name: &str) -> Result<Option<&Params>, StripeError> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Param::Hash(hash)) => Ok(Some(hash)),
            Some(Param::Text(_)) => {
                Err(StripeError::invalid_param(self.full(name), "Invalid hash"))
            }
        }
    }

    /// Names and values of a hash of texts (metadata), or the values of a list.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|(name, param)| match param {
            Param::Text(text) => Some((name.as_str(), text.as_str())),
            Param::Hash(_) => None,
        })
    }

    /// A digest that is the same for the same parameters in any order.
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        self.digest_into(&mut digest);
        digest
            .finalize()
            .iter()
            .fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }

    fn digest_into(&self, digest: &mut Sha256) {
        for (name, param) in &self.fields {
            match param {
                Param::Hash(nested) => nested.digest_into(digest),
                Param::Text(text) => {
                    for part in [self.full(name).as_str(), text] {
                        digest.update(part.len().to_be_bytes());
                        digest.update(part);
                    }
                }
            }
        }
    }
}

/// `a[b][]` as `["a", "b", ""]`; `None` when the brackets do not pair.
fn segments(name: &str) -> Option<Vec<&str>> {
    let Some((head, mut rest)) = name.split_once('[') else {
        return (!name.is_empty() && !name.contains(']')).then(|| vec![name]);
    };
    let mut path = vec![head];
    loop {
        let (segment, tail) = rest.split_once(']')?;
        path.push(segment);
        match tail.strip_prefix('[') {
            Some(next) => rest = next,
            None => return (tail.is_empty() && !head.is_empty()).then_some(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Params {
        Params::parse(text).expect("valid form")
    }

    #[test]
    fn brackets_nest() {
        let params = parse("card%5Bnumber%5D=4242&card[check][cvc]=ok");
        let card = params.hash("card").unwrap().unwrap();
        assert_eq!(card.text("number").unwrap(), Some("4242"));
        let check = card.hash("check").unwrap().unwrap();
        assert_eq!(check.text("cvc").unwrap(), Some("ok"));
    }

    #[test]
    fn empty_brackets_append_to_a_list() {
        let params = parse("expand[]=a&expand[]=b");
        let expand = params.hash("expand").unwrap().unwrap();
        assert_eq!(
            expand.texts().map(|(_, value)| value).collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    #[test]
    fn unpaired_brackets_are_refused() {
        for name in ["a[b", "a]b", "[a]", "a[b]c", ""] {
            assert!(Params::parse(&format!("{name}=1")).is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_cannot_be_both_value_and_hash() {
        assert!(Params::parse("a=1&a[b]=2").is_err());
    }

    #[test]
    fn order_does_not_change_the_fingerprint_but_values_do() {
        assert_eq!(
            parse("a=1&b[c]=2").fingerprint(),
            parse("b[c]=2&a=1").fingerprint()
        );
        assert_ne!(
            parse("a=1&b[c]=2").fingerprint(),
            parse("a=1&b[c]=3").fingerprint()
        );
        assert_ne!(
            parse("a=1&b[c]=2").fingerprint(),
            parse("a=1&b[d]=2").fingerprint()
        );
    }

    #[test]
    fn errors_name_a_nested_parameter_in_brackets() {
        let params = parse("card[exp_month]=x");
        let error = params
            .hash("card")
            .unwrap()
            .unwrap()
            .integer("exp_month")
            .unwrap_err();
        assert_eq!(error.body()["error"]["param"], "card[exp_month]");
        assert_eq!(error.body()["error"]["message"], "Invalid integer: x");
    }
}
