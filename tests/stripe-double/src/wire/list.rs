//! Lists: newest first, cut by `limit`, `starting_after`, `ending_before` and `created[…]`.
//! See <https://docs.stripe.com/api/pagination>.

use super::{Params, StripeError};
use serde_json::{Value, json};

/// The parameters that every list takes.
const PAGE_PARAMS: [&str; 4] = ["limit", "starting_after", "ending_before", "created"];

/// An object that lists can hold.
pub trait Row {
    fn id(&self) -> &str;
    /// Seconds since the epoch.
    fn created(&self) -> i64;
    /// The API's shape.
    fn json(&self) -> Value;
}

/// One page of `rows`, which come newest first.
///
/// # Errors
/// 400 for a limit outside 1–100, a cursor that is in no row, or a parameter that is neither of paging nor in `filters`.
pub fn page<'a, R: Row + 'a>(
    rows: impl Iterator<Item = &'a R>,
    url: &str,
    params: &Params,
    filters: &[&str],
) -> Result<Value, StripeError> {
    params.allow(&[&PAGE_PARAMS[..], filters].concat())?;
    let limit = limit(params)?;
    let mut rows: Vec<&R> = rows.collect();
    if let Some(range) = params.hash("created")? {
        range.allow(&["gt", "gte", "lt", "lte"])?;
        let (gt, gte) = (range.integer("gt")?, range.integer("gte")?);
        let (lt, lte) = (range.integer("lt")?, range.integer("lte")?);
        rows.retain(|row| {
            let at = row.created();
            gt.is_none_or(|t| at > t)
                && gte.is_none_or(|t| at >= t)
                && lt.is_none_or(|t| at < t)
                && lte.is_none_or(|t| at <= t)
        });
    }
    let position = |id: &str, param: &str, rows: &[&R]| {
        rows.iter()
            .position(|row| row.id() == id)
            .ok_or_else(|| StripeError::missing("object", id, param))
    };
    let (from, to) = if let Some(id) = params.text("starting_after")? {
        let from = position(id, "starting_after", &rows)? + 1;
        (from, (from + limit).min(rows.len()))
    } else if let Some(id) = params.text("ending_before")? {
        let to = position(id, "ending_before", &rows)?;
        (to.saturating_sub(limit), to)
    } else {
        (0, limit.min(rows.len()))
    };
    let has_more = if params.text("ending_before")?.is_some() {
        from > 0
    } else {
        to < rows.len()
    };
    let data: Vec<Value> = rows[from..to].iter().map(|row| row.json()).collect();
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
}

/// `limit`, 10 by default.
pub fn limit(params: &Params) -> Result<usize, StripeError> {
    match params.integer("limit")?.unwrap_or(10) {
        limit @ 1..=100 => Ok(usize::try_from(limit).unwrap_or(100)),
        limit => Err(StripeError::invalid_param(
            "limit",
            format!("Invalid integer: {limit}. This value must be between 1 and 100 (inclusive)."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbered(i64, String);

    impl Row for Numbered {
        fn id(&self) -> &str {
            &self.1
        }
        fn created(&self) -> i64 {
            self.0
        }
        fn json(&self) -> Value {
            json!({ "id": self.1 })
        }
    }

    fn ids(query: &str) -> (Vec<String>, bool) {
        let rows: Vec<_> = (1..=5)
            .rev()
            .map(|n| Numbered(n, format!("x_{n}")))
            .collect();
        let page = page(rows.iter(), "/v1/x", &Params::parse(query).unwrap(), &[]).unwrap();
        let ids = page["data"].as_array().unwrap();
        (
            ids.iter()
                .map(|row| row["id"].as_str().unwrap().to_owned())
                .collect(),
            page["has_more"].as_bool().unwrap(),
        )
    }

    #[test]
    fn pages_walk_from_newest_to_oldest() {
        assert_eq!(ids("limit=2"), (vec!["x_5".into(), "x_4".into()], true));
        assert_eq!(
            ids("limit=3&starting_after=x_4"),
            (vec!["x_3".into(), "x_2".into(), "x_1".into()], false)
        );
        assert_eq!(
            ids("limit=2&ending_before=x_2"),
            (vec!["x_4".into(), "x_3".into()], true)
        );
    }

    #[test]
    fn created_cuts_by_time() {
        assert_eq!(ids("created[gte]=2&created[lt]=4").0, ["x_3", "x_2"]);
    }

    #[test]
    fn a_limit_over_100_is_refused() {
        assert!(
            page(
                std::iter::empty::<&Numbered>(),
                "/v1/x",
                &Params::parse("limit=101").unwrap(),
                &[]
            )
            .is_err()
        );
    }
}
