//! `ticketing:messaging/batch-handler` and `wasmcloud:messaging/handler`: events in; for each of them, done, or why not.

use kit::{Event, EventError};

use crate::{log, trace};

/// What the service does with events, given their bodies: a result for each, in their order.
pub type Handle = fn(&[&[u8]]) -> Vec<Result<(), EventError>>;

/// Exports `ticketing:messaging/batch-handler` and `wasmcloud:messaging/handler`: all events of a call are handled by the
/// given function, `fn(&[&[u8]]) -> Vec<Result<(), kit::EventError>>`.
#[macro_export]
macro_rules! export_events {
    ($handle:path) => {
        const _: () = {
            use $crate::macros::events::exports::{ticketing, wasmcloud};

            struct Events;

            impl ticketing::messaging::batch_handler::Guest for Events {
                fn handle_messages(
                    messages: Vec<ticketing::messaging::batch_handler::Message>,
                ) -> Vec<Result<(), String>> {
                    let bodies: Vec<&[u8]> = messages
                        .iter()
                        .map(|message| match &message.body {
                            ticketing::messaging::batch_handler::Body::Text(text) => {
                                text.as_bytes()
                            }
                            ticketing::messaging::batch_handler::Body::Bytes(bytes) => {
                                bytes.as_slice()
                            }
                        })
                        .collect();
                    $crate::macros::handle_events(&bodies, $handle)
                }
            }

            impl wasmcloud::messaging::handler::Guest for Events {
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

/// Handles the events in `bodies`, and returns a result for each. An error is for the broker: one that begins with
/// `permanent:` ends in the dead letters at once, any other is delivered again.
pub fn handle_all(bodies: &[&[u8]], handle: Handle) -> Vec<Result<(), String>> {
    trace::enter(None);
    handle(bodies)
        .into_iter()
        .zip(bodies)
        .map(|(result, body)| result.map_err(|error| tell(body, &error)))
        .collect()
}

/// Handles one event.
///
/// # Errors
/// What [`EventError`] says, as text.
pub fn handle(body: &[u8], handle: Handle) -> Result<(), String> {
    // None at all would be a mistake of the service's; the event comes again.
    let none = || Err("the service did not say what became of the event".to_owned());
    handle_all(&[body], handle).pop().unwrap_or_else(none)
}

/// The error as text, logged in the trace of its event.
fn tell(body: &[u8], error: &EventError) -> String {
    let text = error.to_string();
    let traceparent = Event::read(body).ok().and_then(|event| event.traceparent);
    trace::enter(traceparent.as_deref());
    log::warn(&text);
    text
}
