//! A seller puts a ticket on sale.

use kit::{Database, SqlError};
use uuid::Uuid;

use crate::Draft;

const SELL: &str = include_str!("../sql/sell.sql");

/// Puts a ticket on sale and tells the other services. Gives the ticket as JSON. `write`, when the request has a
/// name, becomes the ticket's id: asked again, the answer is the same ticket.
///
/// # Errors
/// When the database does not answer.
pub fn sell(
    database: &impl Database,
    seller: Uuid,
    draft: &Draft,
    write: Option<Uuid>,
    traceparent: Option<&str>,
) -> Result<String, SqlError> {
    let parameters = [
        draft.title.as_str().into(),
        draft.price.into(),
        seller.into(),
        traceparent.into(),
        write.into(),
    ];
    let mut rows = database.query(SELL, &parameters)?;
    if rows.is_empty() {
        // The same request was being carried out when the statement began: by now its ticket can be seen.
        rows = database.query(SELL, &parameters)?;
    }
    let row = rows.first().ok_or(SqlError::NoRow)?;
    row.text("ticket")?
        .map(str::to_owned)
        .ok_or(SqlError::NoRow)
}
