//! Several hosts on one machine. A host's HTTP servers and its ingress are at loopback addresses, so each host gets a
//! network namespace of its own, with a loopback of its own.
//!
//! ```text
//! 127.0.0.1:PORT ── balancer ──► 10.213.K.2, .3, …  the ingresses of the hosts, each in its namespace
//!                                  │ veth
//!                   10.213.K.1 ◄── bridge
//!                       └── forwarders ──► Postgres, NATS, the Stripe double on 127.0.0.1
//! ```
//!
//! The bridge leads nowhere but to this machine, and the forwarders listen to nobody but the bridge: what `up` has started
//! stays out of everybody else's reach. Balancer and forwarders work on threads of their own.
mod balancer;
mod forward;
mod ip;
mod leftovers;
mod namespaces;
mod range;

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use tokio::runtime::{Builder, Runtime};
use url::Url;

pub use balancer::Balancer;
pub use leftovers::remove as remove_leftovers;

use crate::data::Data;
use namespaces::Namespaces;

/// Threads for everything that goes between the hosts and the rest; the hosts need the others.
const THREADS: usize = 2;

/// The network of one installation. It is there until [`Network::remove`].
pub struct Network {
    namespaces: Namespaces,
    runtime: Runtime,
}

impl Network {
    /// Makes namespaces for `hosts` hosts and connects them to this machine.
    ///
    /// # Errors
    /// When this machine does not allow it, or no range of addresses is free; nothing of it is left then.
    pub async fn create(hosts: usize, data: &Data) -> Result<Self> {
        let namespaces = Namespaces::create(hosts, data).await?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("network")
            .enable_all()
            .build()
            .context("cannot start the network's threads");
        match runtime {
            Ok(runtime) => Ok(Self {
                namespaces,
                runtime,
            }),
            Err(error) => {
                namespaces.remove().await?;
                Err(error)
            }
        }
    }

    /// The command that runs another in the namespace of a host.
    pub fn enter(&self, host: usize) -> Vec<String> {
        self.namespaces.enter(host)
    }

    /// The addresses of the hosts, as this machine sees them.
    pub fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.namespaces.addresses()
    }

    /// Lets the hosts reach `target`, a `host:port` as this machine sees it. Gives the `host:port` as the hosts see it.
    ///
    /// # Errors
    /// When nothing can listen on the bridge.
    pub fn reach(&self, target: &str) -> Result<SocketAddr> {
        let _context = self.runtime.enter();
        let (listener, address) =
            forward::listen(self.namespaces.bridge(), self.namespaces.gateway())
                .with_context(|| format!("cannot let the hosts reach {target}"))?;
        self.runtime
            .spawn(forward::run(listener, target.to_owned()));
        Ok(address)
    }

    /// The same for a URL: it names another host and port, and is the same otherwise.
    ///
    /// # Errors
    /// As [`Network::reach`], and when the URL names no host.
    pub fn reach_url(&self, url: &Url, default_port: u16) -> Result<Url> {
        let host = url.host_str().context("a URL without a host")?;
        let port = url.port_or_known_default().unwrap_or(default_port);
        let address = self.reach(&format!("{host}:{port}"))?;
        let mut inside = url.clone();
        inside.set_ip_host(address.ip()).ok().context("its host")?;
        inside
            .set_port(Some(address.port()))
            .ok()
            .context("its port")?;
        Ok(inside)
    }

    /// Serves the shop at `public`, from the ingresses of all hosts at `port`.
    ///
    /// # Errors
    /// When the addresses cannot be used.
    pub fn balance(&self, public: &str, port: u16) -> Result<Balancer> {
        let doors = self
            .addresses()
            .map(|address| SocketAddr::from((address, port)));
        let _context = self.runtime.enter();
        Balancer::start(public, doors.collect())
    }

    /// Removes all of it. What still runs in a namespace is cut off.
    pub async fn remove(self) {
        self.runtime.shutdown_background();
        if let Err(error) = self.namespaces.remove().await {
            eprintln!("the network of the hosts is not removed: {error:#}");
        }
    }
}
