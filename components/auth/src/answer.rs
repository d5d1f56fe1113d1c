//! The answers of auth: who it is and the cookies of the session, or the cookies taken back.

use auth_rules::Begun;
use http::{HeaderValue, StatusCode, header};
use kit::{ApiError, Request, Response, Signer};

use crate::keys;

/// The account, and both cookies of its session.
pub fn signed_in(
    request: &Request,
    status: StatusCode,
    signer: &Signer,
    begun: &Begun,
) -> Result<Response, ApiError> {
    let access_token = signer
        .sign(&begun.session)
        .map_err(keys::malformed_private_key)?;
    let mut response = kit::json(status, &begun.user());
    let secure = auth_rules::needs_secure_cookies(request);
    auth_rules::set_cookies(
        response.headers_mut(),
        &access_token,
        &begun.refresh_token,
        secure,
    );
    Ok(private(response))
}

/// `response`, with both cookies cleared.
pub fn signed_out(request: &Request, mut response: Response) -> Response {
    let secure = auth_rules::needs_secure_cookies(request);
    auth_rules::clear_cookies(response.headers_mut(), secure);
    private(response)
}

/// `response`, which is for one visitor and no cache.
pub fn private(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
