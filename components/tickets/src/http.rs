//! The routes below `/api/tickets`.

use edge::Postgres;
use http::{StatusCode, header};
use kit::{ApiError, Fields, Page, Request, Response};
use tickets_rules::{Draft, Search};
use uuid::Uuid;

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
    let listing = match kit::parameter(request.uri(), "seller").as_deref() {
        None => {
            let search = Search::read(kit::parameter(request.uri(), "q"))?;
            tickets_rules::browse(&Postgres, page, search.as_ref())?
        }
        Some("me") => tickets_rules::own(&Postgres, edge::signed_in(request)?.user_id, page)?,
        Some(_) => return Err(ApiError::field("seller", "Seller must be \"me\"")),
    };
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
    let seller = edge::signed_in(request)?.user_id;
    let draft = Draft::read(&Fields::read(request)?)?;
    let write = kit::write_id(request, seller);
    let trace = kit::traceparent(request.headers());
    let ticket = tickets_rules::sell(&Postgres, seller, &draft, write, trace)?;
    Ok(kit::json_text(StatusCode::CREATED, ticket))
}

fn show(ticket: Uuid) -> Result<Response, ApiError> {
    let ticket = tickets_rules::show(&Postgres, ticket)?.ok_or_else(ApiError::not_found)?;
    Ok(kit::json_text(StatusCode::OK, ticket))
}

fn update(request: &Request, id: &str) -> Result<Response, ApiError> {
    let seller = edge::signed_in(request)?.user_id;
    let ticket = kit::id(id)?;
    let draft = Draft::read(&Fields::read(request)?)?;
    let write = kit::write_id(request, seller);
    let trace = kit::traceparent(request.headers());
    let ticket = tickets_rules::edit(&Postgres, seller, ticket, &draft, write, trace)?;
    Ok(kit::json_text(StatusCode::OK, ticket))
}

fn delete(request: &Request, id: &str) -> Result<Response, ApiError> {
    let seller = edge::signed_in(request)?.user_id;
    let write = kit::write_id(request, seller);
    let trace = kit::traceparent(request.headers());
    tickets_rules::withdraw(&Postgres, seller, kit::id(id)?, write, trace)?;
    Ok(kit::empty(StatusCode::NO_CONTENT))
}
