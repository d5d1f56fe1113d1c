//! The routes below `/api/orders`.

use edge::{ConfigError, Postgres};
use http::{StatusCode, header};
use kit::{ApiError, Fields, Page, Request, Response};
use orders_rules::{Reservation, Window};
use uuid::Uuid;

pub fn handle(request: Request) -> Result<Response, ApiError> {
    if kit::is_health_check(&request) {
        return kit::health("orders", &Postgres);
    }
    match (
        request.method().as_str(),
        kit::segments(&request).as_slice(),
    ) {
        ("GET", []) => list(&request),
        ("POST", []) => create(&request),
        ("GET", [id]) => show(&request, id),
        ("DELETE", [id]) => cancel(&request, id),
        (_, []) => Ok(kit::method_not_allowed("GET, HEAD, POST")),
        (_, [_]) => Ok(kit::method_not_allowed("GET, HEAD, DELETE")),
        _ => Ok(kit::not_found()),
    }
}

fn list(request: &Request) -> Result<Response, ApiError> {
    let buyer = edge::signed_in(request)?.user_id;
    let listing = orders_rules::list(&Postgres, buyer, Page::read(request.uri())?)?;
    let mut response = kit::json_text(StatusCode::OK, listing.json);
    if let Some(link) = listing
        .next
        .and_then(|last| kit::next_link(request.uri(), last))
    {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

fn create(request: &Request) -> Result<Response, ApiError> {
    let buyer = edge::signed_in(request)?.user_id;
    let ticket = orders_rules::wanted_ticket(&Fields::read(request)?)?;
    let window = window()?;
    let write = kit::write_id(request, buyer);
    let trace = kit::traceparent(request.headers());
    // A ticket that went on sale a moment ago may not be known here yet.
    let reservation = edge::wait_for(|| {
        match orders_rules::reserve(&Postgres, buyer, ticket, window, write, trace)? {
            Reservation::NoSuchTicket => Ok::<_, ApiError>(None),
            reservation => Ok(Some(reservation)),
        }
    })?;
    match reservation {
        Some(Reservation::Made(order)) => {
            let response = kit::json_text(StatusCode::CREATED, order);
            Ok(concerning(ticket, response))
        }
        Some(Reservation::Taken) => Err(ApiError::bad_request("Ticket is already reserved")),
        Some(Reservation::NoSuchTicket) | None => Err(ApiError::not_found()),
    }
}

fn show(request: &Request, id: &str) -> Result<Response, ApiError> {
    let buyer = edge::signed_in(request)?.user_id;
    let order = orders_rules::show(&Postgres, buyer, kit::id(id)?)?;
    Ok(kit::json_text(StatusCode::OK, order))
}

fn cancel(request: &Request, id: &str) -> Result<Response, ApiError> {
    let buyer = edge::signed_in(request)?.user_id;
    let trace = kit::traceparent(request.headers());
    let ticket = orders_rules::cancel(&Postgres, buyer, kit::id(id)?, trace)?;
    Ok(concerning(ticket, kit::empty(StatusCode::NO_CONTENT)))
}

/// A cache should not show this buyer the ticket as it was before.
fn concerning(ticket: Uuid, response: Response) -> Response {
    kit::changing(response, &[&format!("ticket-{ticket}")])
}

fn window() -> Result<Window, ConfigError> {
    const NAME: &str = "ORDER_EXPIRATION_SECONDS";
    edge::required(NAME)?
        .parse()
        .map_err(|error| ConfigError::malformed(NAME, error))
}
