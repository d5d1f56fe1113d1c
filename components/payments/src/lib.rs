//! The payments service: HTTP for buyers and for Stripe, events from orders, a schedule that reconciles.
//! It decodes, calls a rule, and encodes; the rules are in `crates/payments`.

mod events;
mod http;
mod schedule;
mod stripe;

edge::export_http!(http::handle);
edge::export_events!(events::handle);
edge::export_schedule!(schedule::run);
