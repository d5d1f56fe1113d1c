//! What happens each time that the schedule fires.

use edge::Postgres;
use kit::SqlError;

pub fn run() -> Result<(), SqlError> {
    expiration_rules::announce_due(&Postgres)
}
