//! A buyer gives a reservation back.

use kit::{ApiError, Database, SqlError};
use thiserror::Error;
use uuid::Uuid;

const CANCEL: &str = include_str!("../sql/cancel.sql");

/// Why an order is left as it is.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CancelError {
    /// There is no such order.
    #[error("Not found")]
    NotFound,
    /// It is somebody else's.
    #[error("Not authorized")]
    NotTheBuyer,
    /// It is paid for.
    #[error("Cannot cancel a paid order")]
    Paid,
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] SqlError),
}

impl From<CancelError> for ApiError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotFound => Self::not_found(),
            CancelError::NotTheBuyer => Self::not_authorized(),
            CancelError::Paid => Self::bad_request(error.to_string()),
            CancelError::Database(error) => error.into(),
        }
    }
}

/// Cancels an order that is not paid for, and tells the other services. Doing it again is no error. Gives the ticket
/// that was reserved.
///
/// # Errors
/// [`CancelError`].
pub fn cancel(
    database: &impl Database,
    buyer: Uuid,
    order: Uuid,
    traceparent: Option<&str>,
) -> Result<Uuid, CancelError> {
    let row = database.query_one(CANCEL, &[order.into(), buyer.into(), traceparent.into()])?;
    if !row.bool("cancelled")? {
        refusal(row.uuid("buyer")?, row.text("status")?, buyer)?;
    }
    row.uuid("ticket")?.ok_or(CancelError::NotFound)
}

/// What it means that nothing was cancelled.
fn refusal(owner: Option<Uuid>, status: Option<&str>, buyer: Uuid) -> Result<(), CancelError> {
    match (owner, status) {
        (None, _) => Err(CancelError::NotFound),
        (Some(owner), _) if owner != buyer => Err(CancelError::NotTheBuyer),
        (Some(_), Some("cancelled")) => Ok(()),
        // Complete; or so by the time that the update looked.
        (Some(_), _) => Err(CancelError::Paid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    #[test]
    fn what_is_not_mine_or_paid_is_left_alone() {
        assert_eq!(refusal(None, None, ME), Err(CancelError::NotFound));
        assert_eq!(
            refusal(Some(OTHER), Some("created"), ME),
            Err(CancelError::NotTheBuyer)
        );
        assert_eq!(
            refusal(Some(ME), Some("complete"), ME),
            Err(CancelError::Paid)
        );
    }

    #[test]
    fn cancelling_twice_is_as_good_as_once() {
        assert_eq!(refusal(Some(ME), Some("cancelled"), ME), Ok(()));
    }
}
