//! `POST /api/users/refresh`

use auth_rules::{AuthError, REFRESH_COOKIE, RefreshToken};
use http::StatusCode;
use kit::{ApiError, Request, Response};

use crate::{answer, buckets, keys};

pub fn answer(request: &Request) -> Result<Response, ApiError> {
    let cookie =
        kit::request_cookie(request, REFRESH_COOKIE).ok_or_else(ApiError::not_authorized)?;
    let signer = keys::signer()?;
    let renewed = match RefreshToken::read(cookie) {
        Some(token) => buckets::sessions()?.renew(&token),
        None => Err(AuthError::NotAuthorized),
    };
    match renewed {
        Ok(begun) => answer::signed_in(request, StatusCode::OK, &signer, &begun),
        Err(error @ (AuthError::NotAuthorized | AuthError::Reused)) => {
            if matches!(error, AuthError::Reused) {
                edge::warn(&error.to_string());
            }
            Ok(answer::signed_out(
                request,
                ApiError::from(error).into_response(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}
