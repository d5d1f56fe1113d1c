//! Stripe's objects: what the double keeps of each, and how it shows it.
//! Kept fields are serialised to the journal as they stand; `json` gives the API's shape.

mod card;
mod charge;
mod dispute;
mod event;
mod payment_intent;
mod payment_method;
mod refund;
mod test_card;
mod token;

pub use card::Card;
pub use charge::Charge;
pub use dispute::Dispute;
pub use event::Event;
pub use payment_intent::{AutomaticPaymentMethods, PaymentIntent, Status};
pub use payment_method::PaymentMethod;
pub use refund::Refund;
pub use test_card::{Decline, Outcome, TestCard};
pub use token::Token;

/// `metadata` as it is kept.
pub type Metadata = std::collections::BTreeMap<String, String>;
