//! Deadlines that are due are announced, once each.

use kit::{Database, SqlError};

const ANNOUNCE: &str = include_str!("../sql/announce_due.sql");

/// How many deadlines one statement announces.
const BATCH: i64 = 1000;

/// How many statements one call runs at most: the next call goes on. Few, so that a call ends before its schedule gives it up.
const MAX_BATCHES: usize = 4;

/// Announces every deadline that is due by the database's clock.
///
/// # Errors
/// When the database does not answer; what was announced until then stays so.
pub fn announce_due(database: &impl Database) -> Result<(), SqlError> {
    for _ in 0..MAX_BATCHES {
        let row = database.query_one(ANNOUNCE, &[BATCH.into()])?;
        if row.int("announced")?.unwrap_or(0) < BATCH {
            break;
        }
    }
    Ok(())
}
