//! Writing bodies to `wasi:io/streams`.

use wasip2::http::types::{ErrorCode, OutgoingBody};
use wasip2::io::streams::{OutputStream, StreamError};

/// Writes as much as is taken without a wait; what is left is left in `bytes`.
///
/// # Errors
/// When nobody reads any more.
pub fn write_what_fits(stream: &OutputStream, bytes: &mut &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        if room == 0 {
            break;
        }
        let (piece, rest) = bytes.split_at(bytes.len().min(room));
        stream.write(piece)?;
        *bytes = rest;
    }
    Ok(())
}

/// Writes everything, and waits where that takes a wait.
///
/// # Errors
/// When nobody reads any more.
pub fn write_all(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    loop {
        write_what_fits(stream, &mut bytes)?;
        if bytes.is_empty() {
            return Ok(());
        }
        stream.subscribe().block();
    }
}

/// Says that `body` is complete. Its stream has to be gone by then.
///
/// # Errors
/// When it is not as long as its head says.
pub fn finish(body: OutgoingBody, stream: OutputStream) -> Result<(), ErrorCode> {
    drop(stream);
    OutgoingBody::finish(body, None)
}
