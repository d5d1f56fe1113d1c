//! The routes below `/api/tickets`.

use edge::Postgres;
use http::{StatusCode, header};
use kit::{ApiError, Fields, Page, Request, Response};
use tickets_rules::{Draft, Listing, Search};
use uuid::Uuid;

/// The group of all lists of what is on sale, for caches. Each ticket is a group of its own, too.
const ON_SALE: &str = "tickets";

pub fn handle(request: Request) -> Result<Response, ApiError> {
    if kit::is_health_check(&request) {
        return kit::health("tickets", &Postgres);
    }
    match (
        request.method().as_str(),
        kit::segments(&request).as_slice(),
    ) {
        ("GET", []) => list(&request),
        ("POST", []) => create(&request),
        ("GET", [id]) => show(kit::id(id)?),
        ("PUT", [id]) => update(&request, id),
        ("DELETE", [id]) => delete(&request, id),
        (_, []) => Ok(kit::method_not_allowed("GET, HEAD, POST")),
        (_, [_]) => Ok(kit::method_not_allowed("GET, HEAD, PUT, DELETE")),
        _ => Ok(kit::not_found()),
    }
}

fn list(request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request.uri())?;
    match kit::parameter(request.uri(), "seller").as_deref() {
        None => {
            let search = Search::read(kit::parameter(request.uri(), "q"))?;
            let listing = tickets_rules::browse(&Postgres, page, search.as_ref())?;
            Ok(kit::shared(listed(request, listing), &[ON_SALE]))
        }
        Some("me") => {
            let seller = edge::signed_in(request)?.user_id;
            let listing = tickets_rules::own(&Postgres, seller, page)?;
            Ok(kit::personal(listed(request, listing)))
        }
        Some(_) => Err(ApiError::field("seller", "Seller must be \"me\"")),
    }
}

fn listed(request: &Request, listing: Listing) -> Response {
    let mut response = kit::json_text(StatusCode::OK, listing.json);
    if let Some(link) = listing
        .next
        .and_then(|last| kit::next_link(request.uri(), last))
    {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

fn create(request: &Request) -> Result<Response, ApiError> {
    let seller = edge::signed_in(request)?.user_id;
    let draft = Draft::read(&Fields::read(request)?)?;
    let write = kit::write_id(request, seller);
    let trace = kit::traceparent(request.headers());
    let ticket = tickets_rules::sell(&Postgres, seller, &draft, write, trace)?;
    let response = kit::json_text(StatusCode::CREATED, ticket);
    Ok(kit::changing(response, &[ON_SALE]))
}

fn show(id: Uuid) -> Result<Response, ApiError> {
    let ticket = tickets_rules::show(&Postgres, id)?.ok_or_else(ApiError::not_found)?;
    let response = kit::json_text(StatusCode::OK, ticket);
    Ok(kit::shared(response, &[&group(id)]))
}

fn update(request: &Request, id: &str) -> Result<Response, ApiError> {
    let seller = edge::signed_in(request)?.user_id;
    let id = kit::id(id)?;
    let draft = Draft::read(&Fields::read(request)?)?;
    let write = kit::write_id(request, seller);
    let trace = kit::traceparent(request.headers());
    let ticket = tickets_rules::edit(&Postgres, seller, id, &draft, write, trace)?;
    let response = kit::json_text(StatusCode::OK, ticket);
    Ok(kit::changing(response, &[ON_SALE, &group(id)]))
}

fn delete(request: &Request, id: &str) -> Result<Response, ApiError> {
    let seller = edge::signed_in(request)?.user_id;
    let id = kit::id(id)?;
    let write = kit::write_id(request, seller);
    let trace = kit::traceparent(request.headers());
    tickets_rules::withdraw(&Postgres, seller, id, write, trace)?;
    let response = kit::empty(StatusCode::NO_CONTENT);
    Ok(kit::changing(response, &[ON_SALE, &group(id)]))
}

/// What a cache calls this ticket, in whatever form its address is written; orders name it when they reserve it.
fn group(id: Uuid) -> String {
    format!("ticket-{id}")
}
