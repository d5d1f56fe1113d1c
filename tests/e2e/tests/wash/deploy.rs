//! `wash app`, from the checkout.
use std::time::Duration;

use e2e::{Shop, within};
use uuid::Uuid;

use crate::World;
use crate::ground::Ground;
use crate::host::Host;
use crate::shell::Shell;

e2e::trials!(the_application_comes_and_goes_with_wash);

/// wadm and the host start everything, on a machine that does other things, too.
pub const DEPLOYED: Duration = Duration::from_secs(120);
const GONE: Duration = Duration::from_secs(60);

async fn the_application_comes_and_goes_with_wash(_world: World) {
    let ground = Ground::prepare().await.expect("servers");
    let _host = Host::start(&ground, &[]).expect("a host");
    let shell = Shell::new(&ground);
    shell.sees_a_host(DEPLOYED).await;
    ground.migrate_and_configure().await.expect("configured");

    let manifest = ground.manifest().expect("a manifest");
    let manifest = manifest.to_str().expect("a plain path");
    let valid = shell.says(&["app", "validate", manifest]).await;
    assert!(
        valid.as_ref().is_ok_and(|said| !said.contains("error")),
        "{valid:?}"
    );
    // Links are put while providers start, so it counts that it works each time.
    for round in 1..=2 {
        shell
            .says(&["app", "deploy", manifest])
            .await
            .expect("a deployment");
        is_open(&ground, &format!("round {round}")).await;
        shell
            .shows(&["app", "list", "--output", "json"], DEPLOYED, |said| {
                said.contains("\"deployed_version\": \"")
            })
            .await;
        shell
            .shows(&["app", "status", "ticketing"], DEPLOYED, |said| {
                said.contains("Deployed") && !said.contains("Failed")
            })
            .await;
        a_ticket_changes_hands(&ground).await;

        shell
            .says(&["app", "undeploy", "ticketing"])
            .await
            .expect("an end");
        shell
            .shows(&["get", "inventory"], GONE, |said| {
                said.contains("No components found") && said.contains("No providers found")
            })
            .await;
    }
}

/// Waits until everything works.
///
/// # Panics
/// When that takes too long; the message says what does not.
pub async fn is_open(ground: &Ground, when: &str) {
    let url = format!("{}/healthz", ground.endpoints.http);
    let last = std::sync::Mutex::new(String::new());
    let open = within(DEPLOYED, "the shop to answer", async || {
        let reply = reqwest::get(&url).await;
        let (fine, text) = match reply {
            Ok(reply) => (reply.status().is_success(), reply.text().await),
            Err(error) => (false, Ok(error.to_string())),
        };
        let text = text.unwrap_or_default();
        if *last.lock().expect("one thread") != text {
            eprintln!("{when}: {text}");
            *last.lock().expect("one thread") = text;
        }
        fine.then_some(())
    });
    open.await;
}

/// A purchase from the first to the last step, events included.
pub async fn a_ticket_changes_hands(ground: &Ground) {
    let shop = Shop::open(&ground.endpoints).await.expect("a shop");
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let title = format!("Concert {}", Uuid::new_v4().simple());
    let ticket = seller.sells(&title, 49.5).await;
    let order = buyer.orders(&ticket).await;
    buyer.pays(&order, "pm_card_visa").await;
    buyer.sees_order(&order, "complete").await;
}
