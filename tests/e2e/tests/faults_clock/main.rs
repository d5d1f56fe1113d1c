//! The clock of the components is wrong, by minutes in either direction; that of the databases decides.
//! Within five minutes, which is as far as Stripe's signatures and the sessions of somebody else's clock may be off.
#![forbid(unsafe_code)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::faults::Arena;
use e2e::{Setup, Shop, claims, tool};
use libtest_mimic::Trial;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How long an order lasts here: far less than the clock is wrong by.
const ORDER_EXPIRATION_SECONDS: i64 = 8;
/// After the last request.
const QUIET: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    e2e::one_by_one((), |()| vec![all()], async |(), _| Ok(()))
}

fn all() -> Vec<Trial> {
    let trials = [
        ("clocks_that_are_four_minutes_fast", "+240s"),
        ("clocks_that_are_four_minutes_slow", "-240s"),
    ];
    let trials = trials.map(|(name, offset)| {
        e2e::trial(
            name.to_owned(),
            move || offset,
            async |offset| {
                let decided = decides_nothing(offset).await;
                decided.unwrap_or_else(|error| panic!("{error:?}"));
            },
        )
    });
    trials.into()
}

/// A purchase, a reservation that runs out when the database says so, and the promises.
async fn decides_nothing(offset: &str) -> Result<()> {
    let programs = tempfile::tempdir()?;
    let setup = Setup::new()
        .with("ORDER_EXPIRATION_SECONDS", ORDER_EXPIRATION_SECONDS)
        .with_tool(with_wrong_clock(programs.path(), offset)?);
    let arena = Arena::start(setup).await?;
    let shop = arena.shop().await?;
    is_wrong(&shop).await;

    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("Bought in time", 20.0).await;
    let order = buyer.orders(&ticket).await;
    buyer.pays(&order, "pm_card_visa").await;
    buyer.sees_order(&order, "complete").await;

    let ticket = seller.sells("Forgotten", 20.0).await;
    let order = buyer.orders(&ticket).await;
    let lasts = moment(&order["expiresAt"]) - OffsetDateTime::now_utc();
    assert!(
        (0..=ORDER_EXPIRATION_SECONDS).contains(&lasts.whole_seconds()),
        "an order of {ORDER_EXPIRATION_SECONDS} s lasts {lasts}"
    );
    buyer.sees_order(&order, "cancelled").await;
    buyer.sees_free(&ticket).await;

    let report = arena.check(QUIET).await?;
    assert!(report.violations.is_empty(), "{report}");
    arena.close(true).await
}

/// The trial is worth nothing when the components have the right time: sessions tell theirs.
async fn is_wrong(shop: &Shop) {
    let person = shop.person().await;
    let token = person.jar().value("session").map(str::to_owned);
    let told = claims(&token.expect("a session"));
    let issued = told["iat"].as_i64().expect("a time of issue");
    let off = issued - OffsetDateTime::now_utc().unix_timestamp();
    assert!(off.abs() > 200, "the components' clock is off by {off} s");
}

fn moment(text: &Value) -> OffsetDateTime {
    OffsetDateTime::parse(text.as_str().unwrap_or_default(), &Rfc3339).expect("an RFC 3339 time")
}

/// The lattice's programs in `folder`, of which the host lives in another time. Gives the tool's place there.
fn with_wrong_clock(folder: &Path, offset: &str) -> Result<PathBuf> {
    const HOST: &str = "wasmcloud_host";
    let library = std::env::var("TICKETING_FAKETIME")
        .context("TICKETING_FAKETIME names no libfaketime: use cargo xtask test faults")?;
    let tool = tool();
    let programs = tool.parent().context("the tool is in a folder")?;
    for entry in fs::read_dir(programs)? {
        let entry = entry?;
        if entry.file_name() != HOST && entry.file_type()?.is_file() {
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    let host = folder.join(HOST);
    // Time that is only measured runs as ever: the clock is wrong, not broken.
    let script = format!(
        "#!/bin/sh\nLD_PRELOAD='{library}' FAKETIME='{offset}' FAKETIME_DONT_FAKE_MONOTONIC=1 exec '{}' \"$@\"\n",
        programs.join(HOST).display()
    );
    fs::write(&host, script)?;
    fs::set_permissions(&host, Permissions::from_mode(0o755))?;
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    Ok(folder.join(tool.file_name().context("the tool has a name")?))
}
