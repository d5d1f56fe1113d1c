//! A buyer looks at an order.

use kit::{ApiError, Database, SqlError};
use thiserror::Error;
use uuid::Uuid;

/// Why an order is not shown.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ShowError {
    /// There is no such order.
    #[error("Not found")]
    NotFound,
    /// It is somebody else's.
    #[error("Not authorized")]
    NotTheBuyer,
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] SqlError),
}

impl From<ShowError> for ApiError {
    fn from(error: ShowError) -> Self {
        match error {
            ShowError::NotFound => Self::not_found(),
            ShowError::NotTheBuyer => Self::not_authorized(),
            ShowError::Database(error) => error.into(),
        }
    }
}

/// An order as JSON.
///
/// # Errors
/// [`ShowError`].
pub fn show(database: &impl Database, buyer: Uuid, order: Uuid) -> Result<String, ShowError> {
    const SHOW: &str =
        r#"select user_id, order_json(o)::text as "order" from orders o where id = $1"#;
    let rows = database.query(SHOW, &[order.into()])?;
    let row = rows.first().ok_or(ShowError::NotFound)?;
    if row.uuid("user_id")? != Some(buyer) {
        return Err(ShowError::NotTheBuyer);
    }
    Ok(row.text("order")?.ok_or(SqlError::NoRow)?.to_owned())
}
