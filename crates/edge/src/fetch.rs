//! `wasi:http/outgoing-handler`: one request to another system, whole in and whole out.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use thiserror::Error;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    Fields, IncomingBody, IncomingResponse, Method, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::streams::StreamError;

use crate::stream::{finish, write_all, write_what_fits};
use crate::trace;

/// The largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Why there is no answer. Whether the other side acted on the request is not known.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The request cannot be made at all: nothing was sent.
    #[error("the request to {0} is malformed")]
    Malformed(String),
    /// Nothing came back, or not all of it, in time.
    #[error("no answer from {0}: {1}")]
    NoAnswer(String, String),
}

/// Sends `request`, with the trace of the call that it is made in, and waits for the whole answer, for `timeout` at each step (connect, first byte,
/// between bytes).
///
/// # Errors
/// [`FetchError`].
pub fn fetch(
    request: &http::Request<Vec<u8>>,
    timeout: Duration,
) -> Result<http::Response<Vec<u8>>, FetchError> {
    let authority = request
        .uri()
        .authority()
        .map(ToString::to_string)
        .unwrap_or_default();
    let malformed = || FetchError::Malformed(authority.clone());
    let lost = |reason: &dyn std::fmt::Debug| {
        FetchError::NoAnswer(authority.clone(), format!("{reason:?}"))
    };

    let outgoing = build(request).ok_or_else(malformed)?;
    let body = outgoing.body().map_err(|()| malformed())?;
    let options = RequestOptions::new();
    let nanoseconds = u64::try_from(timeout.as_nanos()).ok();
    options
        .set_connect_timeout(nanoseconds)
        .map_err(|()| malformed())?;
    options
        .set_first_byte_timeout(nanoseconds)
        .map_err(|()| malformed())?;
    options
        .set_between_bytes_timeout(nanoseconds)
        .map_err(|()| malformed())?;

    let stream = body.write().map_err(|()| malformed())?;
    let mut rest = request.body().as_slice();
    // There is room for most bodies before anybody reads: so the host has a request whole when it begins to send.
    write_what_fits(&stream, &mut rest).map_err(|error| lost(&error))?;
    let send = || outgoing_handler::handle(outgoing, Some(options)).map_err(|code| lost(&code));
    let future = if rest.is_empty() {
        finish(body, stream).map_err(|code| lost(&code))?;
        send()?
    } else {
        let future = send()?;
        write_all(&stream, rest).map_err(|error| lost(&error))?;
        finish(body, stream).map_err(|code| lost(&code))?;
        future
    };
    future.subscribe().block();
    match future.get() {
        Some(Ok(Ok(response))) => read(&response).map_err(|reason| lost(&reason)),
        Some(Ok(Err(code))) => Err(lost(&code)),
        Some(Err(())) | None => Err(lost(&"the answer was taken twice")),
    }
}

fn build(request: &http::Request<Vec<u8>>) -> Option<OutgoingRequest> {
    let fields: Vec<(String, Vec<u8>)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .chain(trace::current().map(|trace| (kit::TRACEPARENT.to_owned(), trace.into_bytes())))
        .collect();
    let outgoing = OutgoingRequest::new(Fields::from_list(&fields).ok()?);
    let method = match *request.method() {
        http::Method::GET => Method::Get,
        http::Method::POST => Method::Post,
        http::Method::DELETE => Method::Delete,
        ref other => Method::Other(other.to_string()),
    };
    let scheme = match request.uri().scheme_str() {
        Some("http") => Scheme::Http,
        _ => Scheme::Https,
    };
    outgoing.set_method(&method).ok()?;
    outgoing.set_scheme(Some(&scheme)).ok()?;
    outgoing
        .set_authority(Some(request.uri().authority()?.as_str()))
        .ok()?;
    outgoing
        .set_path_with_query(request.uri().path_and_query().map(|path| path.as_str()))
        .ok()?;
    Some(outgoing)
}

fn read(response: &IncomingResponse) -> Result<http::Response<Vec<u8>>, String> {
    let status = StatusCode::from_u16(response.status()).map_err(|error| error.to_string())?;
    let headers: HeaderMap = response
        .headers()
        .entries()
        .into_iter()
        .filter_map(|(name, value)| {
            Some((
                name.parse::<HeaderName>().ok()?,
                HeaderValue::from_bytes(&value).ok()?,
            ))
        })
        .collect();
    let body = response
        .consume()
        .map_err(|()| "the body was taken twice".to_owned())?;
    let mut answer = http::Response::new(read_body(&body)?);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

fn read_body(body: &IncomingBody) -> Result<Vec<u8>, String> {
    let stream = body
        .stream()
        .map_err(|()| "the body was taken twice".to_owned())?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => return Err(error.to_debug_string()),
        }
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err("the answer is too large".to_owned());
        }
    }
}
