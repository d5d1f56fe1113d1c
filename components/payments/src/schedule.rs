//! What happens each time that the schedule fires.

use edge::{ConfigError, Postgres};
use kit::SqlError;
use thiserror::Error;

use crate::stripe;

/// Why a run ended early. The next one goes on.
#[derive(Debug, Error)]
pub enum RunError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Database(#[from] SqlError),
}

pub fn run() -> Result<(), RunError> {
    Ok(payments_rules::reconcile(&Postgres, &stripe::account()?)?)
}
