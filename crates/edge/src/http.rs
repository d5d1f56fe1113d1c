//! `wasi:http/incoming-handler`: a whole request in, a whole response out.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use kit::{ApiError, Request, Response};
use wasip2::http::types::{
    Fields, IncomingRequest, Method as WasiMethod, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::StreamError;

use crate::stream::{finish, write_all, write_what_fits};
use crate::{log, trace};

/// The largest body that a service reads, in bytes. The ingress refuses larger ones first.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Exports `wasi:http/incoming-handler`: every request is answered by the given function,
/// `fn(kit::Request) -> Result<kit::Response, kit::ApiError>`.
#[macro_export]
macro_rules! export_http {
    ($handle:path) => {
        const _: () = {
            struct Http;

            impl $crate::macros::wasip2::exports::http::incoming_handler::Guest for Http {
                fn handle(
                    request: $crate::macros::wasip2::http::types::IncomingRequest,
                    response: $crate::macros::wasip2::http::types::ResponseOutparam,
                ) {
                    $crate::macros::serve(request, response, $handle);
                }
            }

            $crate::macros::wasip2::http::proxy::export!(
                Http with_types_in $crate::macros::wasip2
            );
        };
    };
}

/// Reads `request`, answers it with `handle`, and sends the answer. What cannot be read is answered
/// here; what went wrong inside is logged here, in one place.
pub fn serve(
    request: IncomingRequest,
    out: ResponseOutparam,
    handle: fn(Request) -> Result<Response, ApiError>,
) {
    let mut head = false;
    let response = read(request).and_then(|mut request| {
        trace::enter(kit::traceparent(request.headers()));
        kit::refuse_foreign_origin(&request)?;
        // HEAD is GET without the body (RFC 9110, 9.3.2).
        if request.method() == Method::HEAD {
            head = true;
            *request.method_mut() = Method::GET;
        }
        handle(request)
    });
    let response = response.unwrap_or_else(|error| {
        if let Some(cause) = error.cause() {
            log::error(cause);
        }
        error.into_response()
    });
    send(out, response, head);
}

fn read(request: IncomingRequest) -> Result<Request, ApiError> {
    let method = method(&request.method())?;
    let path = request.path_with_query().unwrap_or_else(|| "/".to_owned());
    let mut built = http::Request::builder().method(method).uri(path);
    if let Some(headers) = built.headers_mut() {
        *headers = read_headers(&request);
        // The host moves the Host header into the request's authority.
        if let Some(host) = request
            .authority()
            .and_then(|host| HeaderValue::from_str(&host).ok())
        {
            headers.insert(header::HOST, host);
        }
    }
    let body = read_body(&request)?;
    built
        .body(body)
        .map_err(|_| ApiError::bad_request("The request is malformed"))
}

fn method(method: &WasiMethod) -> Result<Method, ApiError> {
    Ok(match method {
        WasiMethod::Get => Method::GET,
        WasiMethod::Head => Method::HEAD,
        WasiMethod::Post => Method::POST,
        WasiMethod::Put => Method::PUT,
        WasiMethod::Delete => Method::DELETE,
        WasiMethod::Connect => Method::CONNECT,
        WasiMethod::Options => Method::OPTIONS,
        WasiMethod::Trace => Method::TRACE,
        WasiMethod::Patch => Method::PATCH,
        WasiMethod::Other(name) => Method::from_bytes(name.as_bytes())
            .map_err(|_| ApiError::bad_request("The method is malformed"))?,
    })
}

fn read_headers(request: &IncomingRequest) -> HeaderMap {
    request
        .headers()
        .entries()
        .into_iter()
        .filter_map(|(name, value)| {
            Some((
                name.parse::<HeaderName>().ok()?,
                HeaderValue::from_bytes(&value).ok()?,
            ))
        })
        .collect()
}

fn read_body(request: &IncomingRequest) -> Result<Vec<u8>, ApiError> {
    let Ok(incoming) = request.consume() else {
        return Ok(Vec::new());
    };
    let Ok(stream) = incoming.stream() else {
        return Ok(Vec::new());
    };
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(MAX_BODY_BYTES as u64) {
            Ok(chunk) => body.extend(chunk),
            Err(StreamError::Closed) => return Ok(body),
            Err(StreamError::LastOperationFailed(_)) => {
                return Err(ApiError::bad_request("The body ended early"));
            }
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body is too large",
            ));
        }
    }
}

fn send(out: ResponseOutparam, response: Response, head: bool) {
    let (parts, body) = response.into_parts();
    let bodiless = head
        || matches!(
            parts.status,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
    let entries: Vec<(String, Vec<u8>)> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        // Where no body follows, none has a length that the host could check.
        .chain((!bodiless).then(|| {
            (
                header::CONTENT_LENGTH.to_string(),
                body.len().to_string().into_bytes(),
            )
        }))
        .collect();
    let fields = Fields::from_list(&entries).unwrap_or_else(|_| Fields::new());
    let outgoing = OutgoingResponse::new(fields);
    if outgoing.set_status_code(parts.status.as_u16()).is_err() {
        log::error("a response had a status that does not exist");
    }
    let Ok(outgoing_body) = outgoing.body() else {
        log::error("a response body was taken twice");
        return;
    };
    let Ok(stream) = outgoing_body.write() else {
        log::error("the stream of a response body was taken twice");
        return;
    };
    let mut rest = if bodiless { &[][..] } else { &body[..] };
    // There is room for most bodies before anybody reads: so head and body leave the host in one piece.
    let begun = write_what_fits(&stream, &mut rest);
    ResponseOutparam::set(out, Ok(outgoing));
    if begun.and_then(|()| write_all(&stream, rest)).is_err() {
        log::info("a visitor left before the answer was sent");
        return;
    }
    if finish(outgoing_body, stream).is_err() {
        log::info("a visitor left before the answer was complete");
    }
}
