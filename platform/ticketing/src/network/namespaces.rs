//! Namespaces, the bridge, and a cable (a pair of veth devices) from the bridge into each namespace.
use std::net::Ipv4Addr;

use anyhow::{Context as _, Result, bail};

use super::ip;
use super::range::{self, Range};
use crate::data::Data;

/// What all names begin with.
pub(super) const PREFIX: &str = "ticketing";

/// Those of one installation.
pub struct Namespaces {
    range: Range,
    hosts: usize,
}

impl Namespaces {
    /// Makes them, at addresses that are free.
    ///
    /// # Errors
    /// When this machine does not allow it, or no addresses are free; nothing of it is left then.
    pub async fn create(hosts: usize, data: &Data) -> Result<Self> {
        let refused = || {
            format!(
                "--hosts {hosts} needs a network namespace for each host, which takes root and iproute2"
            )
        };
        let range = claim().await.with_context(refused)?;
        let own = Self { range, hosts };
        match own.furnish(data).await {
            Ok(()) => Ok(own),
            Err(error) => {
                if let Err(left) = own.remove().await {
                    eprintln!("what was made of the hosts' network is left: {left:#}");
                }
                Err(error).with_context(refused)
            }
        }
    }

    async fn furnish(&self, data: &Data) -> Result<()> {
        let (bridge, range) = (self.bridge(), self.range);
        // Whose it is, for whoever finds it left behind.
        let owner = owner(data);
        ip::run(&["link", "set", &bridge, "alias", &owner]).await?;
        let gateway = format!("{}/24", range.gateway());
        ip::run(&["address", "add", &gateway, "dev", &bridge]).await?;
        ip::run(&["link", "set", &bridge, "up"]).await?;
        for host in 0..self.hosts {
            let (name, plug) = (self.name(host), self.plug(host));
            let address = format!("{}/24", range.host(host));
            ip::run(&["netns", "add", &name]).await?;
            ip::run(&[
                "link", "add", &plug, "type", "veth", "peer", "name", "eth0", "netns", &name,
            ])
            .await?;
            ip::run(&["link", "set", &plug, "master", &bridge, "up"]).await?;
            ip::run(&["-n", &name, "address", "add", &address, "dev", "eth0"]).await?;
            ip::run(&["-n", &name, "link", "set", "eth0", "up"]).await?;
            ip::run(&["-n", &name, "link", "set", "lo", "up"]).await?;
        }
        Ok(())
    }

    /// The hosts' addresses, in their order.
    pub fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        let range = self.range;
        (0..self.hosts).map(move |host| range.host(host))
    }

    /// The machine's own address on the bridge.
    pub fn gateway(&self) -> Ipv4Addr {
        self.range.gateway()
    }

    /// The name of the bridge, as of any network device at most 15 bytes.
    pub fn bridge(&self) -> String {
        bridge(self.range.number)
    }

    /// The command that runs another in the namespace of `host`.
    pub fn enter(&self, host: usize) -> Vec<String> {
        let path = format!("--net=/run/netns/{}", self.name(host));
        vec!["nsenter".to_owned(), path, "--".to_owned()]
    }

    /// Removes them all.
    ///
    /// # Errors
    /// With what `ip` says; the others are removed all the same.
    pub async fn remove(&self) -> Result<()> {
        remove(self.range.number).await
    }

    fn name(&self, host: usize) -> String {
        format!("{}host-{}", names(self.range.number), host + 1)
    }

    /// The bridge's end of a cable.
    fn plug(&self, host: usize) -> String {
        format!("{}h{}", self.bridge(), host + 1)
    }
}

/// What an installation's bridge has for an alias.
pub(super) fn owner(data: &Data) -> String {
    format!("{PREFIX} {}", data.folder().display())
}

/// Makes the bridge of a free range. Whoever makes it has the range: the kernel lets no two devices have a name.
async fn claim() -> Result<Range> {
    for range in range::free().await? {
        match ip::run(&["link", "add", &bridge(range.number), "type", "bridge"]).await {
            Ok(_) => return Ok(range),
            Err(error) if format!("{error:#}").contains("File exists") => {}
            Err(error) => return Err(error),
        }
    }
    bail!("this machine has routes to every private range of addresses")
}

/// Removes everything that has the number.
pub(super) async fn remove(number: u16) -> Result<()> {
    let mut outcome = Ok(());
    for name in namespaces(&names(number)).await? {
        // Its end of the cable goes with it, and so does the other.
        outcome = outcome.and(ip::run(&["netns", "delete", &name]).await.map(drop));
    }
    outcome.and(
        ip::run(&["link", "delete", &bridge(number)])
            .await
            .map(drop),
    )
}

fn bridge(number: u16) -> String {
    format!("{PREFIX}{number}")
}

fn names(number: u16) -> String {
    format!("{PREFIX}-{number}-")
}

async fn namespaces(prefix: &str) -> Result<Vec<String>> {
    // Each on a line, with a number behind it when it has one.
    let all = ip::run(&["netns", "list"]).await?;
    let names = all
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    Ok(names
        .filter(|name| name.starts_with(prefix))
        .map(str::to_owned)
        .collect())
}
