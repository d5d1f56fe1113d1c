//! A seller looks at all of their tickets, newest first, with what has become of them.

use kit::{Database, Page, SqlError};
use uuid::Uuid;

use crate::Listing;

const OWN: &str = include_str!("../sql/own.sql");

/// The tickets of `seller` that are on sale, reserved or sold.
///
/// # Errors
/// When the database does not answer.
pub fn own(database: &impl Database, seller: Uuid, page: Page) -> Result<Listing, SqlError> {
    let row = database.query_one(OWN, &[seller.into(), page.before.into(), page.limit.into()])?;
    Listing::read(&row)
}
