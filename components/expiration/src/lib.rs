//! The expiration service: events from orders set and close deadlines, a schedule announces those that are due.
//! It decodes, calls a rule, and encodes; the rules are in `crates/expiration`.

mod events;
mod http;
mod schedule;

edge::export_http!(http::handle);
edge::export_events!(events::handle);
edge::export_schedule!(schedule::run);
