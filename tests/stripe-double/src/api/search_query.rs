//! The part of Stripe's search language that finds payment intents: `field:'value'` clauses joined by AND, or by OR.
//! See <https://docs.stripe.com/search#search-query-language>.

use crate::objects::PaymentIntent;
use crate::wire::StripeError;

/// A parsed query.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchQuery {
    clauses: Vec<Clause>,
    any: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Clause {
    negated: bool,
    field: Field,
    value: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Field {
    Metadata(String),
    Amount,
    Currency,
    Status,
}

impl SearchQuery {
    /// Parses a query.
    ///
    /// # Errors
    /// 400 for anything outside the supported part, and for AND mixed with OR, which Stripe refuses too.
    pub fn parse(query: &str) -> Result<Self, StripeError> {
        let unparsable = || {
            StripeError::invalid_param(
                "query",
                "We were unable to parse your search query. Try using the format `metadata[\"key\"]:\"value\"` to query \
                 for metadata or key:\"value\" to query for other fields.",
            )
        };
        let mut clauses = Vec::new();
        let mut operators = Vec::new();
        let mut rest = query.trim();
        loop {
            let (clause, tail) = clause(rest).ok_or_else(unparsable)?;
            clauses.push(clause);
            rest = tail.trim_start();
            if rest.is_empty() {
                break;
            }
            let operator = [("AND ", false), ("OR ", true)]
                .into_iter()
                .find_map(|(word, or)| Some((rest.strip_prefix(word)?, or)));
            // Two clauses side by side are an AND.
            let (tail, or) = operator.unwrap_or((rest, false));
            operators.push(or);
            rest = tail.trim_start();
        }
        let any = operators.first().copied().unwrap_or(false);
        if operators.iter().any(|or| *or != any) {
            return Err(unparsable());
        }
        Ok(Self { clauses, any })
    }

    /// Whether a payment intent is found.
    pub fn matches(&self, intent: &PaymentIntent) -> bool {
        let holds = |clause: &Clause| {
            let value = &clause.value;
            let equal = match &clause.field {
                Field::Metadata(key) => intent.metadata.get(key) == Some(value),
                Field::Amount => intent.amount.to_string() == *value,
                Field::Currency => intent.currency == *value,
                Field::Status => intent.status.word() == value,
            };
            equal != clause.negated
        };
        if self.any {
            self.clauses.iter().any(holds)
        } else {
            self.clauses.iter().all(holds)
        }
    }
}

/// One clause from the front of `text`, and what follows it.
fn clause(text: &str) -> Option<(Clause, &str)> {
    let (negated, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let (field, rest) = if let Some(rest) = text.strip_prefix("metadata[") {
        let (key, rest) = quoted(rest)?;
        (Field::Metadata(key), rest.strip_prefix("]:")?)
    } else {
        let (name, rest) = text.split_once(':')?;
        let field = match name {
            "amount" => Field::Amount,
            "currency" => Field::Currency,
            "status" => Field::Status,
            _ => return None,
        };
        (field, rest)
    };
    let (value, rest) = match quoted(rest) {
        Some(quoted) => quoted,
        None => {
            let end = rest.find(' ').unwrap_or(rest.len());
            let number: i64 = rest[..end].parse().ok()?;
            (number.to_string(), &rest[end..])
        }
    };
    Some((
        Clause {
            negated,
            field,
            value,
        },
        rest,
    ))
}

/// A text in single or double quotes, in which a backslash escapes.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.push(chars.next()?.1),
            c if c == quote => return Some((value, &text[at + 1..])),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Status;

    fn found(query: &str) -> bool {
        let mut intent = PaymentIntent::new(1000, "usd");
        intent.status = Status::Succeeded;
        intent.metadata.insert("order_id".into(), "o'1".into());
        SearchQuery::parse(query).expect(query).matches(&intent)
    }

    #[test]
    fn metadata_is_found_with_either_quote() {
        assert!(found(r"metadata['order_id']:'o\'1'"));
        assert!(found(r#"metadata["order_id"]:"o'1""#));
        assert!(!found("metadata['order_id']:'o2'"));
        assert!(!found("metadata['other']:'o2'"));
    }

    #[test]
    fn clauses_join_by_and_or_or() {
        assert!(found("status:'succeeded' AND amount:1000"));
        assert!(!found("status:'succeeded' AND amount:1"));
        assert!(found("status:'canceled' OR amount:1000"));
        assert!(found("status:'succeeded' -amount:1"));
    }

    #[test]
    fn nonsense_is_refused() {
        for query in [
            "",
            "status",
            "metadata['a':'b'",
            "colour:'red'",
            "status:'a' AND status:'b' OR status:'c'",
        ] {
            assert!(SearchQuery::parse(query).is_err(), "{query}");
        }
    }
}
