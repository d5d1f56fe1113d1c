//! The header of a message that ends its stream, so that no empty one has to follow.

use async_nats::{HeaderMap, Message};

const NAME: &str = "Wrpc-End";
const VALUE: &str = "1";

/// How many bytes it takes among other headers.
pub const LENGTH: usize = NAME.len() + ": ".len() + VALUE.len() + "\r\n".len();

/// How many bytes it takes alone.
pub const LENGTH_ALONE: usize = "NATS/1.0\r\n".len() + LENGTH + "\r\n".len();

/// Says it beside what else there is to say.
pub fn mark(mut headers: HeaderMap) -> HeaderMap {
    headers.insert(NAME, VALUE);
    headers
}

/// Whether these headers say it.
pub fn is_marked(headers: Option<&HeaderMap>) -> bool {
    headers.is_some_and(|headers| headers.get(NAME).is_some())
}

/// Whether nothing follows a message: an empty one says so, too.
pub fn is_last(message: &Message) -> bool {
    message.payload.is_empty() || is_marked(message.headers.as_ref())
}
