//! Schema migrations: `components/<service>/migrations/V<n>__<name>.sql`, forward only, each recorded when applied.
use std::path::Path;

use anyhow::{Context as _, Result};
use refinery::{Runner, load_sql_migrations};
use tokio_postgres::Client;

use crate::services::Service;

/// Applies those that are new and returns their names.
///
/// # Errors
/// When one fails, or one that was applied has changed or is gone.
pub async fn migrate(client: &mut Client, root: &Path, service: Service) -> Result<Vec<String>> {
    let folder = root
        .join("components")
        .join(service.name)
        .join("migrations");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let migrations = load_sql_migrations(&folder)
        .with_context(|| format!("cannot read the migrations in {}", folder.display()))?;
    let report = Runner::new(&migrations)
        .set_abort_divergent(true)
        .set_abort_missing(true)
        .run_async(client)
        .await
        .with_context(|| {
            let database = service.database();
            format!("cannot migrate {database} (an applied migration never changes: add one, or `up --fresh` drops all data)")
        })?;
    Ok(report
        .applied_migrations()
        .iter()
        .map(ToString::to_string)
        .collect())
}
