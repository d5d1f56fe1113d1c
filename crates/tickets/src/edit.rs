//! A seller changes the title or the price of a ticket that nobody has reserved.

use kit::{ApiError, Database, SqlError};
use thiserror::Error;
use uuid::Uuid;

use crate::Draft;

const EDIT: &str = include_str!("../sql/edit.sql");

/// Why a ticket is left as it is.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EditError {
    /// There is no such ticket.
    #[error("Not found")]
    NotFound,
    /// It is somebody else's.
    #[error("Not authorized")]
    NotTheSeller,
    /// Somebody reserved or bought it.
    #[error("Cannot {0} a reserved ticket")]
    Reserved(&'static str),
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] SqlError),
}

impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::NotFound => Self::not_found(),
            EditError::NotTheSeller => Self::not_authorized(),
            EditError::Reserved(_) => Self::bad_request(error.to_string()),
            EditError::Database(error) => error.into(),
        }
    }
}

/// Changes a ticket and tells the other services. Gives the ticket as JSON. `write` names the request: asked again,
/// nothing changes and the answer is the same.
///
/// # Errors
/// [`EditError`].
pub fn edit(
    database: &impl Database,
    seller: Uuid,
    ticket: Uuid,
    draft: &Draft,
    write: Option<Uuid>,
    traceparent: Option<&str>,
) -> Result<String, EditError> {
    let row = database.query_one(
        EDIT,
        &[
            ticket.into(),
            seller.into(),
            draft.title.as_str().into(),
            draft.price.into(),
            traceparent.into(),
            write.into(),
        ],
    )?;
    match row.text("ticket")? {
        Some(ticket) => Ok(ticket.to_owned()),
        None => Err(refusal(row.uuid("seller")?, seller, "edit")),
    }
}

/// Why nothing was changed: who the seller is says it all.
pub(crate) fn refusal(owner: Option<Uuid>, seller: Uuid, verb: &'static str) -> EditError {
    match owner {
        None => EditError::NotFound,
        Some(owner) if owner != seller => EditError::NotTheSeller,
        Some(_) => EditError::Reserved(verb),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_edit_is_told_why() {
        let (me, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(refusal(None, me, "edit"), EditError::NotFound);
        assert_eq!(refusal(Some(other), me, "edit"), EditError::NotTheSeller);
        let reserved = refusal(Some(me), me, "edit");
        assert_eq!(reserved.to_string(), "Cannot edit a reserved ticket");
    }
}
