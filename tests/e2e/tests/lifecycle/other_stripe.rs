//! Paying through localstripe, a fake of Stripe that nobody here wrote.
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use e2e::{Python, within};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::{World, setup};

e2e::trials!(an_order_is_paid_through_a_stripe_that_others_wrote);

const VERSION: &str = "1.15.10";
const KEY: &str = "sk_test_of_the_end_to_end_suite";
const START: Duration = Duration::from_secs(30);

/// Starts localstripe on a free port. Gives its address.
async fn localstripe(python: &Python) -> (Child, String) {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = free.expect("a free port").port();
    let server = Command::new(python.program("localstripe"))
        .args(["--from-scratch", "--port", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("localstripe starts");
    let url = format!("http://127.0.0.1:{port}");
    within(START, "localstripe to answer", async || {
        reqwest::get(format!("{url}/v1/payment_intents"))
            .await
            .ok()
            .map(drop)
    })
    .await;
    (server, url)
}

async fn an_order_is_paid_through_a_stripe_that_others_wrote(world: World) {
    let python = match Python::with("localstripe", VERSION).await {
        Ok(python) => python,
        Err(error) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED paying through localstripe, which CI would not: {error:#}");
            return;
        }
        Err(error) => panic!("{error:#}"),
    };
    let (_server, url) = localstripe(&python).await;
    let elsewhere = setup()
        .with("STRIPE_API_BASE", &url)
        .with("STRIPE_SECRET_KEY", KEY)
        .with("STRIPE_PUBLISHABLE_KEY", "pk_test_of_the_end_to_end_suite");
    world
        .with(async |lattice| {
            lattice.stop().await?;
            lattice.start_again(&elsewhere).await
        })
        .await
        .unwrap_or_else(|error| panic!("{error:?}"));

    let shop = world.shop().await;
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let order = buyer
        .orders(&seller.sells("Paid elsewhere", 81.07).await)
        .await;
    buyer.pays(&order, "pm_card_visa").await;
    buyer.sees_order(&order, "complete").await;
    let paid = shop
        .events()
        .event_with("payment:created", "orderId", &order["id"])
        .await;
    let intent = paid["data"]["stripeId"].as_str().unwrap_or_default();
    let request = shop
        .client()
        .get(format!("{url}/v1/payment_intents/{intent}"))
        .bearer_auth(KEY);
    let intent: Value = request
        .send()
        .await
        .expect("localstripe answers")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        (&intent["status"], &intent["amount"]),
        (&"succeeded".into(), &8107.into()),
        "{intent}"
    );
}
