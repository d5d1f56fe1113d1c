//! `POST /api/users/signin`

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth_rules::Credentials;
use edge::{Passwords, Postgres};
use http::StatusCode;
use kit::{ApiError, Fields, Request, Response};

use crate::{answer, buckets, keys};

pub fn answer(request: &Request) -> Result<Response, ApiError> {
    let credentials = Credentials::read(&Fields::read(request)?)?;
    let signer = keys::signer()?;
    let failures = buckets::failures()?;
    let user = auth_rules::sign_in(&Postgres, &failures, &Passwords, &credentials, now())?;
    let begun = buckets::sessions()?.begin(&user)?;
    answer::signed_in(request, StatusCode::OK, &signer, &begun)
}

/// Seconds of Unix time.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}
