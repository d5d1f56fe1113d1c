//! What a shop tells operators about itself: traces, metrics and logs of one lattice that exports all it has.
#![forbid(unsafe_code)]

mod logs;
mod metrics;
mod purchase;
mod traces;

use std::process::ExitCode;
use std::sync::Arc;

use e2e::{Collector, Lattice, Setup, Shop};
use libtest_mimic::Trial;
use tokio::sync::Mutex;

/// The lattice and who keeps its telemetry, started by the first trial that needs them.
#[derive(Clone, Default)]
struct World(Arc<Mutex<Option<Told>>>);

struct Told {
    lattice: Lattice,
    collector: Collector,
}

impl World {
    /// Does something with the running lattice.
    async fn with<T>(&self, act: impl AsyncFnOnce(&mut Told) -> T) -> T {
        let mut place = self.0.lock().await;
        if place.is_none() {
            let told = Told::start().await;
            *place = Some(told.unwrap_or_else(|error| panic!("{error:?}")));
        }
        act(place.as_mut().expect("started above")).await
    }

    /// The shop that the lattice runs, and who keeps its telemetry.
    async fn shop(&self) -> (Shop, Collector) {
        let (endpoints, collector) = self
            .with(async |told| (told.lattice.endpoints().clone(), told.collector.clone()))
            .await;
        let shop = Shop::open(&endpoints).await;
        let shop = shop.unwrap_or_else(|error| panic!("{error:?}"));
        (shop, collector)
    }
}

impl Told {
    async fn start() -> anyhow::Result<Self> {
        let collector = Collector::start().await?;
        let setup = Setup::new()
            .with("WASMCLOUD_OBSERVABILITY_ENABLED", "true")
            .with("WASMCLOUD_STRUCTURED_LOGGING_ENABLED", "true")
            .with("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
            // Milliseconds; a test has less patience than an operator.
            .with("OTEL_BSP_SCHEDULE_DELAY", 200)
            .with("OTEL_BLRP_SCHEDULE_DELAY", 200)
            .with("OTEL_METRIC_EXPORT_INTERVAL", 1000);
        Ok(Self {
            lattice: Lattice::start(&setup).await?,
            collector,
        })
    }
}

fn all(world: &World) -> Vec<Vec<Trial>> {
    vec![
        traces::trials(world),
        metrics::trials(world),
        logs::trials(world),
    ]
}

fn main() -> ExitCode {
    e2e::one_by_one(World::default(), all, async |world, passed| {
        match world.0.lock().await.take() {
            Some(told) => told.lattice.close(passed).await,
            None => Ok(()),
        }
    })
}
