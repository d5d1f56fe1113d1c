//! What every service of the shop shares, with no WIT in it.
//! Plain types and plain functions, so each of them is tested natively in milliseconds.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod body;
mod cookie;
mod error;
mod event;
mod handling;
mod health;
mod idempotency;
mod keyvalue;
mod money;
mod origin;
mod page;
mod password;
mod path;
mod response;
mod session;
mod sharing;
mod sql;
mod trace;

pub use body::Fields;
pub use cookie::{Cookie, request_cookie};
pub use error::{ApiError, Message};
pub use event::{Event, EventError, OrderCancelled, OrderCompleted, OrderCreated, OrderTicket};
pub use handling::{Handling, handle_all};
pub use health::health;
pub use idempotency::{IDEMPOTENCY_KEY, write_id};
pub use keyvalue::{KeyValue, KeyValueError};
pub use money::{MAX_MINOR_UNITS, MoneyError, parse_price, to_json_number};
pub use origin::refuse_foreign_origin;
pub use page::{Page, PageError, next_link, parameter};
pub use password::{HashingError, PasswordHasher};
pub use path::{id, is_health_check, method_not_allowed, not_found, segments};
pub use response::{Response, empty, json, json_text};
pub use session::{ACCESS_TOKEN_SECONDS, KeyError, SESSION_COOKIE, Session, Signer, Verifier};
pub use sharing::{changing, personal, shared};
pub use sql::{Database, Row, SqlError, Statement, Value};
pub use trace::{TRACEPARENT, is_traceparent, traceparent};

/// A request whose body has been read whole: the edge bounds its size.
pub type Request = http::Request<Vec<u8>>;
