//! The client service: the web app, embedded at compile time, and the API's description.
//! It decodes, calls a rule, and encodes; the rules are in `crates/client`.
#![forbid(unsafe_code)]

mod assets;
mod http;
mod settings;

edge::export_http!(http::handle);
