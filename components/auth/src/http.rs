//! The routes below `/api/users`.

use kit::{ApiError, Request, Response};

use crate::{current_user, health, refresh, sign_in, sign_out, sign_up};

pub fn handle(request: Request) -> Result<Response, ApiError> {
    if kit::is_health_check(&request) {
        return health::check();
    }
    match (
        request.method().as_str(),
        kit::segments(&request).as_slice(),
    ) {
        ("POST", ["signup"]) => sign_up::answer(&request),
        ("POST", ["signin"]) => sign_in::answer(&request),
        ("POST", ["signout"]) => sign_out::answer(&request),
        ("POST", ["refresh"]) => refresh::answer(&request),
        ("GET", ["currentuser"]) => current_user::answer(&request),
        (_, ["signup" | "signin" | "signout" | "refresh"]) => Ok(kit::method_not_allowed("POST")),
        (_, ["currentuser"]) => Ok(kit::method_not_allowed("GET, HEAD")),
        _ => Ok(kit::not_found()),
    }
}
