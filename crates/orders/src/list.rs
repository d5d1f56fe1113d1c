//! A buyer looks at all of their orders, newest first.

use kit::{Database, Page, SqlError};
use uuid::Uuid;

const LIST: &str = include_str!("../sql/list.sql");

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The rows as a JSON array.
    pub json: String,
    /// The sequence number after which the next page begins, when there is one.
    pub next: Option<i64>,
}

/// The orders of `buyer`.
///
/// # Errors
/// When the database does not answer.
pub fn list(database: &impl Database, buyer: Uuid, page: Page) -> Result<Listing, SqlError> {
    let row = database.query_one(LIST, &[buyer.into(), page.before.into(), page.limit.into()])?;
    let json = row.text("orders")?.unwrap_or("[]").to_owned();
    Ok(Listing {
        json,
        next: row.int("next")?,
    })
}
