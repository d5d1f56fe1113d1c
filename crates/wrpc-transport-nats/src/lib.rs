//! wRPC over NATS, the transport of wasmCloud's hosts and providers.
//!
//! It takes the place of the published crate of its name, speaks the same protocol, and has the part of its interface that
//! the host and the SDK use. It differs in what it does for a call: all calls of a connection share one subscription, and a
//! call is known before its first message leaves, so that no answer can come too early.
//!
//! # The protocol
//!
//! A call is a message to `<prefix>.wrpc.0.0.1.<instance>.<function>` with the parameters, or as much of them as fits, and an
//! inbox to answer to. The answer names an inbox of the callee's (*handshake*); what is left of the parameters goes to its
//! `params`, results come to the caller's `results`. Both are streams of messages that end with an empty one. A value that is
//! itself a stream has its own below them, `results.0.1` for example, after the path to it.
//!
//! Specification: <https://github.com/bytecodealliance/wrpc/blob/main/SPEC.md>
#![forbid(unsafe_code)]

mod client;
mod handshake;
mod inbox;
mod mailbox;
mod reader;
mod subject;
mod writer;

pub use client::Client;
pub use reader::Reader;
pub use writer::{ParamWriter, SubjectWriter};
