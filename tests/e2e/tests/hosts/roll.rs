//! Another version is rolled out under load, host by host, and taken back.
use e2e::within;
use time::OffsetDateTime;

use crate::crowd::Crowd;
use crate::report::Report;
use crate::{Place, RESTORED, World};

e2e::trials!(another_version_comes_and_goes_without_a_failed_request);

const PAIRS: u32 = 4;

async fn another_version_comes_and_goes_without_a_failed_request(world: World) {
    world
        .with(async |place| {
            let shop = place.shop().await;
            place.is_whole().await;
            all_say(place, "1.0.0").await;
            let crowd = Crowd::gathers(&shop, PAIRS).await;
            let begin = OffsetDateTime::now_utc();

            place.checkout.release(1).expect("a new version");
            eprintln!("{}", place.lattice.roll().await.expect("it rolls"));
            all_say(place, "1.0.1").await;
            crowd.buys(PAIRS).await;
            let forward = Report::of(&place.journal, begin);
            eprintln!("rolled out: {forward}");

            let turned = OffsetDateTime::now_utc();
            place.checkout.take_back().expect("the old version");
            eprintln!("{}", place.lattice.roll().await.expect("it rolls back"));
            all_say(place, "1.0.0").await;
            crowd.buys(PAIRS).await;
            crowd.goes_home().await;
            let back = Report::of(&place.journal, turned);
            eprintln!("rolled back: {back}");

            assert_eq!(forward.bad() + back.bad(), 0, "{forward}\n{back}");
            place.holds().await;
        })
        .await;
}

/// Waits until every host serves the version, and so does the public address.
pub async fn all_say(place: &Place, version: &str) {
    let endpoints = place.lattice.endpoints();
    for origin in endpoints.hosts.iter().chain([&endpoints.http]) {
        within(RESTORED, format!("{origin} to be {version}"), async || {
            let url = format!("{origin}/api/openapi.json");
            let document = reqwest::get(url).await.ok()?.text().await.ok()?;
            document
                .contains(&format!(r#""version": "{version}""#))
                .then_some(())
        })
        .await;
    }
}
