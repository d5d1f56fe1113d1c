//! `wasmcloud:messaging/handler`: one event in; done, or why not.

use kit::{Event, EventError};

use crate::{log, trace};

/// Exports `wasmcloud:messaging/handler`: every event is handled by the given function,
/// `fn(&kit::Event) -> Result<(), kit::EventError>`.
#[macro_export]
macro_rules! export_events {
    ($handle:path) => {
        const _: () = {
            struct Events;

            impl $crate::macros::events::exports::wasmcloud::messaging::handler::Guest for Events {
                fn handle_message(
                    message: $crate::macros::events::wasmcloud::messaging::types::BrokerMessage,
                ) -> Result<(), String> {
                    $crate::macros::handle_event(&message.body, $handle)
                }
            }

            $crate::macros::events::export_events!(
                Events with_types_in $crate::macros::events
            );
        };
    };
}

/// Reads the event in `body` and handles it. The error is for the broker: one that begins with
/// `permanent:` ends in the dead letters at once, any other is delivered again.
///
/// # Errors
/// What [`EventError`] says, as text.
pub fn handle(body: &[u8], handle: fn(&Event<'_>) -> Result<(), EventError>) -> Result<(), String> {
    Event::read(body)
        .and_then(|event| {
            trace::enter(event.traceparent.as_deref());
            handle(&event)
        })
        .map_err(|error| {
            let text = error.to_string();
            log::warn(&text);
            text
        })
}
