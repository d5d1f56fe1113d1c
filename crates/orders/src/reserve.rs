//! A buyer reserves a ticket. N buyers for one ticket: exactly one gets it.

use std::str::FromStr;

use kit::{ApiError, Database, Fields, SqlError};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

const RESERVE: &str = include_str!("../sql/reserve.sql");

/// How long a reservation holds a ticket, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window(u32);

/// A window that is no positive number of seconds.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("must be a whole number of seconds, at least 1")]
pub struct WindowError;

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().parse() {
            Ok(seconds) if seconds > 0 => Ok(Self(seconds)),
            _ => Err(WindowError),
        }
    }
}

/// What became of the wish to reserve a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The new order as JSON.
    Made(String),
    /// Somebody else has the ticket.
    Taken,
    /// This service does not know the ticket, or it was withdrawn.
    NoSuchTicket,
}

/// The id of the ticket that a client wants.
///
/// # Errors
/// 400 when there is none; 404 when it cannot be one.
pub fn wanted_ticket(fields: &Fields) -> Result<Uuid, ApiError> {
    match fields
        .value("ticketId")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty())
    {
        Some(id) => kit::id(id),
        None => Err(ApiError::field("ticketId", "TicketId must be provided")),
    }
}

/// Reserves a ticket for `buyer` until `window` is over by the database's clock, and tells the others. `write`, when
/// the request has a name, becomes the order's id: asked again, the answer is the same order.
///
/// # Errors
/// When the database does not answer.
pub fn reserve(
    database: &impl Database,
    buyer: Uuid,
    ticket: Uuid,
    window: Window,
    write: Option<Uuid>,
    traceparent: Option<&str>,
) -> Result<Reservation, SqlError> {
    let parameters = [
        ticket.into(),
        buyer.into(),
        i64::from(window.0).into(),
        traceparent.into(),
        write.into(),
    ];
    let mut row = database.query_one(RESERVE, &parameters)?;
    if row.text("order")?.is_none() && row.bool("was_free")? {
        // An order came first that could not be seen when the statement began: another's, or this very
        // request's, asked before.
        row = database.query_one(RESERVE, &parameters)?;
    }
    Ok(match row.text("order")? {
        Some(order) => Reservation::Made(order.to_owned()),
        None if row.bool("on_sale")? => Reservation::Taken,
        None => Reservation::NoSuchTicket,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_positive_number_of_seconds() {
        assert_eq!("900".parse(), Ok(Window(900)));
        for text in ["0", "-1", "1.5", "", "soon", "99999999999"] {
            assert_eq!(text.parse::<Window>(), Err(WindowError), "{text}");
        }
    }
}
