//! How fast a service that is otherwise idle hears events again: what `ticketing replay` is for. The events are made by
//! SQL, in the outbox of orders; so many orders would take several minutes.
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use e2e::{Endpoints, Operator};

use super::wait::until;
use super::{Aim, Finding};
use crate::database::Database;

const EVENTS: i64 = 50_000;
/// Events a second that a rebuilt service should handle.
const AIM: f64 = 10_000.0;
const GIVE_UP_AFTER: Duration = Duration::from_secs(300);
/// Who hears of orders, and where each of them keeps what it has heard.
const SERVICES: [(&str, &str); 3] = [
    (
        "expiration",
        "select order_id::text from deadlines where order_id = md5('told order ' || $1::bigint)::uuid",
    ),
    (
        "payments",
        "select id::text from orders where id = md5('told order ' || $1::bigint)::uuid",
    ),
    (
        "tickets",
        "select order_id::text from ticket_orders where order_id = md5('told order ' || $1::bigint)::uuid",
    ),
];

const CREATED: &str = "
    insert into outbox (type, subject, data)
    select 'order:created', md5('told order ' || number)::uuid::text, jsonb_build_object(
             'id', md5('told order ' || number)::uuid, 'version', 0, 'status', 'created',
             'userId', '00000000-0000-4000-8000-000000000002', 'expiresAt', '2100-01-01T00:00:00.000Z',
             'ticket', jsonb_build_object('id', md5('told ticket ' || number)::uuid, 'price', 42.5))
    from generate_series(1, $1::bigint) number";
const WAITING: &str = "select count(*)::text from outbox";

/// Publishes many events, lets them be handled, and has services hear them again one after the other.
///
/// # Errors
/// When they cannot be published, or a service does not catch up.
pub async fn measure(endpoints: &Endpoints) -> Result<Vec<Finding>> {
    eprintln!("publishing {EVENTS} events");
    let orders = Database::open(endpoints, "orders").await?;
    let begin = Instant::now();
    orders.run(CREATED, &[&EVENTS]).await?;
    until("the outbox is empty", GIVE_UP_AFTER, async || {
        orders.counts_none(WAITING).await
    })
    .await?;
    let published = rate(EVENTS, begin.elapsed());
    let mut found = vec![Finding::new(
        "events published from an outbox",
        published,
        "/s",
    )];
    for (service, last) in SERVICES {
        let database = Database::open(endpoints, service).await?;
        until("the last event is heard", GIVE_UP_AFTER, async || {
            Ok(!database.texts(last, &[&EVENTS]).await?.is_empty())
        })
        .await?;
    }
    let operator = Operator::at(Some(&endpoints.nats));
    for (service, _) in SERVICES {
        let begin = Instant::now();
        let said = operator.does(&["replay", service]).await;
        let events = heard(&said).with_context(|| format!("how many events? {said}"))?;
        let handled = rate(events, begin.elapsed());
        found.push(
            Finding::new(format!("events that {service} hears again"), handled, "/s")
                .aim(Aim::AtLeast(AIM)),
        );
    }
    Ok(found)
}

/// The first number that the tool says.
fn heard(said: &str) -> Option<i64> {
    said.split_whitespace().find_map(|word| word.parse().ok())
}

fn rate(events: i64, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let events = events as f64;
    events / took.as_secs_f64()
}
