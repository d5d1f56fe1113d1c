//! The public door of an application: one HTTP address in front of the HTTP servers of its components.
//! `Ingress` is the proxy itself and knows no lattice; `IngressProvider` is its wasmCloud capability provider.
#![forbid(unsafe_code)]

mod body;
mod cache;
mod compression;
mod error;
mod gateway;
mod headers;
mod health_check;
mod ingress;
mod lattice;
mod load;
mod provider;
mod refusal;
mod repetition;
mod request_id;
mod room;
mod route;
mod server;
mod settings;
mod telemetry;
mod trace_context;
mod upstream;

pub use ingress::Ingress;
pub use provider::IngressProvider;
pub use route::{Route, Routes};
pub use settings::{Settings, SettingsError};
