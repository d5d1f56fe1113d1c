//! Which addresses the hosts get: a private range that nothing on this machine has to do with.
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use anyhow::Result;
use serde::Deserialize;

use super::ip;

/// Where the ranges are, 256 of them each: parts of the private networks (RFC 1918) that few others use.
const PARTS: [[u8; 2]; 3] = [[10, 213], [172, 29], [192, 168]];

/// 254 addresses, known by a number that is also in the names of its devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub number: u16,
    network: [u8; 3],
}

impl Range {
    /// The machine's own address.
    pub fn gateway(self) -> Ipv4Addr {
        self.at(1)
    }

    /// The address of a host, of which there are at most 253.
    pub fn host(self, host: usize) -> Ipv4Addr {
        self.at(u8::try_from(host + 2).unwrap_or(u8::MAX))
    }

    fn at(self, last: u8) -> Ipv4Addr {
        let [a, b, c] = self.network;
        Ipv4Addr::new(a, b, c, last)
    }

    fn span(self) -> RangeInclusive<u32> {
        u32::from(self.at(0))..=u32::from(self.at(u8::MAX))
    }
}

/// The ranges that overlap with no address and no route of this machine, the likeliest first.
///
/// # Errors
/// When the routes cannot be asked for.
pub async fn free() -> Result<Vec<Range>> {
    #[derive(Deserialize)]
    struct Route {
        dst: String,
    }
    // The table `local` holds the machine's own addresses.
    let routes: Vec<Route> = ip::ask(&["-4", "route", "show", "table", "all"]).await?;
    let taken: Vec<_> = routes.iter().filter_map(|route| span(&route.dst)).collect();
    Ok(without(&taken))
}

fn without(taken: &[RangeInclusive<u32>]) -> Vec<Range> {
    let all = PARTS
        .into_iter()
        .flat_map(|[a, b]| (0..=u8::MAX).map(move |c| [a, b, c]));
    (0..)
        .zip(all)
        .map(|(number, network)| Range { number, network })
        .filter(|range| {
            let own = range.span();
            let overlaps = |taken: &RangeInclusive<u32>| {
                taken.start() <= own.end() && own.start() <= taken.end()
            };
            !taken.iter().any(overlaps)
        })
        .collect()
}

/// The addresses of a route's destination; none for the default route, which is for all others.
fn span(destination: &str) -> Option<RangeInclusive<u32>> {
    let (address, length) = destination.split_once('/').unwrap_or((destination, "32"));
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let length: u32 = length
        .parse()
        .ok()
        .filter(|length| (1..=32).contains(length))?;
    let hosts = u32::MAX.checked_shr(length).unwrap_or(0);
    Some(address & !hosts..=address | hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(routes: &[&str]) -> String {
        let taken: Vec<_> = routes.iter().filter_map(|route| span(route)).collect();
        without(&taken)[0].gateway().to_string()
    }

    #[test]
    fn a_range_that_the_machine_has_is_not_taken() {
        assert_eq!(first(&["default", "127.0.0.1"]), "10.213.0.1");
        assert_eq!(first(&["10.213.0.0/24"]), "10.213.1.1");
        assert_eq!(first(&["10.213.0.77"]), "10.213.1.1");
        assert_eq!(first(&["10.213.0.0/23", "10.213.2.255/32"]), "10.213.3.1");
        assert_eq!(first(&["10.0.0.0/8"]), "172.29.0.1");
        assert_eq!(first(&["10.0.0.0/8", "172.16.0.0/12"]), "192.168.0.1");
    }

    #[test]
    fn when_everything_is_taken_there_is_none() {
        let taken = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
        let taken: Vec<_> = taken.iter().filter_map(|route| span(route)).collect();
        assert!(without(&taken).is_empty());
    }

    #[test]
    fn every_host_has_an_address_of_its_own() {
        let range = without(&[])[300];
        assert_eq!(range.number, 300);
        assert_eq!(range.gateway().to_string(), "172.29.44.1");
        assert_eq!(range.host(0).to_string(), "172.29.44.2");
        assert_eq!(range.host(15).to_string(), "172.29.44.17");
    }
}
