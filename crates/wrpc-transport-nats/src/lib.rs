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
//! Beyond that, a message with the header `Wrpc-End` ends its stream, as an empty one after it would. A call that has it has all
//! its parameters, and its caller does not wait for a handshake: it comes only where the callee reads a stream below them. Results
//! of such a call end with this header, too. So most calls are two messages, where they would be five: the call, the handshake, the end of
//! the parameters, the results and their end. Peers that know nothing of the header do not send it, and need not read it.
//!
//! Specification: <https://github.com/bytecodealliance/wrpc/blob/main/SPEC.md>
#![forbid(unsafe_code)]

mod acceptance;
mod client;
mod end;
mod handshake;
mod inbox;
mod mailbox;
mod reader;
mod subject;
mod writer;

pub use client::Client;
pub use reader::Reader;
pub use writer::{ParamWriter, SubjectWriter};
