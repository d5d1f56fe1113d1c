//! kill -9 of each process in turn: the shop works again by itself, and nothing is missing.
use std::time::{Duration, Instant};

use e2e::{Person, Process, Shop, within};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::World;

e2e::trials!(
    after_the_loss_of_any_child_of_up_the_shop_works_again,
    after_the_loss_of_any_provider_the_shop_works_again,
);

/// From the kill to a whole purchase, on a machine however busy. On a quiet one it takes a quarter of it at most; how
/// long it took is printed.
const RECOVERY: Duration = Duration::from_secs(60);

async fn after_the_loss_of_any_child_of_up_the_shop_works_again(world: World) {
    let pid = world
        .with(async |lattice| lattice.pid())
        .await
        .expect("up runs");
    let children = Process::children(pid);
    assert!(
        children.len() >= 5,
        "NATS, Postgres, wadm, a host and the Stripe double: {children:#?}"
    );
    for child in children {
        survives(&world, &child).await;
    }
}

async fn after_the_loss_of_any_provider_the_shop_works_again(world: World) {
    let pid = world
        .with(async |lattice| lattice.pid())
        .await
        .expect("up runs");
    let hosts: Vec<Process> = Process::children(pid)
        .into_iter()
        .filter(|child| child.command.contains("wasmcloud"))
        .collect();
    assert!(!hosts.is_empty(), "no host among the children of up");
    for host in hosts {
        let providers = Process::children(host.pid);
        assert!(providers.len() >= 6, "six providers: {providers:#?}");
        for provider in providers {
            survives(&world, &provider).await;
        }
    }
}

/// Kills `victim` while somebody sells, then holds the shop to its promise.
async fn survives(world: &World, victim: &Process) {
    let shop = world.shop().await;
    let seller = shop.person().await;
    let (stop, stopped) = watch::channel(false);
    let selling = tokio::spawn(sell_until(seller.clone(), stopped));
    e2e::eventually("a first sale", async || {
        (selling_has_begun(&shop, &seller)).then_some(())
    })
    .await;
    victim.kill();
    let killed = Instant::now();
    works_again(&shop, victim, killed).await;
    stop.send_replace(true);
    let acknowledged = selling.await.expect("selling does not panic");
    is_all_there(&shop, &seller, &acknowledged).await;
}

fn selling_has_begun(shop: &Shop, seller: &Person) -> bool {
    shop.events()
        .seen()
        .iter()
        .any(|published| published.event["data"]["userId"] == seller.id.as_str())
}

/// Sells one ticket after the other, whatever happens. Gives those that were acknowledged.
async fn sell_until(seller: Person, stopped: watch::Receiver<bool>) -> Vec<Value> {
    let mut acknowledged = Vec::new();
    while !*stopped.borrow() {
        let draft = json!({ "title": format!("Under fire {}", acknowledged.len()), "price": 1 });
        match seller.try_post("/api/tickets", &draft).await {
            Some(reply) if reply.status == 201 => acknowledged.push(reply.json()),
            Some(reply) => assert!(
                reply.status.is_server_error(),
                "{} {}",
                reply.status,
                reply.text()
            ),
            // A connection that broke: was it written or not? Only an acknowledgement counts.
            None => {}
        }
        tokio::task::yield_now().await;
    }
    acknowledged
}

/// A whole purchase goes through: every part of the shop is needed for it.
async fn works_again(shop: &Shop, victim: &Process, killed: Instant) {
    let left = || RECOVERY.saturating_sub(killed.elapsed());
    let what = format!("a purchase after the loss of {}", victim.command);
    within(left(), what, async || purchase(shop, left()).await).await;
    within(
        left(),
        format!("/healthz after the loss of {}", victim.command),
        async || (shop.visitor().try_get("/healthz").await?.status == 200).then_some(()),
    )
    .await;
    let program = victim.command.split_whitespace().next();
    eprintln!(
        "worked again {:.1} s after the loss of {}",
        killed.elapsed().as_secs_f32(),
        program.unwrap_or_default()
    );
}

/// One try at a purchase from sign-up to a complete order; none when anything on the way fails.
async fn purchase(shop: &Shop, patience: Duration) -> Option<()> {
    let begin = Instant::now();
    let person = shop.visitor();
    let credentials = json!({ "email": Person::new_email(), "password": "correct horse" });
    let accepted = |reply: e2e::Reply, status: u16| (reply.status == status).then(|| reply.json());
    accepted(
        person.try_post("/api/users/signup", &credentials).await?,
        201,
    )?;
    let draft = json!({ "title": "After the storm", "price": 3 });
    let ticket = accepted(person.try_post("/api/tickets", &draft).await?, 201)?;
    let order = retry(begin, patience, async || {
        accepted(
            person
                .try_post("/api/orders", &json!({ "ticketId": ticket["id"] }))
                .await?,
            201,
        )
    })
    .await?;
    retry(begin, patience, async || {
        let payment = json!({ "orderId": order["id"], "token": "pm_card_visa" });
        let reply = person.try_post("/api/payments", &payment).await?;
        let paid_by_an_earlier_try = reply.status == 400 && reply.text().contains("already paid");
        (reply.status == 201 || paid_by_an_earlier_try).then_some(())
    })
    .await?;
    retry(begin, patience, async || {
        let path = format!("/api/orders/{}", order["id"].as_str()?);
        let now = accepted(person.try_get(&path).await?, 200)?;
        (now["status"] == "complete").then_some(())
    })
    .await
}

/// Tries a step again while an order lasts, and while there is patience.
async fn retry<T>(
    begin: Instant,
    patience: Duration,
    mut step: impl AsyncFnMut() -> Option<T>,
) -> Option<T> {
    let deadline = patience.min(Duration::from_secs(crate::ORDER_EXPIRATION_SECONDS));
    loop {
        if let Some(done) = step().await {
            return Some(done);
        }
        if begin.elapsed() > deadline {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every acknowledged ticket can be read, and its event was published.
async fn is_all_there(shop: &Shop, seller: &Person, acknowledged: &[Value]) {
    for ticket in acknowledged {
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
        assert_eq!(seller.get(&path).await.is(200), *ticket);
        shop.events().event("ticket:created", &ticket["id"]).await;
    }
}
