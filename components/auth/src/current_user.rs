//! `GET /api/users/currentuser`

use auth_rules::User;
use http::StatusCode;
use kit::{ApiError, Request, Response};
use serde_json::json;

use crate::{answer, keys};

/// Nobody is asked: the access token says it all.
pub fn answer(request: &Request) -> Result<Response, ApiError> {
    let user = keys::verifier()?.session(request).map(|session| User {
        id: session.user_id,
        email: session.email,
    });
    Ok(answer::private(kit::json(
        StatusCode::OK,
        &json!({ "currentUser": user }),
    )))
}
