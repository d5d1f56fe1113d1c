//! Anyone looks at a ticket.

use kit::{Database, SqlError};
use uuid::Uuid;

/// A ticket as JSON; `None` when there is no such ticket.
///
/// # Errors
/// When the database does not answer.
pub fn show(database: &impl Database, ticket: Uuid) -> Result<Option<String>, SqlError> {
    const SHOW: &str =
        "select ticket_json(t)::text as ticket from tickets t where id = $1 and deleted_at is null";
    match database.query(SHOW, &[ticket.into()])?.first() {
        Some(row) => Ok(row.text("ticket")?.map(str::to_owned)),
        None => Ok(None),
    }
}
