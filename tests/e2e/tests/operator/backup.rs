//! A backup of the databases, the streams and the keys, restored into servers that are empty, is the shop that it was.
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use checker::{Journal, Places};
use e2e::faults::Servers;
use e2e::{Lattice, Setup, Shop, StreamBackup};
use tokio::process::Command;

use crate::replay::after_much_has_happened;
use crate::rows::{QUIET, are_the_same, rows_at_rest};
use crate::{ORDER_EXPIRATION_SECONDS, World};

e2e::trials!(what_was_restored_into_empty_servers_is_the_same_shop);

/// What `configure` and `deploy` make anew: links, configurations, and what wadm knows.
fn is_of_the_lattice(stream: &str) -> bool {
    [
        "KV_LATTICEDATA_",
        "KV_CONFIGDATA_",
        "KV_WASMCLOUD_SECRETS",
        "KV_SECRETS_",
        "SECRETS_",
        "KV_wadm_",
        "wadm_",
    ]
    .iter()
    .any(|prefix| stream.starts_with(prefix))
}

async fn what_was_restored_into_empty_servers_is_the_same_shop(world: World) {
    let before = after_much_has_happened(&world).await;
    let customer = world.shop().await.person().await;
    let places = world.places().await;
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("databases.sql");
    dump_databases(&places.postgres, &dump)
        .await
        .expect("a dump");
    let streams = StreamBackup::of_all(&places.nats, is_of_the_lattice)
        .await
        .expect("a backup of the streams");
    assert!(streams.iter().any(|stream| stream.name == "TICKETING"));

    let servers = Servers::start().await.expect("empty servers");
    let postgres = Servers::postgres_on(servers.postgres_port());
    restore_databases(&postgres, &dump)
        .await
        .expect("a restore");
    for stream in &streams {
        let restored = stream.restore(&servers.nats()).await;
        restored.unwrap_or_else(|error| panic!("{}: {error:?}", stream.name));
    }
    let data = world.data().await;
    let setup = Setup::new()
        .with("ORDER_EXPIRATION_SECONDS", ORDER_EXPIRATION_SECONDS)
        .with("DATABASE_URL", &postgres)
        .with("NATS_URL", format!("nats://{}", servers.nats()))
        .with_data(data.join("secrets.json"))
        // Stripe has lost nothing.
        .with_data(data.join("stripe.json"));
    let lattice = Lattice::start(&setup).await.expect("a second lattice");
    let places = Places {
        postgres,
        nats: servers.nats(),
        stripe_control: lattice
            .endpoints()
            .stripe_control
            .clone()
            .unwrap_or_default(),
    };
    are_the_same(&before, &rows_at_rest(&places).await);
    let report = checker::check(&places, &Journal::default(), QUIET).await;
    let report = report.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(report.violations.is_empty(), "{report}");
    is_open(&lattice, &customer).await;
    lattice.close(true).await.expect("an end");
}

/// Whoever had an account and a session has them still, and buys.
async fn is_open(lattice: &Lattice, customer: &e2e::Person) {
    let shop = Shop::open(lattice.endpoints()).await.expect("a shop");
    let again = shop.visitor();
    for cookie in ["session", "refresh"] {
        if let Some(value) = customer.jar().value(cookie) {
            again.jar().set(cookie, value);
        }
    }
    let known = again.get("/api/users/currentuser").await.is(200);
    assert_eq!(known["currentUser"]["id"], customer.id);
    again
        .post("/api/users/refresh", &serde_json::json!({}))
        .await
        .is(200);
    let seller = shop.visitor();
    let user = seller
        .post("/api/users/signin", &customer.credentials())
        .await
        .is(200);
    assert_eq!(user["id"], customer.id);
    let buyer = shop.person().await;
    let order = buyer
        .orders(&seller.sells("After the fire", 12.0).await)
        .await;
    buyer.pays(&order, "pm_card_visa").await;
    buyer.sees_order(&order, "complete").await;
}

/// All databases with their roles. Nobody buys meanwhile, so it is one moment for all of them.
async fn dump_databases(url: &str, to: &Path) -> Result<()> {
    let mut command = Command::new(program("pg_dumpall"));
    command.arg("--dbname").arg(url).arg("--file").arg(to);
    // It does not hand the URL's on to those whom it calls.
    let server: tokio_postgres::Config = url.parse()?;
    let password = server.get_password().unwrap_or_default();
    command.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
    succeeds(command).await
}

/// The administrator exists already, so that one statement fails; what else does shows later.
async fn restore_databases(url: &str, from: &Path) -> Result<()> {
    let mut command = Command::new(program("psql"));
    command.args([
        "--quiet",
        "--no-psqlrc",
        "--output",
        "/dev/null",
        "--dbname",
    ]);
    command.arg(url).arg("--file").arg(from);
    succeeds(command).await
}

async fn succeeds(mut command: Command) -> Result<()> {
    let output = command.output().await.context("a program of Postgres")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}");
    Ok(())
}

/// One of Postgres's programs: beside its server, else on `PATH`.
fn program(name: &str) -> PathBuf {
    std::env::var_os("TICKETING_POSTGRES_BIN")
        .map(|folder| PathBuf::from(folder).join(name))
        .filter(|path| path.is_file())
        .unwrap_or_else(|| name.into())
}
