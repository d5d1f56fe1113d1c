//! The command line. Every flag of `up` has an environment variable of the same meaning.
//! Values are checked in [`settings`](crate::settings), so that a wrong one reads the same from either.
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[derive(Debug, Parser)]
#[command(
    name = "ticketing",
    version,
    about = "Runs and looks after the ticket shop"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything until Ctrl-C: Postgres, NATS, the secrets backend, wadm, hosts, the Stripe double and the application
    Up(Box<Up>),
    /// Stop a running `up`
    Down(Place),
    /// Restart the hosts of a running `up` one by one, so that they run what was built last
    Roll(Place),
    /// Bring the databases of DATABASE_URL, or of a running `up`, to this checkout's schema
    Migrate(Migrate),
    /// Put the secrets that the manifest names into a lattice, before `wash app deploy`
    Configure(Configure),
    /// Make the installation's passwords and keys, or change the key that signs sessions
    Keys(Keys),
    /// Deploy the manifest's version of this checkout, or an earlier one, and wait until it runs
    Deploy(Deploy),
    /// Serve what the databases and streams tell as metrics, in Prometheus' format
    Metrics(Metrics),
    /// Look at the events that could not be handled, have them handled after all, or drop them
    DeadLetters(DeadLetters),
    /// Have a service hear every event again, from the first one on
    Replay(Replay),
    /// Run the secrets backend, which gives hosts what the components and providers that they start may know
    Secrets(SecretsBackend),
    /// Pack provider binaries as signed archives
    Par(Par),
    /// Sign components
    Sign(Sign),
    /// Push every component and provider to a registry, and write the manifest that runs them from there
    Publish(Publish),
}

/// Where this installation is and keeps its data.
#[derive(Debug, Args)]
pub struct Place {
    /// The checkout: manifest, components, providers and migrations
    #[arg(long, env = "TICKETING_ROOT", default_value = ".", global = true)]
    pub root: PathBuf,
    /// Databases, streams, secrets and logs; `.data` in the checkout when absent
    #[arg(long, env = "TICKETING_DATA", global = true)]
    pub data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Up {
    #[command(flatten)]
    pub place: Place,
    /// Port of the shop on 127.0.0.1; 0 takes a free one
    #[arg(long, env = "PORT", default_value = "8000")]
    pub port: String,
    /// Drop all data first
    #[arg(long)]
    pub fresh: bool,
    /// Start the servers alone: Postgres, NATS, the secrets backend and the Stripe double, for a lattice that `wash dev` runs
    #[arg(long)]
    pub servers: bool,
    /// Number of wasmCloud hosts; each of several gets a network namespace of its own, which takes root and iproute2
    #[arg(long, default_value = "1")]
    pub hosts: String,
    /// Seconds that a buyer has to pay
    #[arg(long, env = "ORDER_EXPIRATION_SECONDS", default_value = "900")]
    pub order_expiration_seconds: String,
    /// Stripe's API; a test double is started when absent
    #[arg(long, env = "STRIPE_API_BASE")]
    pub stripe_api_base: Option<String>,
    /// Stripe's secret key; required with STRIPE_API_BASE
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    pub stripe_secret_key: Option<String>,
    /// Secret of the webhook's signatures; required with STRIPE_API_BASE
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", hide_env_values = true)]
    pub stripe_webhook_secret: Option<String>,
    /// Stripe's publishable key; required with STRIPE_API_BASE
    #[arg(long, env = "STRIPE_PUBLISHABLE_KEY")]
    pub stripe_publishable_key: Option<String>,
    /// Currency of all prices, as three lower-case letters
    #[arg(long, env = "CURRENCY", default_value = "usd")]
    pub currency: String,
    #[command(flatten)]
    pub database: Database,
    /// A NATS server with JetStream, as nats://host:port; one is started when absent
    #[arg(long, env = "NATS_URL")]
    pub nats_url: Option<String>,
    /// The nats-server to start
    #[arg(long, env = "TICKETING_NATS_SERVER")]
    pub nats_server: Option<PathBuf>,
    /// The folder of the Postgres programs to start
    #[arg(long, env = "TICKETING_POSTGRES_BIN")]
    pub postgres_bin: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Database {
    /// A Postgres server, as postgres://user:password@host:port/database of a user who may create databases and
    /// roles; one is started when absent
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub database: Database,
}

#[derive(Debug, Args)]
pub struct Configure {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub database: Database,
    /// The lattice's NATS server, as nats://host:port; a host and the secrets backend must be connected to it
    #[arg(long, env = "NATS_URL")]
    pub nats_url: Option<String>,
    /// Stripe's secret key
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    pub stripe_secret_key: Option<String>,
    /// Secret of the webhook's signatures
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", hide_env_values = true)]
    pub stripe_webhook_secret: Option<String>,
}

#[derive(Debug, Args)]
pub struct Keys {
    #[command(flatten)]
    pub place: Place,
    #[arg(value_enum)]
    pub step: KeyStep,
}

/// A change of the session key takes three steps, `configure` after each, and signs nobody out.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum KeyStep {
    /// Make what is missing in secrets.json
    Make,
    /// Make the next session key, and let every service accept it
    Announce,
    /// Sign with the next key; the one before is still accepted
    Switch,
    /// Accept the key that signs alone
    Retire,
}

#[derive(Debug, Args)]
pub struct Deploy {
    #[command(flatten)]
    pub place: Place,
    /// The lattice's NATS server, as nats://host:port
    #[arg(long, env = "NATS_URL")]
    pub nats_url: Option<String>,
    /// A property of a configuration in the manifest that is another here, as configuration.PROPERTY=value; repeatable
    #[arg(long = "set", value_name = "CONFIGURATION.PROPERTY=VALUE")]
    pub settings: Vec<String>,
    /// Go back to a version that was deployed before, as an earlier deployment has named it
    #[arg(long = "version", conflicts_with = "settings")]
    pub version: Option<String>,
    /// Another manifest than the checkout's wadm.yaml, such as `publish` writes
    #[arg(long, conflicts_with = "version")]
    pub manifest: Option<PathBuf>,
    /// Seconds that the lattice may take
    #[arg(long, default_value = "300")]
    pub timeout: String,
}

#[derive(Debug, Args)]
pub struct Publish {
    #[command(flatten)]
    pub place: Place,
    /// Where to push, as host[:port][/path]; an artifact is <registry>/<name>:<tag>
    #[arg(long)]
    pub registry: String,
    /// The tag of all artifacts and the version of the manifest
    #[arg(long)]
    pub tag: String,
    /// Speak HTTP to the registry, not HTTPS
    #[arg(long)]
    pub insecure: bool,
    /// User at the registry; anonymous when absent
    #[arg(long, env = "WASH_REG_USER")]
    pub user: Option<String>,
    /// Password at the registry
    #[arg(long, env = "WASH_REG_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// Another manifest than the checkout's wadm.yaml
    #[arg(long)]
    pub manifest: Option<PathBuf>,
    /// A property of a configuration in the manifest that is another there, as configuration.PROPERTY=value; repeatable
    #[arg(long = "set", value_name = "CONFIGURATION.PROPERTY=VALUE")]
    pub settings: Vec<String>,
    /// The manifest to write; target/wadm-<tag>.yaml in the checkout when absent
    #[arg(long)]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Metrics {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub database: Database,
    /// The NATS server with the streams, as nats://host:port
    #[arg(long, env = "NATS_URL")]
    pub nats_url: Option<String>,
    /// Where to serve /metrics; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:9464")]
    pub listen: String,
}

/// Where the streams are.
#[derive(Debug, Args)]
pub struct Streams {
    /// The NATS server with the streams, as nats://host:port; that of a running `up` when absent
    #[arg(long, env = "NATS_URL", global = true)]
    pub nats_url: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct DeadLetters {
    #[command(flatten)]
    pub streams: Streams,
    #[command(subcommand)]
    pub step: DeadLetterStep,
}

#[derive(Debug, Subcommand)]
pub enum DeadLetterStep {
    /// All of them, one a line
    List,
    /// One with all that is known, and its event as JSON
    Show {
        /// Its number in the list
        #[arg(value_name = "N")]
        number: u64,
    },
    /// Publish the event again, so that it is handled after all; then drop the letter
    Replay(Which),
    /// Delete the letter; its event stays in the stream
    Drop(Which),
}

/// One dead letter or all.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// Its number in the list
    #[arg(value_name = "N")]
    pub number: Option<u64>,
    /// Every one that is there now
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    pub streams: Streams,
    /// tickets, orders, payments or expiration
    pub service: String,
    /// Seconds to wait until it has handled them; it goes on without
    #[arg(long, default_value = "3600")]
    pub timeout: String,
}

#[derive(Debug, Args)]
pub struct SecretsBackend {
    #[command(flatten)]
    pub place: Place,
    /// The lattice's NATS server, as nats://host:port
    #[arg(long, env = "NATS_URL")]
    pub nats_url: Option<String>,
    /// Ask the one that runs whether it answers, and run none
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct Sign {
    /// Folder of the signing keys, made when missing; a component keeps its identity as long as its key
    #[arg(long)]
    pub keys: PathBuf,
    /// `<built>=<signed>`, what is signed being named `<component>_s.wasm`
    #[arg(required = true)]
    pub components: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Par {
    /// Folder of the signing keys, made when missing; a provider keeps its identity as long as its key
    #[arg(long)]
    pub keys: PathBuf,
    /// `<binary>=<archive>`, the archive being named `<provider>.par.gz`
    #[arg(required = true)]
    pub providers: Vec<String>,
}
