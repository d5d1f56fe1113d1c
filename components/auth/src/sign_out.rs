//! `POST /api/users/signout`

use auth_rules::{REFRESH_COOKIE, RefreshToken};
use http::StatusCode;
use kit::{ApiError, Request, Response};
use serde_json::json;

use crate::{answer, buckets, keys};

/// Ends the session that either cookie belongs to. The access token may have expired, so the refresh
/// token counts as well. Cookies are cleared only when the session is over: else it would renew.
pub fn answer(request: &Request) -> Result<Response, ApiError> {
    let by_access_token = keys::verifier()?.session(request);
    let token = kit::request_cookie(request, REFRESH_COOKIE).and_then(RefreshToken::read);
    if by_access_token.is_some() || token.is_some() {
        let sessions = buckets::sessions()?;
        let by_refresh_token = token
            .map(|token| sessions.find(&token))
            .transpose()?
            .flatten();
        for session in by_access_token.into_iter().chain(by_refresh_token) {
            sessions.end(session.session_id)?;
        }
    }
    Ok(answer::signed_out(
        request,
        kit::json(StatusCode::OK, &json!({})),
    ))
}
