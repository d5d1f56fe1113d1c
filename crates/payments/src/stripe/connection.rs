//! The way to Stripe. A trait, so that the same rules run over `wasi:http` in a component and natively in a test.

use std::time::Duration;

use thiserror::Error;

/// No answer came. Whether Stripe acted on the request is not known.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("no answer: {0}")]
pub struct Silence(pub String);

/// Something that carries requests to Stripe.
pub trait Connection {
    /// Sends `request` and gives the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`Silence`].
    fn send(&self, request: &http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, Silence>;

    /// Lets `duration` pass.
    fn pause(&self, duration: Duration);

    /// Tells operators of something that they should look at. No secrets, no personal data.
    fn report(&self, trouble: &str);
}
