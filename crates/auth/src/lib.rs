//! The rules of the auth service, with no WIT in them.
//! Who may have an account, what proves that it is theirs, and how long a session lives.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod cookies;
mod digest;
mod email;
mod error;
mod password;
mod random;
mod refresh_token;
mod session;
mod sign_in;
mod sign_up;
mod throttle;
mod transport;
mod user;

#[cfg(test)]
mod fixtures;

pub use cookies::{REFRESH_COOKIE, clear_cookies, set_cookies};
pub use email::Email;
pub use error::AuthError;
pub use refresh_token::{REFRESH_TOKEN_SECONDS, RefreshToken};
pub use session::{Begun, Sessions};
pub use sign_in::{Credentials, sign_in};
pub use sign_up::{SignUp, sign_up};
pub use throttle::{MAX_FAILURES, Throttle, WINDOW_SECONDS};
pub use transport::needs_secure_cookies;
pub use user::User;
