//! What is not HTTP is refused by the HTTP library itself, below any service, with an answer that
//! has no body. This puts the JSON of every other error in its place.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use hyper::rt::{Read, ReadBufCursor, Write};
use serde_json::json;

use crate::request_id::REQUEST_ID;

/// Status lines of the library's refusals and what clients are told with them.
const REFUSALS: [(&str, &str); 3] = [
    (
        "HTTP/1.1 400 Bad Request\r\n",
        "The request is not well-formed HTTP",
    ),
    (
        "HTTP/1.1 414 URI Too Long\r\n",
        "The request target is too long",
    ),
    (
        "HTTP/1.1 431 Request Header Fields Too Large\r\n",
        "The request's headers are too large",
    ),
];

/// A client's connection whose refusals have the error shape.
pub struct ShapedRefusals<S> {
    stream: S,
    /// What is still to be written in the place of a refusal.
    shaped: Bytes,
}

impl<S> ShapedRefusals<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            shaped: Bytes::new(),
        }
    }
}

impl<S: Write + Unpin> ShapedRefusals<S> {
    fn poll_shaped(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.shaped.has_remaining() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.shaped))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.shaped.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

/// The shaped form of `written` when it is a whole refusal of the library. It is told from an
/// answer of an upstream without a body by the request id, which every answer of a service has.
fn shaped(written: &[u8]) -> Option<Bytes> {
    // Most of what passes here is none: that is found out by its first bytes.
    if !written.starts_with(b"HTTP/1.1 4") {
        return None;
    }
    let head = std::str::from_utf8(written).ok()?;
    let (status_line, message) = REFUSALS
        .iter()
        .find(|(status_line, _)| head.starts_with(status_line))?;
    let empty = head.contains("\r\ncontent-length: 0\r\n");
    let whole = head.find("\r\n\r\n") == Some(head.len() - 4);
    if !empty || !whole || head.contains(REQUEST_ID.as_str()) {
        return None;
    }
    let body = json!({ "errors": [{ "message": message }] }).to_string();
    let length = body.len();
    Some(Bytes::from(format!(
        "{status_line}content-type: application/json\r\ncontent-length: {length}\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n{body}"
    )))
}

impl<S: Write + Unpin> Write for ShapedRefusals<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_shaped(cx))?;
        if let Some(shaped) = shaped(buffer) {
            self.shaped = shaped;
            return Poll::Ready(Ok(buffer.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // A refusal is a head alone.
        if let [only] = buffers {
            return self.poll_write(cx, only);
        }
        ready!(self.poll_shaped(cx))?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_shaped(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_shaped(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: Read + Unpin> Read for ShapedRefusals<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_library_gets_the_error_shape() {
        let refusal = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        let shaped = shaped(refusal).unwrap();
        let shaped = std::str::from_utf8(&shaped).unwrap();
        let body = r#"{"errors":[{"message":"The request is not well-formed HTTP"}]}"#;
        assert!(shaped.starts_with("HTTP/1.1 400 Bad Request\r\n"));
        assert!(shaped.ends_with(&format!("\r\n\r\n{body}")));
        assert!(shaped.contains(&format!("content-length: {}\r\n", body.len())));
    }

    #[test]
    fn answers_of_services_are_left_alone() {
        for answer in [
            "HTTP/1.1 400 Bad Request\r\nx-request-id: a\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400",
            "",
        ] {
            assert_eq!(shaped(answer.as_bytes()), None, "{answer:?}");
        }
    }
}
