//! A TCP proxy that stands between the lattice and a server, and cuts the line on request: for everybody, or for one process.
use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Process;

/// How a line is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Connections break, and new ones are refused.
    Refuse,
    /// Nothing gets through, and nobody is told: as when a cable is pulled.
    Stall,
}

/// What is in force: the cut, and whose sockets it is for; none for everybody's.
#[derive(Clone, Debug)]
struct Rule {
    cut: Cut,
    sockets: Option<Sockets>,
}

/// The sockets of one process, by inode. Those that it opens later are found when they come.
#[derive(Clone, Debug)]
struct Sockets {
    process: Process,
}

impl Sockets {
    fn own(&self, inode: Option<u64>) -> bool {
        inode.is_some_and(|inode| open_sockets(self.process.pid).contains(&inode))
    }
}

/// A running proxy. Dropping it cuts everything for good.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    rule: watch::Sender<Option<Rule>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Stands in front of `target` from now on, on a port of its own.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("no port for a proxy")?;
        let port = listener.local_addr()?.port();
        let (rule, rules) = watch::channel(None);
        let accepting = tokio::spawn(async move {
            while let Ok((client, peer)) = listener.accept().await {
                tokio::spawn(serve(client, peer, target, rules.clone()));
            }
        });
        Ok(Self {
            port,
            rule,
            accepting,
        })
    }

    /// Where clients connect.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the line for `process`, or for everybody, until [`Proxy::mend`].
    pub fn cut(&self, cut: Cut, process: Option<&Process>) {
        let sockets = process.map(|process| Sockets {
            process: process.clone(),
        });
        self.rule.send_replace(Some(Rule { cut, sockets }));
    }

    /// Lets everything through again.
    pub fn mend(&self) {
        self.rule.send_replace(None);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(
    client: TcpStream,
    peer: SocketAddr,
    target: SocketAddr,
    rules: watch::Receiver<Option<Rule>>,
) {
    let line = Line {
        inode: inode(peer),
        rules,
    };
    if line.cut() == Some(Cut::Refuse) {
        return hang_up(&client);
    }
    let Ok(server) = TcpStream::connect(target).await else {
        return hang_up(&client);
    };
    let _latency_only = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // When one direction ends, so does the other: half-open connections are nobody's habit here.
    tokio::select! {
        () = line.clone().pump(from_client, to_server) => {}
        () = line.pump(from_server, to_client) => {}
    }
}

/// The far end sees a reset, not a polite end.
fn hang_up(stream: &TcpStream) {
    let _gone_already = rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO));
}

/// One connection, and the rules that it follows.
#[derive(Clone)]
struct Line {
    inode: Option<u64>,
    rules: watch::Receiver<Option<Rule>>,
}

impl Line {
    fn cut(&self) -> Option<Cut> {
        let rule = self.rules.borrow().clone()?;
        let mine = rule.sockets.is_none_or(|sockets| sockets.own(self.inode));
        mine.then_some(rule.cut)
    }

    /// Copies one direction until either end closes, or the line is cut.
    async fn pump(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            if !self.is_open().await {
                return hang_up(to.as_ref());
            }
            let read = tokio::select! {
                read = from.read(&mut buffer) => read,
                _ = self.rules.changed() => continue,
            };
            let Ok(length @ 1..) = read else { return };
            // What was read while the line is stalled arrives when it is mended.
            if !self.is_open().await {
                return hang_up(to.as_ref());
            }
            if to.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    }

    /// Waits while it is stalled; false when it is to break.
    async fn is_open(&mut self) -> bool {
        loop {
            self.rules.mark_unchanged();
            match self.cut() {
                None => return true,
                Some(Cut::Refuse) => return false,
                Some(Cut::Stall) => {
                    if self.rules.changed().await.is_err() {
                        return false;
                    }
                }
            }
        }
    }
}

/// The kernel's number of the socket at the other end of a connection from `peer`.
fn inode(peer: SocketAddr) -> Option<u64> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let port = format!(":{:04X}", peer.port());
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let inode = fields.get(9)?.parse().ok()?;
        (fields.get(1)?.ends_with(&port) && inode != 0).then_some(inode)
    })
}

fn open_sockets(pid: i32) -> HashSet<u64> {
    let Ok(entries) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return HashSet::new();
    };
    entries
        .filter_map(|entry| {
            let target = std::fs::read_link(entry.ok()?.path()).ok()?;
            let target = target.to_str()?;
            target
                .strip_prefix("socket:[")?
                .strip_suffix(']')?
                .parse()
                .ok()
        })
        .collect()
}
