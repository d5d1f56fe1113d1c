//! A sale opens and everybody wants the same: as many get a ticket as there are, and all others are told that they
//! did not.
use std::collections::HashSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use e2e::{Endpoints, Shop};
use futures::future::{join_all, try_join_all};
use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{Aim, Finding};
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::database::Database;
use crate::system::{System, authority};

const BUYERS: usize = 5000;
/// How many tickets there are for them.
const SALES: [usize; 2] = [1, 500];
/// Connections are made so many at a time, as more would not fit into the queue of a listening socket.
const CONNECT_AT_ONCE: usize = 200;
const SESSION: Duration = Duration::from_secs(600);

/// Rushes at tickets with thousands of connections.
///
/// # Errors
/// When the sale cannot be prepared.
pub async fn measure(endpoints: &Endpoints, shop: &mut System) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for tickets in SALES {
        found.extend(sale(endpoints, &mut shop.crowd, tickets).await?);
    }
    Ok(found)
}

async fn sale(endpoints: &Endpoints, sellers: &mut Crowd, count: usize) -> Result<Vec<Finding>> {
    let tickets = sellers.put_on_sale(count).await?;
    let mut buyers = buyers(endpoints).await?;
    let started = Instant::now();
    let rush = buyers.iter_mut().enumerate().map(async |(place, buyer)| {
        let answer = buyer.order(&tickets[place % tickets.len()]).await;
        // Others wait to be let in.
        buyer.connection().close();
        answer
    });
    let answers = join_all(rush).await;
    let took = started.elapsed();
    let (mut sold, mut refused, mut neither) = (0, 0, 0);
    for answer in answers {
        match answer {
            Ok(answer) if answer.status == StatusCode::CREATED => sold += 1,
            Ok(answer) if is_refusal(&answer) => refused += 1,
            Ok(answer) => {
                neither += 1;
                eprintln!("neither sold nor refused: {}", answer.summary());
            }
            Err(error) => {
                neither += 1;
                eprintln!("neither sold nor refused: {error:#}");
            }
        }
    }
    let held = reserved(endpoints, &tickets).await?;
    let name = format!("{BUYERS} buyers for {count}");
    let finding = |what: &str, value: usize, aim: usize| {
        Finding::new(format!("{name}: {what}"), number(value), "").aim(Aim::Exactly(number(aim)))
    };
    Ok(vec![
        finding("told that they have one", sold, count),
        finding("told that they have none", refused, BUYERS - count),
        finding("told neither", neither, 0),
        finding("tickets with an order in the database", held.tickets, count),
        finding("orders of them in the database", held.orders, count),
        Finding::new(format!("{name}: all told after"), took.as_secs_f64(), "s"),
    ])
}

fn is_refusal(answer: &crate::client::Answer) -> bool {
    answer.status == StatusCode::BAD_REQUEST && answer.summary().contains("already reserved")
}

/// People with a session each and an open connection. Their sessions are signed here: thousands of passwords would
/// take minutes to hash.
async fn buyers(endpoints: &Endpoints) -> Result<Vec<Visitor>> {
    let keys = Shop::open_under_fire(endpoints).await?.keys();
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let authority = authority(&endpoints.http)?;
    let mut buyers = (0..BUYERS)
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
        .collect::<Result<Vec<_>>>()?;
    for some in buyers.chunks_mut(CONNECT_AT_ONCE) {
        let connecting = some.iter_mut().map(|buyer| buyer.connection().connect());
        try_join_all(connecting)
            .await
            .context("opening thousands of connections (see `ulimit -n`)")?;
    }
    Ok(buyers)
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
