//! A seller puts a ticket on sale.

use kit::{Database, SqlError};
use uuid::Uuid;

use crate::Draft;

const SELL: &str = include_str!("../sql/sell.sql");

/// Puts a ticket on sale and tells the other services. Gives the ticket as JSON.
///
/// # Errors
/// When the database does not answer.
pub fn sell(
    database: &impl Database,
    seller: Uuid,
    draft: &Draft,
    traceparent: Option<&str>,
) -> Result<String, SqlError> {
    let row = database.query_one(
        SELL,
        &[
            draft.title.as_str().into(),
            draft.price.into(),
            seller.into(),
            traceparent.into(),
        ],
    )?;
    row.text("ticket")?
        .map(str::to_owned)
        .ok_or(SqlError::NoRow)
}
