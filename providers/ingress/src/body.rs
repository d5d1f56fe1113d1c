//! Request bodies are received whole, within a limit, before an upstream sees the request: a slow
//! client occupies no component, no upstream ever sees half a body, and a request can be repeated.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use tokio::time::timeout;

use crate::error::GatewayError;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What goes back to the client, streamed.
pub type ResponseBody = UnsyncBoxBody<Bytes, BoxError>;

/// How much of a refused body is read so that the client gets to see the refusal: one that is
/// still writing when the connection closes may lose the answer.
const DISCARD_AT_MOST: usize = 8 * 1024 * 1024;
const DISCARD_FOR: Duration = Duration::from_secs(2);

/// Receives `body`, of at most `limit` bytes, within `within`; trailers are dropped.
///
/// # Errors
/// `BodyTooLarge` as soon as the declared or the received length exceeds the limit,
/// `BodyTimedOut`, and `BodyBroken` when the client stops or its chunks are malformed.
pub async fn receive<B>(body: &mut B, limit: usize, within: Duration) -> Result<Bytes, GatewayError>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > limit as u64 {
        return Err(GatewayError::BodyTooLarge { limit });
    }
    timeout(within, collect(body, limit))
        .await
        .unwrap_or(Err(GatewayError::BodyTimedOut))
}

async fn collect<B>(body: &mut B, limit: usize) -> Result<Bytes, GatewayError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut received = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| GatewayError::BodyBroken)?;
        if let Ok(data) = frame.into_data() {
            if received.len() + data.len() > limit {
                return Err(GatewayError::BodyTooLarge { limit });
            }
            received.extend_from_slice(&data);
        }
    }
    Ok(received.freeze())
}

/// Reads a while what is left of a refused body and forgets it.
pub async fn discard<B>(body: &mut B)
where
    B: Body<Data = Bytes> + Unpin,
{
    let reading = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > DISCARD_AT_MOST {
                break;
            }
        }
    };
    let _ = timeout(DISCARD_FOR, reading).await;
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    use super::*;

    const A_WHILE: Duration = Duration::from_secs(30);

    fn chunks(chunks: Vec<Result<&'static str, BoxError>>) -> impl Body<Data = Bytes> + Unpin {
        StreamBody::new(stream::iter(chunks.into_iter().map(|chunk| {
            chunk.map(|text| Frame::data(Bytes::from_static(text.as_bytes())))
        })))
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_received() {
        let mut body = chunks(vec![Ok("12"), Ok("34")]);
        assert_eq!(receive(&mut body, 4, A_WHILE).await.unwrap(), "1234");
    }

    #[tokio::test]
    async fn a_chunked_body_is_refused_once_it_exceeds_the_limit() {
        let mut body = chunks(vec![Ok("12"), Ok("345")]);
        assert_eq!(
            receive(&mut body, 4, A_WHILE).await,
            Err(GatewayError::BodyTooLarge { limit: 4 })
        );
    }

    #[tokio::test]
    async fn a_body_that_declares_too_much_is_refused_unread() {
        let mut body = Full::new(Bytes::from_static(b"12345"));
        assert_eq!(
            receive(&mut body, 4, A_WHILE).await,
            Err(GatewayError::BodyTooLarge { limit: 4 })
        );
        assert!(!body.is_end_stream());
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_not_passed_on() {
        let mut body = chunks(vec![Ok("12"), Err("reset".into())]);
        assert_eq!(
            receive(&mut body, 4, A_WHILE).await,
            Err(GatewayError::BodyBroken)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let mut body = StreamBody::new(stream::pending::<Result<Frame<Bytes>, BoxError>>());
        assert_eq!(
            receive(&mut body, 4, A_WHILE).await,
            Err(GatewayError::BodyTimedOut)
        );
    }
}
