//! Connecting to a server that may have been started a moment ago, or recovers from a crash.
use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use url::Url;

/// Recovery reads what was written since the last checkpoint, five minutes of it as Postgres comes.
const RECOVERY: Duration = Duration::from_secs(60);
const TRY_EVERY: Duration = Duration::from_millis(200);

/// Connects as [`super::connect`] does, as soon as the server lets anybody in.
///
/// # Errors
/// When the server cannot be reached, refuses for another reason than that it starts or stops, or does so for too long.
pub async fn connect(url: &Url) -> Result<Client> {
    let deadline = Instant::now() + RECOVERY;
    let mut told = false;
    loop {
        let error = match super::connect(url).await {
            Ok(client) => return Ok(client),
            Err(error) => error,
        };
        if !is_not_up_yet(&error) || Instant::now() > deadline {
            return Err(error);
        }
        if !told {
            eprintln!("waiting for the database server: {error}");
            told = true;
        }
        sleep(TRY_EVERY).await;
    }
}

fn is_not_up_yet(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<tokio_postgres::Error>();
    error.and_then(tokio_postgres::Error::code) == Some(&SqlState::CANNOT_CONNECT_NOW)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Refuses one connection after the other with these codes, then is gone.
    fn server(codes: &'static [&'static str]) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        thread::spawn(move || {
            for code in codes {
                let (mut stream, _) = listener.accept().expect("a connection");
                let _startup = stream.read(&mut [0; 1024]);
                let fields = format!("SFATAL\0VFATAL\0C{code}\0Mrefused with {code}\0\0");
                let length = u32::try_from(fields.len() + 4).expect("short");
                let mut message = vec![b'E'];
                message.extend(length.to_be_bytes());
                message.extend(fields.into_bytes());
                let _closed = stream.write_all(&message);
            }
        });
        let url = format!("postgres://nobody:unused@127.0.0.1:{port}/postgres");
        url.parse().expect("a URL")
    }

    async fn refusal(codes: &'static [&'static str]) -> String {
        let error = connect(&server(codes)).await.err();
        format!("{:#}", error.expect("nobody is let in"))
    }

    #[tokio::test]
    async fn a_server_that_starts_up_is_waited_for() {
        let refusal = refusal(&["57P03", "57P03", "3D000"]).await;
        assert!(refusal.contains("refused with 3D000"), "{refusal}");
    }

    #[tokio::test]
    async fn another_refusal_is_told_at_once() {
        let refusal = refusal(&["28P01", "57P03"]).await;
        assert!(refusal.contains("refused with 28P01"), "{refusal}");
    }
}
