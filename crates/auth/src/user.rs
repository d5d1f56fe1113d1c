//! Accounts in the database. Email addresses are unique without case; the database's index decides.

use kit::{Database, SqlError};
use serde::Serialize;
use uuid::Uuid;

use crate::{AuthError, Email};

const INSERT: &str = include_str!("../sql/insert_user.sql");
const FIND: &str = include_str!("../sql/find_user.sql");

/// An account as clients see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Its id.
    pub id: Uuid,
    /// Its email address, as it was typed at sign-up.
    pub email: String,
}

/// Adds an account.
///
/// # Errors
/// [`AuthError::EmailInUse`], or a database that does not answer.
pub fn insert(database: &impl Database, user: &User, password_hash: &str) -> Result<(), AuthError> {
    let parameters = [
        user.id.into(),
        user.email.as_str().into(),
        password_hash.into(),
    ];
    match database.query(INSERT, &parameters)?.as_slice() {
        [] => Err(AuthError::EmailInUse),
        _ => Ok(()),
    }
}

/// The account with this email address, and the hash of its password.
///
/// # Errors
/// When the database does not answer.
pub fn find(database: &impl Database, email: &Email) -> Result<Option<(User, String)>, SqlError> {
    let rows = database.query(FIND, &[email.as_str().into()])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let id = row.uuid("id")?.ok_or(SqlError::Shape("id"))?;
    let email = row
        .text("email")?
        .ok_or(SqlError::Shape("email"))?
        .to_owned();
    let hash = row
        .text("password_hash")?
        .ok_or(SqlError::Shape("password_hash"))?
        .to_owned();
    Ok(Some((User { id, email }, hash)))
}
