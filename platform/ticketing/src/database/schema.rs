//! Schema migrations: `components/<service>/migrations/V<n>__<name>.sql`, forward only, each recorded when applied.
//!
//! A version that is rolled back finds a schema that is ahead of it. It can do with that as long as later migrations
//! only add. One that drops what earlier versions use says so in its name, `V<n>__contract_<m>_<name>.sql`: only
//! versions that have migration `m` can do without what it drops. Others are refused.
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use refinery::error::Kind;
use refinery::{Migration, Runner, load_sql_migrations};
use tokio::time::{Instant, sleep};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::services::Service;

/// How long a migration may wait for a lock. All who come after it wait behind it, for no longer than a pool lets
/// them wait for a connection.
const LOCKED: Duration = Duration::from_millis(500);
/// Between two tries: who has waited behind the first gets through.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// How long it is tried: longer than most of what holds a table.
const PATIENCE: Duration = Duration::from_secs(120);

/// What begins the name of a migration that drops something.
const CONTRACT: &str = "contract";

/// What `migrate` has found and done.
#[derive(Debug, Default)]
pub struct Migrated {
    /// The names of those that it has applied.
    pub applied: Vec<String>,
    /// The names of those that a later version has applied.
    pub ahead: Vec<String>,
}

/// Applies those that are new.
///
/// # Errors
/// When one fails, or finds its table in use for two minutes; when one that was applied has changed or is gone, or
/// drops what this version uses.
pub async fn migrate(client: &mut Client, root: &Path, service: Service) -> Result<Migrated> {
    let folder = root
        .join("components")
        .join(service.name)
        .join("migrations");
    if !folder.is_dir() {
        return Ok(Migrated::default());
    }
    let mut migrations = load_sql_migrations(&folder)
        .with_context(|| format!("cannot read the migrations in {}", folder.display()))?;
    let recorded = recorded(client).await?;
    let ahead = ahead(&migrations, &recorded)
        .with_context(|| format!("cannot migrate {}", service.database()))?;
    let names = ahead.iter().map(ToString::to_string).collect();
    // Known after all, so that refinery misses none of them.
    migrations.extend(ahead);
    let runner = Runner::new(&migrations)
        .set_abort_divergent(true)
        .set_abort_missing(true);
    let applied = apply(client, &runner).await.with_context(|| {
        let database = service.database();
        format!("cannot migrate {database} (an applied migration never changes: add one, or `up --fresh` drops all data)")
    })?;
    Ok(Migrated {
        applied,
        ahead: names,
    })
}

/// What was applied before; nothing in a new database.
async fn recorded(client: &mut Client) -> Result<Vec<Migration>> {
    let there = "select to_regclass('public.refinery_schema_history') is not null";
    if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
        return Ok(Vec::new());
    }
    let applied = Runner::new(&[]).get_applied_migrations_async(client).await;
    applied.context("cannot read which migrations were applied")
}

/// Those of `recorded` that come after all that are `known`: of a later version, which this one can do with.
///
/// # Errors
/// When one of them drops what this version uses, or a migration's name does not say what it has to.
fn ahead(known: &[Migration], recorded: &[Migration]) -> Result<Vec<Migration>> {
    for migration in known {
        needed(migration)?;
    }
    let last = known.iter().map(Migration::version).max().unwrap_or(0);
    let later = recorded.iter().filter(|one| one.version() > last);
    later
        .map(|migration| {
            if let Some(needed) = needed(migration)? {
                ensure!(
                    needed <= last,
                    "{migration} has dropped what this version uses: it takes a version that has migration {needed}, and this one ends at {last}"
                );
            }
            Ok(migration.clone())
        })
        .collect()
}

/// The migration that a version must have to do without what `migration` drops; none when it drops nothing.
fn needed(migration: &Migration) -> Result<Option<u32>> {
    let Some(rest) = migration.name().strip_prefix(CONTRACT) else {
        return Ok(None);
    };
    let number = rest.strip_prefix('_').and_then(|rest| {
        let (number, _) = rest.split_once('_').unwrap_or((rest, ""));
        number.parse().ok()
    });
    match number {
        Some(number) if number < migration.version() => Ok(Some(number)),
        _ => bail!(
            "{migration} has to say which earlier migration it follows: V<n>__{CONTRACT}_<m>_<name>"
        ),
    }
}

/// Applies what is new, and gives way to whoever uses the tables meanwhile. Gives the names.
async fn apply(client: &mut Client, runner: &Runner) -> Result<Vec<String>> {
    let limit = format!("set lock_timeout = {}", LOCKED.as_millis());
    client.batch_execute(&limit).await?;
    let deadline = Instant::now() + PATIENCE;
    let mut applied = Vec::new();
    loop {
        let error = match runner.run_async(client).await {
            Ok(report) => {
                applied.extend(report.applied_migrations().iter().map(ToString::to_string));
                return Ok(applied);
            }
            Err(error) => error,
        };
        let before = error.report().map(refinery::Report::applied_migrations);
        applied.extend(before.into_iter().flatten().map(ToString::to_string));
        if !is_in_the_way(&error) {
            return Err(error.into());
        }
        if Instant::now() > deadline {
            return Err(error)
                .context("somebody holds what it changes (look at pg_stat_activity and pg_locks)");
        }
        sleep(BETWEEN_TRIES).await;
    }
}

/// Whether a migration was undone because somebody else held what it needs.
fn is_in_the_way(error: &refinery::Error) -> bool {
    let Kind::Connection(_, source) = error.kind() else {
        return false;
    };
    let code = source
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(tokio_postgres::Error::code);
    matches!(
        code,
        Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::T_R_DEADLOCK_DETECTED)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migrations(names: &[&str]) -> Vec<Migration> {
        let all = names.iter().map(|name| Migration::unapplied(name, ""));
        all.collect::<Result<_, _>>().expect("good names")
    }

    fn names(known: &[&str], recorded: &[&str]) -> Result<Vec<String>> {
        let ahead = ahead(&migrations(known), &migrations(recorded))?;
        Ok(ahead.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_version_can_do_with_what_later_ones_have_added() {
        let (old, new) = (["V1__a", "V2__b"], ["V1__a", "V2__b", "V3__c", "V4__d"]);
        assert_eq!(names(&old, &new).expect("tolerated"), ["V3__c", "V4__d"]);
        assert!(names(&new, &new).expect("the same").is_empty());
        assert!(names(&new, &old).expect("to be migrated").is_empty());
        assert!(names(&new, &[]).expect("a new database").is_empty());
    }

    #[test]
    fn a_version_that_uses_what_was_dropped_is_refused() {
        let recorded = ["V1__a", "V2__b", "V3__fill_b", "V4__contract_3_a"];
        for too_old in [&["V1__a"][..], &["V1__a", "V2__b"]] {
            let refusal = names(too_old, &recorded).expect_err("refused").to_string();
            assert!(
                refusal.starts_with("V4__contract_3_a has dropped"),
                "{refusal}"
            );
        }
        let young_enough = names(&["V1__a", "V2__b", "V3__fill_b"], &recorded);
        assert_eq!(young_enough.expect("tolerated"), ["V4__contract_3_a"]);
    }

    #[test]
    fn a_contraction_says_which_earlier_migration_it_follows() {
        for bad in [
            "V4__contract",
            "V4__contract_title",
            "V4__contract_4_a",
            "V4__contracts_3",
        ] {
            assert!(names(&[bad], &[]).is_err(), "{bad}");
        }
        assert!(names(&["V4__contract_3"], &[]).is_ok());
    }

    #[test]
    fn what_a_checkout_skips_is_left_to_refinery_to_refuse() {
        assert!(
            names(&["V1__a", "V3__c"], &["V1__a", "V2__b"])
                .expect("no later one")
                .is_empty()
        );
    }
}
