//! From flags and environment variables, those of the official `wasmcloud` binary, to the configuration of a host.
//! Apart from the program, since whoever starts a host compiles all of wasmCloud's.
#![forbid(unsafe_code)]

mod args;
mod config;
mod credentials;
mod labels;
pub mod observability;
mod subject;

pub use args::{Args, Observability};
pub use config::host_config;
