//! Visitors have nothing to ask here; operators have.

use edge::Postgres;
use kit::{ApiError, Request, Response};

pub fn handle(request: Request) -> Result<Response, ApiError> {
    if kit::is_health_check(&request) {
        return kit::health("expiration", &Postgres);
    }
    Ok(kit::not_found())
}
