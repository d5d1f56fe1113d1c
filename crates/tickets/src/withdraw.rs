//! A seller takes a ticket off sale for good.

use kit::Database;
use uuid::Uuid;

use crate::edit::{EditError, refusal};

const WITHDRAW: &str = include_str!("../sql/withdraw.sql");

/// Deletes a ticket that nobody has reserved, and tells the other services. `write` names the request: asked again,
/// it is no error that the ticket is gone.
///
/// # Errors
/// [`EditError`].
pub fn withdraw(
    database: &impl Database,
    seller: Uuid,
    ticket: Uuid,
    write: Option<Uuid>,
    traceparent: Option<&str>,
) -> Result<(), EditError> {
    let row = database.query_one(
        WITHDRAW,
        &[
            ticket.into(),
            seller.into(),
            traceparent.into(),
            write.into(),
        ],
    )?;
    if row.bool("withdrawn")? {
        return Ok(());
    }
    Err(refusal(row.uuid("seller")?, seller, "delete"))
}
