//! Webhooks: who is owed which event, and how it gets there.
//! See <https://docs.stripe.com/webhooks>.

mod delivery;
mod dispatcher;
mod endpoint;
mod policy;
mod signature;

pub use delivery::{Delivery, State as DeliveryState};
pub use dispatcher::{Dispatcher, ReleaseOrder, Retry};
pub use endpoint::Endpoint;
pub use policy::Policy;
pub use signature::sign;
