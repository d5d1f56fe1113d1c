//! The tickets service: HTTP for visitors and sellers, events from orders.
//! It decodes, calls a rule, and encodes; the rules are in `crates/tickets`.

mod events;
mod http;

edge::export_http!(http::handle);
edge::export_events!(events::handle);
