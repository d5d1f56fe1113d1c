//! A port on the bridge that leads to a server of this machine. NATS and Postgres listen at 127.0.0.1 as they always do; the
//! port here is for the hosts alone, since nothing that has not come over the bridge gets through.
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::sleep;

/// Connections that wait to be accepted: all providers of all hosts come at once when a server is back.
const BACKLOG: u32 = 1024;
/// After a failed accept, such as one for want of file descriptors.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Listens on a free port of `bridge` at its address.
///
/// # Errors
/// When the kernel refuses.
pub fn listen(bridge: String, address: Ipv4Addr) -> Result<(TcpListener, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket
        .bind_device(Some(bridge.as_bytes()))
        .with_context(|| format!("cannot bind to {bridge}"))?;
    socket.bind(SocketAddr::from((address, 0)))?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Forwards every connection to `target`. One that cannot be made is closed, as the server itself would.
pub async fn run(listener: TcpListener, target: String) {
    loop {
        let Ok((mut host, _)) = listener.accept().await else {
            sleep(ACCEPT_AGAIN_AFTER).await;
            continue;
        };
        let target = target.clone();
        tokio::spawn(async move {
            let Ok(mut server) = TcpStream::connect(target).await else {
                return;
            };
            // Messages are small, and each is waited for.
            let _ = host.set_nodelay(true);
            let _ = server.set_nodelay(true);
            // Whichever side breaks, the other one sees it end.
            let _ = copy_bidirectional(&mut host, &mut server).await;
        });
    }
}
