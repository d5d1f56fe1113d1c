//! Calls over a real nats-server.

use std::io;
use std::sync::Arc;

use async_nats::HeaderMap;
use bytes::Bytes;
use futures::future::join_all;
use futures::{StreamExt as _, TryStreamExt as _};
use jetstream_testing::{DEADLINE, NatsServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wrpc_transport::{Index as _, Invoke as _, Serve as _};
use wrpc_transport_nats::{Client, ParamWriter, Reader, SubjectWriter};

const INSTANCE: &str = "test:calls/echo";
const NO_STREAMS: [&[Option<usize>]; 0] = [];
/// More than the server takes in one message.
const LARGE: usize = 3 * 1024 * 1024;

async fn connect(server: &NatsServer) -> Arc<async_nats::Client> {
    let connected = async_nats::connect(server.url()).await;
    Arc::new(connected.expect("the test's nats-server answers"))
}

async fn client(nats: &Arc<async_nats::Client>) -> Client {
    let made = Client::new(Arc::clone(nats), "target", None).await;
    made.expect("a client")
}

async fn call(client: &Client, params: impl Into<Bytes>) -> (ParamWriter, Reader) {
    let called = client
        .invoke(None, INSTANCE, "run", params.into(), NO_STREAMS)
        .await;
    called.expect("the call is sent")
}

/// Serves each call with `answer` until the end of the test.
async fn serve<F>(
    server: &NatsServer,
    answer: impl Fn(Option<HeaderMap>, SubjectWriter, Reader) -> F + Send + Sync + 'static,
) -> JoinHandle<()>
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let nats = connect(server).await;
    let calls = client(&nats).await.serve(INSTANCE, "run", []).await;
    let calls = calls.expect("calls are served");
    // The server knows of the subscription.
    nats.flush().await.expect("the server answers");
    tokio::spawn(async move {
        let each = calls
            .map_err(io::Error::other)
            .try_for_each_concurrent(None, |(headers, writer, reader)| {
                answer(headers, writer, reader)
            });
        each.await.expect("every call is answered");
    })
}

async fn echo(
    _: Option<HeaderMap>,
    mut writer: SubjectWriter,
    mut reader: Reader,
) -> io::Result<()> {
    let mut params = Vec::new();
    reader.read_to_end(&mut params).await?;
    writer.write_all(&params).await?;
    writer.shutdown().await
}

async fn all_of(mut reader: Reader) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(DEADLINE, reader.read_to_end(&mut bytes)).await;
    read.expect("an end in time").expect("bytes");
    bytes
}

#[tokio::test]
async fn what_fits_into_no_message_arrives_whole() {
    let server = NatsServer::start().await;
    let _served = serve(&server, echo).await;
    let nats = connect(&server).await;
    for length in [0, 1, LARGE] {
        let sent: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        let (mut params, results) = call(&client(&nats).await, sent.clone()).await;
        params.shutdown().await.expect("the parameters are sent");
        assert!(all_of(results).await == sent, "{length} bytes");
    }
}

#[tokio::test]
async fn results_that_fit_into_no_message_end_with_their_last() {
    let server = NatsServer::start().await;
    let answer = async |_, mut writer: SubjectWriter, _| {
        writer.write_all(&vec![7; LARGE]).await?;
        writer.shutdown().await
    };
    let _served = serve(&server, answer).await;
    let (_params, results) = call(&client(&connect(&server).await).await, "").await;
    assert!(all_of(results).await == vec![7; LARGE]);
}

#[tokio::test]
async fn headers_arrive_beside_large_parameters() {
    let server = NatsServer::start().await;
    let answer =
        async |headers: Option<HeaderMap>, mut writer: SubjectWriter, mut reader: Reader| {
            let length = tokio::io::copy(&mut reader, &mut tokio::io::sink()).await?;
            let headers = headers.unwrap_or_default();
            let source = headers.get("source-id").map(ToString::to_string);
            writer
                .write_all(format!("{source:?} {length}").as_bytes())
                .await?;
            writer.shutdown().await
        };
    let _served = serve(&server, answer).await;
    let mut headers = HeaderMap::new();
    headers.insert("source-id", "orders");
    let client = client(&connect(&server).await).await;
    let (mut params, results) = client
        .invoke(
            Some(headers),
            INSTANCE,
            "run",
            vec![0; LARGE].into(),
            NO_STREAMS,
        )
        .await
        .expect("the call is sent");
    params.shutdown().await.expect("the parameters are sent");
    let answer = String::from_utf8(all_of(results).await).expect("text");
    assert_eq!(answer, format!(r#"Some("orders") {LARGE}"#));
}

#[tokio::test]
async fn a_stream_below_has_its_own_bytes_in_both_directions() {
    let server = NatsServer::start().await;
    let answer = async |_, mut writer: SubjectWriter, reader: Reader| {
        let mut nested = reader.index(&[1]).map_err(io::Error::other)?;
        let mut below = writer.index(&[0, 2]).map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        nested.read_to_end(&mut bytes).await?;
        // The reader has not asked for it yet.
        below.write_all(&bytes).await?;
        below.shutdown().await?;
        writer.shutdown().await
    };
    let _served = serve(&server, answer).await;
    let (mut params, results) = call(&client(&connect(&server).await).await, "first").await;
    // As the host does it: what is below begins when the parameters themselves have ended.
    params.shutdown().await.expect("the parameters are sent");
    let mut nested = params.index(&[1]).expect("a stream below");
    nested.write_all(b"nested").await.expect("it is sent");
    nested.shutdown().await.expect("its end is sent");
    let below = results.index(&[0, 2]).expect("a stream below");
    assert_eq!(all_of(results).await, b"");
    assert_eq!(all_of(below).await, b"nested");
}

#[tokio::test]
async fn who_calls_a_function_that_nobody_serves_is_told() {
    let server = NatsServer::start().await;
    let client = client(&connect(&server).await).await;
    let (_params, mut results) = call(&client, "").await;
    let told = timeout(DEADLINE, results.read_u8()).await.expect("in time");
    assert_eq!(told.unwrap_err().kind(), io::ErrorKind::NotConnected);
}

#[tokio::test]
async fn who_has_more_to_send_than_a_call_takes_is_told_that_nobody_takes_it() {
    let server = NatsServer::start().await;
    let client = client(&connect(&server).await).await;
    let (mut params, _results) = call(&client, vec![0; LARGE]).await;
    let told = timeout(DEADLINE, params.shutdown()).await.expect("in time");
    assert_eq!(told.unwrap_err().kind(), io::ErrorKind::NotConnected);
    let again = params.shutdown().await;
    assert_eq!(again.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[tokio::test]
async fn a_call_and_its_results_are_a_message_each() {
    let server = NatsServer::start().await;
    let answer = async |_, mut writer: SubjectWriter, mut reader: Reader| {
        reader.read_to_end(&mut Vec::new()).await?;
        writer.write_all(b"answer").await?;
        // As a host does it.
        writer.flush().await?;
        writer.shutdown().await
    };
    let _served = serve(&server, answer).await;
    let observer = connect(&server).await;
    let mut seen = observer.subscribe(">").await.expect("a subscription");
    observer.flush().await.expect("the server answers");
    let nats = connect(&server).await;
    let (mut params, results) = call(&client(&nats).await, "question").await;
    params.flush().await.expect("nothing is left to send");
    params.shutdown().await.expect("nothing is left to end");
    assert_eq!(all_of(results).await, b"answer");
    let payloads = [seen.next().await, seen.next().await];
    let payloads = payloads.map(|message| message.expect("a message").payload);
    assert_eq!(payloads, ["question", "answer"].map(Bytes::from));
    observer
        .publish("over", "".into())
        .await
        .expect("it is sent");
    let next = seen.next().await.expect("a message");
    assert_eq!(next.subject.as_str(), "over");
}

/// As the published transport calls: it waits to be accepted, and reads results up to an empty message.
#[tokio::test]
async fn who_knows_nothing_of_ends_in_headers_is_accepted_and_answered_without() {
    let server = NatsServer::start().await;
    let _served = serve(&server, echo).await;
    let nats = connect(&server).await;
    let mut accepted = nats.subscribe("inbox").await.expect("a subscription");
    let results = nats.subscribe("inbox.results").await;
    let mut results = results.expect("a subscription");
    let function = format!("target.wrpc.0.0.1.{INSTANCE}.run");
    let sent = nats.publish_with_reply(function, "inbox", "first ".into());
    sent.await.expect("the call is sent");
    let accepted = accepted.next().await.expect("an answer");
    let callee = accepted.reply.expect("an inbox");
    for part in ["second", ""] {
        let sent = nats.publish(format!("{callee}.params"), part.into()).await;
        sent.expect("it is sent");
    }
    for part in ["first second", ""] {
        let message = results.next().await.expect("a message");
        assert!(message.headers.is_none());
        assert_eq!(message.payload, part);
    }
}

/// As the published transport serves: it accepts every call, and ends results with an empty message.
#[tokio::test]
async fn a_callee_that_knows_nothing_of_ends_in_headers_is_understood() {
    let server = NatsServer::start().await;
    let callee = connect(&server).await;
    let function = format!("target.wrpc.0.0.1.{INSTANCE}.run");
    let mut calls = callee.subscribe(function).await.expect("a subscription");
    callee.flush().await.expect("the server answers");
    let nats = connect(&server).await;
    let (mut params, results) = call(&client(&nats).await, "question").await;
    params.shutdown().await.expect("nothing is left to end");
    let called = calls.next().await.expect("a call");
    let caller = called.reply.expect("an inbox");
    let accepted = callee.publish_with_reply(caller.clone(), "callee", Bytes::new());
    accepted.await.expect("it is sent");
    for part in ["an", "swer", ""] {
        let sent = callee
            .publish(format!("{caller}.results"), part.into())
            .await;
        sent.expect("it is sent");
    }
    assert_eq!(all_of(results).await, b"answer");
}

#[tokio::test]
async fn a_writer_that_is_dropped_ends_its_stream() {
    let server = NatsServer::start().await;
    let answer = async |_, mut writer: SubjectWriter, _| writer.write_all(b"half").await;
    let _served = serve(&server, answer).await;
    let (_params, results) = call(&client(&connect(&server).await).await, "").await;
    assert_eq!(all_of(results).await, b"half");
}

/// Each call has a client of its own, as in a host. The callee is quick, and the caller has one busy thread: answers are there
/// before anybody waits for them.
#[tokio::test]
async fn no_answer_is_lost_that_comes_early() {
    const CALLS: usize = 2000;
    let server = NatsServer::start().await;
    let url = server.url();
    let callee = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async move {
            let nats = Arc::new(async_nats::connect(url).await.expect("a connection"));
            let calls = client(&nats).await.serve(INSTANCE, "run", []).await;
            let calls = calls.expect("calls are served");
            nats.publish("served", Bytes::new())
                .await
                .expect("it is told");
            calls
                .take(CALLS)
                .for_each_concurrent(None, async |call| {
                    let (headers, writer, reader) = call.expect("a call");
                    echo(headers, writer, reader).await.expect("it is answered");
                })
                .await;
            nats.flush().await.expect("the server answers");
        });
    });
    let nats = connect(&server).await;
    let answers = join_all((0..CALLS).map(async |number| {
        let client = client(&nats).await;
        loop {
            let (_params, mut results) = call(&client, number.to_string()).await;
            let mut answer = Vec::new();
            // Fails as long as nobody serves.
            if results.read_to_end(&mut answer).await.is_ok() {
                return answer;
            }
        }
    }))
    .await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer, number.to_string().as_bytes());
    }
    callee.join().expect("all are served");
}
