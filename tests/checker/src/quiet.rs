//! The condition for judging: everything that moves by itself has come to rest.
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use async_nats::jetstream;
use futures::TryStreamExt as _;
use serde_json::Value;

use crate::database::connect;
use crate::evidence::{EVENTS, Evidence};
use crate::{Journal, Places};

const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// What still moves, each with a condition that is true while it does.
const UNSETTLED: [(&str, &str, &str); 8] = [
    ("tickets", "outbox", "true"),
    ("orders", "outbox", "true"),
    ("payments", "outbox", "true"),
    ("expiration", "outbox", "true"),
    // An order that has run out is about to be cancelled.
    (
        "orders",
        "orders",
        "status in ('created', 'awaiting:payment') and expires_at <= now()",
    ),
    (
        "expiration",
        "deadlines",
        "not closed and expires_at <= now()",
    ),
    // Those that wait for a person (another card, 3-D Secure) rest; those that wait for Stripe or for orders do not.
    (
        "payments",
        "payments",
        "status in ('pending', 'refunding') or (status = 'succeeded' and next_check_at is not null) or next_check_at <= now()",
    ),
    ("payments", "webhook_events", "handled_at is null"),
];

/// Waits until nothing moves, at most for `limit`, and reads everything then. Also gives what still moves when it does not end.
///
/// # Errors
/// When a server cannot be reached at the end.
pub async fn wait_for_quiet(
    places: &Places,
    journal: &Journal,
    limit: Duration,
) -> Result<(Evidence, Vec<String>)> {
    let begin = Instant::now();
    loop {
        let over = begin.elapsed() > limit;
        match look(places, journal).await {
            Ok((evidence, moving)) if moving.is_empty() || over => return Ok((evidence, moving)),
            Err(error) if over => return Err(error),
            _ => tokio::time::sleep(BETWEEN_LOOKS).await,
        }
    }
}

/// Nothing moves before and after the reading, and nothing was published in between: then what was read belongs together.
async fn look(places: &Places, journal: &Journal) -> Result<(Evidence, Vec<String>)> {
    let mut moving = unsettled(places).await?;
    let before = last_sequence(places).await?;
    let evidence = Evidence::read(places, journal).await?;
    if moving.is_empty() {
        moving = unsettled(places).await?;
    }
    if moving.is_empty() && last_sequence(places).await? != before {
        moving.push("events were published while the state was read".to_owned());
    }
    Ok((evidence, moving))
}

/// What moves at this moment, in words; empty when all is quiet.
///
/// # Errors
/// When a server cannot be reached.
pub async fn unsettled(places: &Places) -> Result<Vec<String>> {
    let mut moving = Vec::new();
    for (service, table, condition) in UNSETTLED {
        let client = connect(&places.postgres, service).await?;
        let text = format!("select to_jsonb(t)::text from {table} t where {condition} limit 3");
        for row in client
            .query(&text, &[])
            .await
            .with_context(|| format!("looking at {service}.{table}"))?
        {
            let row: &str = row.try_get(0)?;
            moving.push(format!("{service}.{table}: {row}"));
        }
    }
    moving.extend(undelivered(places).await?);
    moving.extend(webhooks(places).await?);
    Ok(moving)
}

async fn undelivered(places: &Places) -> Result<Vec<String>> {
    let nats = async_nats::connect(&places.nats)
        .await
        .context("connecting to NATS")?;
    let stream = jetstream::new(nats).get_stream(EVENTS).await?;
    let consumers: Vec<_> = stream.consumers().try_collect().await?;
    let busy = consumers.into_iter().filter(|consumer| {
        // Consumers without a durable name are those of people who look at the stream.
        consumer.config.durable_name.is_some()
            && (consumer.num_pending > 0 || consumer.num_ack_pending > 0)
    });
    let told = busy.map(|consumer| {
        let (waiting, handled) = (consumer.num_pending, consumer.num_ack_pending);
        format!(
            "consumer {}: {waiting} events wait, {handled} are being handled",
            consumer.name
        )
    });
    Ok(told.collect())
}

async fn webhooks(places: &Places) -> Result<Vec<String>> {
    let reply = reqwest::get(format!("{}/webhooks", places.stripe_control)).await;
    let all: Value = reply
        .context("asking for Stripe's webhooks")?
        .json()
        .await?;
    let pending = all["deliveries"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["state"] == "pending" && one["held"] != true);
    Ok(pending.map(|one| format!("a webhook: {one}")).collect())
}

async fn last_sequence(places: &Places) -> Result<u64> {
    let nats = async_nats::connect(&places.nats)
        .await
        .context("connecting to NATS")?;
    let mut stream = jetstream::new(nats).get_stream(EVENTS).await?;
    Ok(stream.info().await?.state.last_sequence)
}
