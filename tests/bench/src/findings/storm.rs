//! A sale opens and everybody wants the same: as many get a ticket as there are, and all others are told that they
//! did not.
use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use e2e::{Endpoints, Shop};
use serde_json::json;
use uuid::Uuid;

use super::rush::Rush;
use super::{Aim, Finding};
use crate::client::Visitor;
use crate::database::Database;
use crate::system::{System, authority};

const BUYERS: usize = 5000;
/// How many tickets there are for them.
const SALES: [usize; 2] = [1, 500];
const SESSION: Duration = Duration::from_secs(600);

/// Rushes at tickets with thousands of connections, at those of the shop and then of the peer.
///
/// # Errors
/// When a sale cannot be prepared.
pub async fn measure(
    endpoints: &Endpoints,
    shop: &mut System,
    mut peer: Option<&mut System>,
) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for count in SALES {
        let tickets = shop.crowd.put_on_sale(count).await?;
        let ours = Rush::of(strangers(endpoints).await?, &tickets).await?;
        let held = reserved(endpoints, &tickets).await?;
        let theirs = match &mut peer {
            Some(peer) => Some(rush_at(peer, count).await?),
            None => None,
        };
        found.extend(sale(count, &ours, &held, theirs.as_ref()));
        if let Some(theirs) = theirs {
            found.extend(report("peer", count, &theirs, [None; 5]));
        }
    }
    Ok(found)
}

/// The peer's visitors come with many connections each: how it signs sessions is not known here, and thousands of
/// passwords would take it minutes to hash.
async fn rush_at(peer: &mut System, count: usize) -> Result<Rush> {
    let tickets = peer.crowd.put_on_sale(count).await?;
    let visitors = peer.crowd.visitors.iter().cycle().take(BUYERS);
    let buyers = visitors.map(Visitor::elsewhere).collect::<Result<_>>()?;
    Rush::of(buyers, &tickets).await
}

/// What is found of the shop, with what is aimed at.
fn sale(count: usize, ours: &Rush, held: &Held, theirs: Option<&Rush>) -> Vec<Finding> {
    let exactly = |aim: usize| Some(Aim::Exactly(number(aim)));
    let tail = theirs.map(|theirs| Aim::AtMost(theirs.told_after(0.99)));
    let (sold, refused, neither) = (exactly(count), exactly(BUYERS - count), exactly(0));
    let mut found = report("shop", count, ours, [sold, refused, neither, tail, None]);
    let in_database = [
        ("tickets with an order in the database", held.tickets),
        ("orders of them in the database", held.orders),
    ];
    found.extend(in_database.map(|(what, value)| Finding {
        what: format!("{BUYERS} buyers for {count}: {what}"),
        value: number(value),
        unit: "",
        aim: sold,
    }));
    found
}

/// What `system` told people, with an aim for each figure that has one.
fn report(system: &str, count: usize, rush: &Rush, aims: [Option<Aim>; 5]) -> Vec<Finding> {
    for (what, times) in &rush.neither {
        eprintln!("{system}: {times} of {BUYERS} neither sold nor refused: {what}");
    }
    let figures = [
        ("told that they have one", number(rush.sold), ""),
        ("told that they have none", number(rush.refused), ""),
        ("told neither", number(rush.left_alone()), ""),
        ("99 of 100 told after", rush.told_after(0.99), "s"),
        ("all told after", rush.told_after(1.0), "s"),
    ];
    let figures = figures.into_iter().zip(aims);
    figures
        .map(|((what, value, unit), aim)| Finding {
            what: format!("{BUYERS} buyers for {count}, {system}: {what}"),
            value,
            unit,
            aim,
        })
        .collect()
}

/// People with a session each. Their sessions are signed here: thousands of passwords would take minutes to hash.
async fn strangers(endpoints: &Endpoints) -> Result<Vec<Visitor>> {
    let keys = Shop::open_under_fire(endpoints).await?.keys();
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let authority = authority(&endpoints.http)?;
    (0..BUYERS)
        .map(|_| {
            let session = keys.sign(&json!({
                "sub": Uuid::new_v4().to_string(),
                "email": "buyer@example.com",
                "sid": Uuid::new_v4().to_string(),
                "iat": now.as_secs(),
                "exp": (now + SESSION).as_secs(),
            }));
            let mut buyer = Visitor::new(&authority)?;
            buyer.carry("session", &session);
            Ok(buyer)
        })
        .collect()
}

/// What the database says about the tickets of a sale.
struct Held {
    tickets: usize,
    orders: usize,
}

async fn reserved(endpoints: &Endpoints, tickets: &[String]) -> Result<Held> {
    const ACTIVE: &str = "select ticket_id::text from orders where status <> 'cancelled' and ticket_id::text = any($1)";
    let database = Database::open(endpoints, "orders").await?;
    let orders = database.texts(ACTIVE, &[&tickets]).await?;
    Ok(Held {
        tickets: orders.iter().collect::<HashSet<_>>().len(),
        orders: orders.len(),
    })
}

fn number(count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "thousands at most")]
    let count = count as f64;
    count
}
