//! Small upstreams, an ingress on a free port, and a client.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use provider_ingress::{Ingress, Route, Routes, Settings};
use provider_kit::Health;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// No condition of a test takes longer than this.
pub const DEADLINE: Duration = Duration::from_secs(10);

pub type Answer = Response<Full<Bytes>>;

/// Serves `answer` on a free port of this machine. An `Err` drops the connection without an
/// answer, as the host's HTTP server does when a component traps.
pub async fn upstream<H, F, E>(answer: H) -> SocketAddr
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Answer, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(answer.clone());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

/// An upstream that answers with what it was asked.
pub async fn echo() -> SocketAddr {
    upstream(|request: Request<Incoming>| async move {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let headers: Vec<_> = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
            .collect();
        Ok::<_, hyper::Error>(json_answer(
            200,
            &json!({
                "method": head.method.as_str(),
                "target": head.uri.to_string(),
                "headers": headers,
                "body": String::from_utf8_lossy(&body),
            }),
        ))
    })
    .await
}

/// An upstream that answers everything with this.
pub async fn always(status: u16, content_type: &'static str, body: &'static str) -> SocketAddr {
    upstream(move |_| async move { Ok::<_, Infallible>(answer(status, content_type, body)) }).await
}

pub fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> Answer {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(Full::new(body.into()))
        .unwrap()
}

pub fn json_answer(status: u16, body: &Value) -> Answer {
    answer(status, "application/json", body.to_string())
}

/// An address where nobody listens.
pub async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

pub fn route(prefix: &str, upstream: SocketAddr) -> Route {
    Route::new(prefix, Authority::try_from(upstream.to_string()).unwrap())
}

/// Settings on a free port with short timeouts where a test waits for them.
pub fn settings(routes: Vec<Route>) -> Settings {
    let mut settings = Settings::new(Routes::new(routes).unwrap());
    settings.address.set_port(0);
    settings
}

pub struct Door {
    pub ingress: Ingress,
    pub address: SocketAddr,
}

/// An ingress that listens.
pub async fn door(settings: Settings) -> Door {
    let ingress = Ingress::start(settings, Health::default());
    let address = soon(ingress.address()).await.unwrap();
    Door { ingress, address }
}

/// An ingress with everything led to one upstream.
pub async fn door_to(upstream: SocketAddr) -> Door {
    door(settings(vec![route("/", upstream)])).await
}

/// What a client got, read to its end.
#[derive(Debug)]
pub struct Got {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The messages, after checking that the answer has the error shape and nothing else.
    pub fn error_messages(&self) -> Vec<String> {
        assert_eq!(self.header("content-type"), "application/json");
        let json = self.json();
        let errors = json["errors"].as_array().expect("an array of errors");
        assert_eq!(json.as_object().unwrap().len(), 1);
        let text = |error: &Value| error["message"].as_str().unwrap().to_owned();
        errors.iter().map(text).collect()
    }

    /// The value of a header as the echoing upstream saw it.
    pub fn echoed(&self, name: &str) -> Vec<String> {
        let json = self.json();
        let headers = json["headers"].as_array().unwrap().iter();
        headers
            .filter(|pair| pair[0] == name)
            .map(|pair| pair[1].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Door {
    pub async fn get(&self, path: &str) -> Got {
        self.send(Request::get(path), "").await
    }

    pub async fn send(&self, request: http::request::Builder, body: impl Into<Bytes>) -> Got {
        let mut request = request.body(Full::new(body.into())).unwrap();
        let path = request.uri().path_and_query().unwrap().clone();
        *request.uri_mut() = format!("http://{}{path}", self.address).parse().unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        soon(async {
            let (head, body) = client.request(request).await.unwrap().into_parts();
            Got {
                status: head.status,
                headers: head.headers,
                body: body.collect().await.unwrap().to_bytes(),
            }
        })
        .await
    }

    /// Writes these bytes and reads all that comes until the door closes the connection, which
    /// the request must ask for.
    pub async fn raw(&self, request: impl AsRef<[u8]>) -> String {
        soon(async {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(request.as_ref()).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            String::from_utf8_lossy(&answer).into_owned()
        })
        .await
    }
}

/// Waits for `future`, but not for ever.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(DEADLINE, future)
        .await
        .expect("it happens before the deadline")
}

/// Waits until `condition` holds, but not for ever.
pub async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    soon(async {
        let mut look = tokio::time::interval(Duration::from_millis(10));
        while !condition().await {
            look.tick().await;
        }
    })
    .await;
}
