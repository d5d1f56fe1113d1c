//! What a shop tells operators about itself: traces, metrics and logs of one lattice that exports all it has.
#![forbid(unsafe_code)]

mod logs;
mod metrics;
mod purchase;
mod traces;

use std::process::ExitCode;
use std::sync::Arc;

use e2e::{Collector, Endpoints, Lattice, RUNTIME, Setup, Shop};
use libtest_mimic::{Arguments, Trial};
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

/// Lists the trials of a module; each is an async function that gets the [`World`].
macro_rules! trials {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn trials(world: &crate::World) -> Vec<libtest_mimic::Trial> {
            vec![$({
                let world = world.clone();
                e2e::trial(e2e::trial_name(module_path!(), stringify!($name)), move || world.clone(), $name)
            }),+]
        }
    };
}
pub(crate) use trials;

fn all(world: &World) -> Vec<Trial> {
    [
        traces::trials(world),
        metrics::trials(world),
        logs::trials(world),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if Endpoints::from_environment().is_some() && !arguments.list {
        eprintln!("these trials need a lattice that exports telemetry to them, one of their own");
        return ExitCode::SUCCESS;
    }
    arguments.test_threads = Some(1);
    let world = World::default();
    let mut passed = !libtest_mimic::run(&arguments, all(&world)).has_failed();
    if let Some(mut told) = RUNTIME.block_on(world.0.lock()).take() {
        if !passed {
            eprintln!("the lattice's log:\n{}", told.lattice.log());
        }
        if let Err(error) = RUNTIME.block_on(told.lattice.stop()) {
            eprintln!("{error:?}");
            passed = false;
        }
    }
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
