//! What an operator does with the tool on a lattice that runs: looking after events that could not be handled, bringing
//! back what a service has lost, and keeping and changing secrets. One trial after the other, since each empties what it likes.
#![forbid(unsafe_code)]

mod backup;
mod dead_letters;
mod replay;
mod rows;
mod secrets;

use std::process::ExitCode;
use std::sync::Arc;

use checker::Places;
use e2e::{Lattice, Operator, Setup, Shop};
use libtest_mimic::Trial;
use tokio::sync::OnceCell;
use tokio_postgres::Client;

/// How long an order lasts here. Long enough to be looked after on a busy machine, short enough to run out in a trial.
const ORDER_EXPIRATION_SECONDS: u64 = 20;

/// The lattice, started by the first trial that needs it.
#[derive(Clone, Default)]
struct World(Arc<OnceCell<(Lattice, Shop)>>);

impl World {
    async fn get(&self) -> &(Lattice, Shop) {
        let started = self.0.get_or_try_init(async || {
            let setup = Setup::new().with("ORDER_EXPIRATION_SECONDS", ORDER_EXPIRATION_SECONDS);
            let lattice = Lattice::start(&setup).await?;
            let shop = Shop::open(lattice.endpoints()).await?;
            anyhow::Ok((lattice, shop))
        });
        started.await.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The shop that the lattice runs.
    async fn shop(&self) -> Shop {
        self.get().await.1.clone()
    }

    /// The folder with the lattice's data.
    async fn data(&self) -> std::path::PathBuf {
        self.get().await.0.data()
    }

    /// Somebody who knows where the streams are.
    async fn operator(&self) -> Operator {
        Operator::at(Some(&self.get().await.0.endpoints().nats))
    }

    async fn places(&self) -> Places {
        let endpoints = self.get().await.0.endpoints().clone();
        Places {
            postgres: endpoints
                .postgres
                .expect("the lattice has its own Postgres"),
            nats: endpoints.nats,
            stripe_control: endpoints.stripe_control.expect("the lattice has a double"),
        }
    }

    /// The database of `service`, as its administrator.
    async fn database(&self, service: &str) -> Client {
        let client = checker::connect(&self.places().await.postgres, service).await;
        client.expect("Postgres answers")
    }

    /// Runs statements in the database of `service`.
    async fn administers(&self, service: &str, statements: &str) {
        let done = self.database(service).await.batch_execute(statements).await;
        done.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }
}

fn all(world: &World) -> Vec<Vec<Trial>> {
    vec![
        dead_letters::trials(world),
        replay::trials(world),
        backup::trials(world),
        secrets::trials(world),
    ]
}

fn main() -> ExitCode {
    e2e::one_by_one(World::default(), all, async |world, passed| {
        // The trials, which had clones, are gone.
        match Arc::into_inner(world.0).and_then(OnceCell::into_inner) {
            Some((lattice, _)) => lattice.close(passed).await,
            None => Ok(()),
        }
    })
}
