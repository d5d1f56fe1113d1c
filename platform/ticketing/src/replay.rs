//! A service hears every event again, from the first one on, and so learns anew what it knows of the others.
//! Its handlers make that harmless: versions decide about what it knows, and its inbox about what it does.
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use async_nats::jetstream::consumer::Info;
use async_nats::jetstream::stream::{ConsumerError, ConsumerErrorKind, Stream};
use tokio::time::sleep;

use crate::cli::Replay;
use crate::settings;
use crate::streams::{self, EVENTS};

/// How long until a host makes the consumer again: it notices at once, and tries every two seconds.
const NOTICED: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
const BETWEEN_REPORTS: Duration = Duration::from_secs(5);
/// How often a consumer is deleted at most, when the server says that it could not do all of it.
const DELETIONS: usize = 10;

/// Deletes the service's durable consumer, which the messaging provider makes again at the beginning of the stream, and waits until
/// the service has handled all that was there. Interrupting it stops the wait alone.
///
/// # Errors
/// When there is no such consumer, no host runs that makes it again, or the time is over.
pub async fn run(arguments: &Replay) -> Result<()> {
    let limit = Duration::from_secs(settings::number(
        "--timeout",
        &arguments.timeout,
        1,
        86_400,
    )?);
    let service = arguments.service.as_str();
    let jetstream = streams::connect(&arguments.streams).await?;
    let events = streams::find(&jetstream, EVENTS)
        .await?
        .with_context(|| format!("there is no stream {EVENTS}"))?;
    let consumers = streams::durable_consumers(&events).await?;
    let Some(before) = consumers.iter().find(|consumer| consumer.name == service) else {
        let names: Vec<&str> = consumers.iter().map(|one| one.name.as_str()).collect();
        bail!(
            "no service {service:?} hears events; these do: {}",
            names.join(", ")
        );
    };
    let last = events.cached_info().state.last_sequence;
    let begin = Instant::now();
    let all = reset(&events, before.clone()).await?.num_pending;
    println!("{service} hears up to {all} events again");
    caught_up(&events, service, last, begin + limit).await?;
    println!(
        "{service} has handled them all, in {:.1} s",
        begin.elapsed().as_secs_f32()
    );
    Ok(())
}

/// Deletes a consumer with all that the server knows of it, and returns the one that is there instead.
///
/// A server that takes long to remove a consumer's folder may remove that of its successor, which it would then forget when it
/// starts anew. Writing the successor down once more shows that: such a one is deleted as well.
async fn reset(events: &Stream, mut consumer: Info) -> Result<Info> {
    let name = consumer.name.clone();
    let failed = || format!("the consumer of {name} cannot be reset");
    for _ in 0..DELETIONS {
        let deleted = delete(events, consumer.clone())
            .await
            .with_context(failed)?;
        let made = made_again(events, &deleted).await?;
        match events.create_consumer(made.config.clone()).await {
            Ok(_) => return Ok(made),
            Err(error) if is_the_servers(&error) => consumer = made,
            Err(error) => return Err(error).with_context(failed),
        }
    }
    bail!("the server does not keep the consumer of {name}")
}

/// Deletes a consumer, and returns the one that was deleted last.
///
/// Older servers may write a consumer's state while they remove its folder, and say that the folder is not empty. Such a
/// consumer is gone, but its successor would go on where it was: so it is put back, and deleted again.
async fn delete(events: &Stream, mut consumer: Info) -> Result<Info, ConsumerError> {
    let mut tries = 1;
    while let Err(error) = events.delete_consumer(&consumer.name).await {
        if tries == DELETIONS || !is_the_servers(&error) {
            return Err(error);
        }
        tries += 1;
        let again = events.create_consumer(consumer.config).await?;
        consumer = again.cached_info().clone();
    }
    Ok(consumer)
}

/// Whether it was the server that said so, which therefore could be asked.
fn is_the_servers(error: &ConsumerError) -> bool {
    matches!(error.kind(), ConsumerErrorKind::JetStream(_))
}

/// Waits for the new consumer.
async fn made_again(events: &Stream, before: &Info) -> Result<Info> {
    let deadline = Instant::now() + NOTICED;
    loop {
        if let Some(now) = find(events, &before.name).await?
            && now.created != before.created
        {
            return Ok(now);
        }
        if Instant::now() > deadline {
            bail!(
                "no host runs that feeds {}: it hears everything again as soon as one does",
                before.name
            );
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// Waits until everything up to message `last` is handled.
async fn caught_up(events: &Stream, service: &str, last: u64, deadline: Instant) -> Result<()> {
    let mut reported = Instant::now();
    loop {
        let now = find(events, service).await?;
        if now
            .as_ref()
            .is_some_and(|now| is_done(&Progress::of(now), last))
        {
            return Ok(());
        }
        let to_go = now.map_or(0, |now| Progress::of(&now).to_go());
        if Instant::now() > deadline {
            bail!("{service} has {to_go} events to go; it goes on by itself");
        }
        if reported.elapsed() > BETWEEN_REPORTS {
            eprintln!("{to_go} events to go");
            reported = Instant::now();
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

async fn find(events: &Stream, service: &str) -> Result<Option<Info>> {
    let all = streams::durable_consumers(events).await?;
    Ok(all.into_iter().find(|consumer| consumer.name == service))
}

/// How far a consumer is.
struct Progress {
    /// Events that it has not been given yet.
    waiting: u64,
    /// Events that it was given and has not handled.
    in_flight: u64,
    /// Everything up to this message is handled.
    floor: u64,
}

impl Progress {
    fn of(info: &Info) -> Self {
        Self {
            waiting: info.num_pending,
            in_flight: info.num_ack_pending as u64,
            floor: info.ack_floor.stream_sequence,
        }
    }

    fn to_go(&self) -> u64 {
        self.waiting + self.in_flight
    }
}

/// Nothing waits, or what does has come since. The messages up to `last` need not all concern the service, so its floor
/// may stay below it.
fn is_done(progress: &Progress, last: u64) -> bool {
    progress.to_go() == 0 || progress.floor >= last
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn progress(waiting: u64, in_flight: u64, floor: u64) -> Progress {
        Progress {
            waiting,
            in_flight,
            floor,
        }
    }

    #[test]
    fn it_is_done_when_nothing_waits_also_when_the_last_message_was_no_concern_of_its() {
        assert!(is_done(&progress(0, 0, 7), 9));
    }

    #[test]
    fn it_is_done_when_what_waits_has_come_since() {
        assert!(is_done(&progress(3, 1, 9), 9));
    }

    #[test]
    fn it_is_not_done_while_an_event_is_being_handled() {
        assert!(!is_done(&progress(0, 1, 8), 9));
        assert!(!is_done(&progress(1, 0, 8), 9));
    }
}
