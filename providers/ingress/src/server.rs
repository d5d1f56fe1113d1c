//! Binding the public address, accepting clients, and letting them finish.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use provider_kit::Health;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use crate::gateway::Gateway;
use crate::refusal::ShapedRefusals;

/// The part of the provider's health that the listener is.
const LISTENER: &str = "listener";

/// Between attempts to bind an address that is in use.
const BIND_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How many clients wait to be accepted. More than any rush brings: who finds this queue full is dropped, and comes again
/// seconds later or finds the connection reset. Linux takes no more than `net.core.somaxconn`.
const BACKLOG: u32 = 65_535;

/// After a failed accept, such as one for want of file descriptors, which others must free.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Serves whatever `gateway` holds, at its address, until `stop` resolves; then no connection is
/// accepted any more and requests in flight have their drain timeout to finish. When the address
/// changes, the new one is bound while the old one drains.
pub async fn run(
    mut gateway: watch::Receiver<Arc<Gateway>>,
    bound: watch::Sender<Option<SocketAddr>>,
    health: Health,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let mut moved_away = JoinSet::new();
    loop {
        let address = gateway.borrow_and_update().settings().address;
        let listener = tokio::select! {
            listener = bind(address, &health) => listener,
            () = address_change(gateway.clone(), address) => continue,
            () = &mut stop => break,
        };
        bound.send_replace(listener.local_addr().ok());
        health.ok(LISTENER);
        info!(%address, "listening");

        let mut clients = Clients::default();
        let stopped = tokio::select! {
            () = clients.accept(&listener, &gateway) => false,
            () = address_change(gateway.clone(), address) => false,
            () = &mut stop => true,
        };
        drop(listener);
        bound.send_replace(None);
        let within = gateway.borrow().settings().drain_timeout;
        if stopped {
            clients.drain(within).await;
            break;
        }
        moved_away.spawn(clients.drain(within));
    }
    moved_away.join_all().await;
}

async fn bind(address: SocketAddr, health: &Health) -> TcpListener {
    loop {
        match listen(address) {
            Ok(listener) => return listener,
            Err(error) => {
                let failure = format!("cannot listen on {address}: {error}; trying again");
                warn!("{failure}");
                health.failing(LISTENER, failure);
                sleep(BIND_AGAIN_AFTER).await;
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // As after a restart, when connections of before still linger.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Resolves once the settings name another address than `current`.
async fn address_change(mut gateway: watch::Receiver<Arc<Gateway>>, current: SocketAddr) {
    let changed = gateway
        .wait_for(|gateway| gateway.settings().address != current)
        .await
        .is_ok();
    if !changed {
        // The sender is gone: nothing will change any more.
        std::future::pending().await
    }
}

/// The open connections of one listener.
#[derive(Default)]
struct Clients {
    connections: JoinSet<()>,
    graceful: GracefulShutdown,
}

impl Clients {
    /// Accepts for ever, up to the configured number of connections at a time.
    async fn accept(&mut self, listener: &TcpListener, gateway: &watch::Receiver<Arc<Gateway>>) {
        loop {
            let room = self.connections.len() < gateway.borrow().settings().max_connections;
            tokio::select! {
                accepted = listener.accept(), if room => match accepted {
                    Ok((stream, client)) => self.serve(stream, client, gateway.clone()),
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                    Err(error) => {
                        warn!(%error, "cannot accept a connection");
                        sleep(ACCEPT_AGAIN_AFTER).await;
                    }
                },
                Some(_) = self.connections.join_next() => {}
            }
        }
    }

    fn serve(
        &mut self,
        stream: TcpStream,
        client: SocketAddr,
        gateway: watch::Receiver<Arc<Gateway>>,
    ) {
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%client, %error, "cannot set TCP_NODELAY");
        }
        let head_within = gateway.borrow().settings().client_timeout;
        let service = service_fn(move |request| {
            let gateway = Arc::clone(&gateway.borrow());
            gateway.handle(request, client.ip())
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_within)
            .serve_connection(ShapedRefusals::new(TokioIo::new(stream)), service);
        let connection = self.graceful.watch(connection);
        self.connections.spawn(async move {
            if let Err(error) = connection.await {
                debug!(%client, %error, "connection ended");
            }
        });
    }

    /// Closes idle connections at once and busy ones after their answer, all of them in the end.
    async fn drain(mut self, within: Duration) {
        if timeout(within, self.graceful.shutdown()).await.is_err() {
            warn!("requests in flight did not finish within {within:?} and are cut off");
        }
        self.connections.shutdown().await;
    }
}
