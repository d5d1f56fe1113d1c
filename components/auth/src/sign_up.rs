//! `POST /api/users/signup`

use auth_rules::SignUp;
use edge::{Passwords, Postgres};
use http::StatusCode;
use kit::{ApiError, Fields, Request, Response};

use crate::{answer, buckets, keys};

pub fn answer(request: &Request) -> Result<Response, ApiError> {
    let form = SignUp::read(&Fields::read(request)?)?;
    // Before anything is written: a shop that cannot sign makes no accounts.
    let signer = keys::signer()?;
    let write = kit::write_id(request, form.name_space());
    let sessions = buckets::sessions()?;
    let begun = auth_rules::sign_up(&Postgres, &sessions, &Passwords, &form, write)?;
    answer::signed_in(request, StatusCode::CREATED, &signer, &begun)
}
