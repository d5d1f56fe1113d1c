//! The orders service: HTTP for buyers, events from tickets, payments and expiration.
//! It decodes, calls a rule, and encodes; the rules are in `crates/orders`.

mod events;
mod http;

edge::export_http!(http::handle);
edge::export_events!(events::handle);
