//! The people who load a system: a connection each, cookies of their own, and the contract's calls.
mod answer;
mod connection;
mod cookies;
mod visitor;

pub use answer::Answer;
pub use connection::Connection;
pub use visitor::{LOOK_AGAIN_AFTER, Visitor};
