//! What components publish and request, against a real nats-server.
//! Set NATS_SERVER_BIN when the server is not on the path.

use std::time::Duration;

use futures::StreamExt as _;
use jetstream_kit::ensure_events;
use jetstream_testing::NatsServer;
use provider_messaging_jetstream::Publisher;

#[tokio::test]
async fn a_published_message_is_stored_when_publish_returns() {
    let server = NatsServer::start().await;
    let jetstream = server.connect().await;
    let mut stream = ensure_events(&jetstream.context, "TICKETING")
        .await
        .unwrap();
    let publisher = Publisher::new(jetstream, "default");
    publisher
        .publish("ticketing.ticket.created".into(), "{}".into())
        .await
        .unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 1);
}

#[tokio::test]
async fn a_message_that_no_stream_stores_is_an_error() {
    let server = NatsServer::start().await;
    let publisher = Publisher::new(server.connect().await, "default");
    assert!(
        publisher
            .publish("nobody.cares".into(), "{}".into())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_component_cannot_reach_the_servers_api() {
    let server = NatsServer::start().await;
    let jetstream = server.connect().await;
    let mut stream = ensure_events(&jetstream.context, "TICKETING")
        .await
        .unwrap();
    let publisher = Publisher::new(jetstream, "default");
    let delete = "$JS.API.STREAM.DELETE.TICKETING";
    assert!(publisher.publish(delete.into(), "".into()).await.is_err());
    let second = Duration::from_secs(1);
    assert!(
        publisher
            .request(delete.into(), "".into(), second)
            .await
            .is_err()
    );
    assert!(stream.info().await.is_ok());
}

#[tokio::test]
async fn a_request_gets_its_answer_or_an_error_in_time() {
    let server = NatsServer::start().await;
    let jetstream = server.connect().await;
    let mut questions = jetstream.client.subscribe("echo").await.unwrap();
    let client = jetstream.client.clone();
    tokio::spawn(async move {
        while let Some(question) = questions.next().await {
            if let Some(reply) = question.reply {
                client.publish(reply, question.payload).await.unwrap();
            }
        }
    });
    jetstream.client.flush().await.unwrap();
    let publisher = Publisher::new(jetstream, "default");
    let second = Duration::from_secs(1);
    let answer = publisher
        .request("echo".into(), "hello".into(), second)
        .await;
    assert_eq!(answer.unwrap().1, "hello");
    assert!(
        publisher
            .request("nobody".into(), "hello".into(), second)
            .await
            .is_err()
    );
}
