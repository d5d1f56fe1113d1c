//! Whether an answer may be kept; if so, it is received whole.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, stream};
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt as _, BodyStream, StreamBody};

use super::directives::{LARGEST_BODY, shared_for};
use super::groups::Group;
use super::stored::Stored;
use crate::body::{BoxError, ResponseBody};

/// An answer, and for whom it is.
pub enum Examined {
    Shared(Arc<Stored>),
    Personal(Response<ResponseBody>),
    /// The origin or the way to it failed; the next time it may not.
    Failure(Response<ResponseBody>),
}

/// Gets an answer of what is at `address` from `ask`, which is not awaited before this is.
pub async fn examine(
    address: Group,
    ask: impl Future<Output = Response<ResponseBody>>,
) -> Examined {
    let asked = Instant::now();
    let answer = ask.await;
    if answer.status().is_server_error() {
        return Examined::Failure(answer);
    }
    let Some(lifetime) = shared_for(answer.status(), answer.headers()) else {
        return Examined::Personal(answer);
    };
    let (head, body) = answer.into_parts();
    match whole(body).await {
        Ok(body) => Examined::Shared(Arc::new(Stored::new(
            head.headers,
            body,
            asked,
            lifetime,
            address,
        ))),
        Err(Unkept::TooLarge(body)) => Examined::Personal(Response::from_parts(head, body)),
        Err(Unkept::BrokenOff(body)) => Examined::Failure(Response::from_parts(head, body)),
    }
}

/// A body as it came.
enum Unkept {
    TooLarge(ResponseBody),
    BrokenOff(ResponseBody),
}

/// All of a body, if it is there and not too large.
async fn whole(mut body: ResponseBody) -> Result<Bytes, Unkept> {
    let mut received = BytesMut::new();
    loop {
        let frame = match body.frame().await {
            None => return Ok(received.freeze()),
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                return Err(Unkept::BrokenOff(resumed(received, Err(error), body)));
            }
        };
        match frame.into_data() {
            Ok(data) if received.len() + data.len() <= LARGEST_BODY => {
                received.extend_from_slice(&data);
            }
            Ok(data) => {
                let passed = resumed(received, Ok(Frame::data(data)), body);
                return Err(Unkept::TooLarge(passed));
            }
            // Trailers: of the exchange with the origin.
            Err(_) => {}
        }
    }
}

/// A body from what has been received of it, what came last, and the rest.
fn resumed(
    received: BytesMut,
    last: Result<Frame<Bytes>, BoxError>,
    rest: ResponseBody,
) -> ResponseBody {
    let received = Ok(Frame::data(received.freeze()));
    let begun = stream::iter([received, last]);
    StreamBody::new(begun.chain(BodyStream::new(rest))).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    fn body(chunks: Vec<Result<Bytes, BoxError>>) -> ResponseBody {
        let frames = chunks.into_iter().map(|chunk| chunk.map(Frame::data));
        StreamBody::new(stream::iter(frames)).boxed_unsync()
    }

    #[tokio::test]
    async fn a_body_is_received_whole() {
        let chunks = vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"c"))];
        assert_eq!(whole(body(chunks)).await.ok().unwrap(), "abc");
    }

    #[tokio::test]
    async fn one_that_is_too_large_passes_as_it_came() {
        let chunk = || Ok(Bytes::from(vec![b'x'; LARGEST_BODY / 2 + 1]));
        let Err(Unkept::TooLarge(passed)) = whole(body(vec![chunk(), chunk(), chunk()])).await
        else {
            panic!("it is kept");
        };
        let passed = passed.collect().await.unwrap().to_bytes();
        assert_eq!(passed.len(), 3 * (LARGEST_BODY / 2 + 1));
    }

    #[tokio::test]
    async fn one_that_breaks_off_breaks_off_for_the_client_too() {
        let chunks = vec![Ok(Bytes::from_static(b"ab")), Err("reset".into())];
        let Err(Unkept::BrokenOff(passed)) = whole(body(chunks)).await else {
            panic!("it is kept");
        };
        assert!(passed.collect().await.is_err());
    }

    #[tokio::test]
    async fn a_failure_is_not_shared_whatever_it_says() {
        let failure = async {
            let body = Full::new(Bytes::new()).map_err(|never| match never {});
            let mut answer = Response::new(body.boxed_unsync());
            *answer.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            let headers = answer.headers_mut();
            headers.insert("cache-control", "s-maxage=9".parse().unwrap());
            answer
        };
        let examined = examine(Group(0), failure).await;
        assert!(matches!(examined, Examined::Failure(_)));
    }
}
