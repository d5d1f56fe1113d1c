//! What wasmCloud keeps in NATS about a lattice: links, configuration, wadm's view. It is built anew from the manifest at
//! each start, so the last start's is dropped: it names ports and hosts that are no more. The application's own streams
//! and buckets are data and stay.
use anyhow::{Context as _, Result};
use async_nats::Client;
use async_nats::jetstream;
use futures::TryStreamExt as _;

use super::LATTICE;

/// Streams of wadm's events, commands and notifications.
const WADM: [&str; 6] = [
    "wadm_events",
    "wadm_event_consumer",
    "wadm_commands",
    "wadm_status",
    "wadm_notify",
    "wasmbus_events",
];

/// Drops the last start's lattice.
///
/// # Errors
/// When NATS refuses.
pub async fn wipe(client: &Client) -> Result<()> {
    let context = jetstream::new(client.clone());
    let names: Vec<String> = context
        .stream_names()
        .try_collect()
        .await
        .context("cannot list the streams in NATS")?;
    for name in names.iter().filter(|name| is_lattice_state(name)) {
        context
            .delete_stream(name)
            .await
            .with_context(|| format!("cannot drop {name}"))?;
    }
    Ok(())
}

fn is_lattice_state(stream: &str) -> bool {
    match stream.strip_prefix("KV_") {
        Some(bucket) => {
            bucket == format!("LATTICEDATA_{LATTICE}")
                || bucket == format!("CONFIGDATA_{LATTICE}")
                || bucket.starts_with("wadm_")
        }
        None => WADM.contains(&stream),
    }
}

#[cfg(test)]
mod tests {
    use super::is_lattice_state;

    #[test]
    fn links_and_wadms_view_are_rebuilt() {
        for stream in [
            "KV_LATTICEDATA_default",
            "KV_CONFIGDATA_default",
            "KV_wadm_state",
            "wadm_commands",
        ] {
            assert!(is_lattice_state(stream), "{stream}");
        }
    }

    #[test]
    fn events_dead_letters_and_sessions_stay() {
        for stream in [
            "TICKETING",
            "TICKETING_DEAD_LETTERS",
            "KV_sessions",
            "KV_LATTICEDATA_other",
        ] {
            assert!(!is_lattice_state(stream), "{stream}");
        }
    }
}
