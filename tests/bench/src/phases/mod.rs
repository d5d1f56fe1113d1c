//! What visitors do over and over, one kind of thing a phase.
mod create;
mod current_user;
mod floor;
mod list;
mod mixed;
mod my_orders;
mod order;
mod pay;
mod purchase;
mod search;
mod show;
mod sign_in;
mod sign_up;
mod stock;

use anyhow::Result;

use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

pub use create::Create;
pub use current_user::CurrentUser;
pub use floor::Floor;
pub use list::List;
pub use mixed::Mixed;
pub use my_orders::MyOrders;
pub use order::{Order, Tickets};
pub use pay::Pay;
pub use purchase::Purchase;
pub use search::Search;
pub use show::Show;
pub use sign_in::SignIn;
pub use sign_up::SignUp;
pub use stock::Shelf;

/// A kind of action that is repeated, and what it needs.
pub trait Phase {
    /// What people call it, on the command line too.
    const NAME: &'static str;
    /// How many times the peer's rate is aimed at.
    const TARGET: f64;
    /// What the actions use, and perhaps use up.
    type Stock;

    /// Prepares about `actions` actions. No clock runs.
    ///
    /// # Errors
    /// When something of it cannot be made.
    async fn stock(crowd: &mut Crowd, actions: usize) -> Result<Self::Stock>;

    /// One action; `None` when the stock is used up.
    ///
    /// # Errors
    /// When there was no answer.
    async fn act(visitor: &mut Visitor, stock: &Self::Stock) -> Result<Option<Outcome>>;

    /// Waits until the events of the last actions have had their effect. Reads have none.
    ///
    /// # Errors
    /// When they do not have it.
    async fn settle(_: &mut Crowd, _: &Self::Stock) -> Result<()> {
        Ok(())
    }
}
