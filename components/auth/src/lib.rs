//! The auth service: accounts and sessions over HTTP, and the only holder of the signing key.
//! It decodes, calls a rule, and encodes; the rules are in `crates/auth`.
#![forbid(unsafe_code)]

mod answer;
mod buckets;
mod current_user;
mod health;
mod http;
mod keys;
mod refresh;
mod sign_in;
mod sign_out;
mod sign_up;

edge::export_http!(http::handle);
