//! What the double promises, over real HTTP: each test is a sentence about Stripe's behaviour.
//! One binary, so that it is linked once.
#![forbid(unsafe_code)]

mod authentication;
mod common;
mod faults;
mod idempotency;
mod payment_intents;
mod payment_methods;
mod refunds;
mod requests;
mod restart;
mod three_d_secure;
mod webhooks;
