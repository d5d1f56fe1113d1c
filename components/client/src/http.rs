//! The routes of the client: two of the API, its health, and the web app for everything else.

use http::{Method, StatusCode};
use kit::{ApiError, Request, Response};
use serde_json::json;

use crate::{assets, settings};

pub fn handle(request: Request) -> Result<Response, ApiError> {
    let mut response = answer(&request)?;
    client_rules::harden(response.headers_mut(), settings::card_form()?);
    Ok(response)
}

fn answer(request: &Request) -> Result<Response, ApiError> {
    match request.uri().path() {
        "/healthz" | "/api/config" if *request.method() != Method::GET => {
            Ok(kit::method_not_allowed("GET, HEAD"))
        }
        "/healthz" => health(),
        "/api/config" => settings::answer(),
        _ => Ok(client_rules::serve(&assets::SITE, request)),
    }
}

/// All that the client depends on is its configuration.
fn health() -> Result<Response, ApiError> {
    settings::currency()?;
    Ok(kit::json(StatusCode::OK, &json!({ "status": "ok" })))
}
