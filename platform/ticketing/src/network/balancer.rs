//! One public address in front of the ingresses of all hosts: an ingress of our own whose route leads to several equals, and
//! somebody who looks which of them are there.
//!
//! Whether a host is there is asked often, since it costs a connection; whether all of it works is asked seldom, since that costs
//! a question to every part. A host that comes back is asked nothing by the public until all of it works.
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use provider_ingress::{Ingress, Settings};
use provider_kit::Health;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::servers::wasmcloud::host_name;

const LOOK_EVERY: Duration = Duration::from_millis(250);
const CONNECTED_WITHIN: Duration = Duration::from_millis(500);
const ASK_EVERY: Duration = Duration::from_secs(3);
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// One failure may be an accident.
const FAILURES: u32 = 2;
const DRAIN: Duration = Duration::from_secs(5);
const LOOK_AT_REST_EVERY: Duration = Duration::from_millis(20);

/// The balancer; it serves until it is stopped.
pub struct Balancer {
    door: Arc<Door>,
    watching: JoinSet<()>,
}

/// The public address.
struct Door {
    ingress: Ingress,
    /// All but the routes.
    configuration: HashMap<String, String>,
    hosts: Mutex<Vec<Host>>,
}

struct Host {
    address: SocketAddr,
    /// Whether it answers, as far as is known.
    works: bool,
    /// Whether it is being restarted, and must not be asked.
    held: bool,
}

impl Balancer {
    /// Serves `public` from the ingresses at `hosts`.
    ///
    /// # Errors
    /// When the addresses make no configuration.
    pub fn start(public: &str, hosts: Vec<SocketAddr>) -> Result<Self> {
        let configuration = HashMap::from([
            ("address".to_owned(), public.to_owned()),
            // The shop knows a write again by its key, on whichever host it is asked again.
            ("idempotent_writes".to_owned(), "true".to_owned()),
            // The ingresses keep what may be kept: twice would be twice as stale.
            ("cache_max_bytes".to_owned(), "0".to_owned()),
            ("drain_timeout_ms".to_owned(), DRAIN.as_millis().to_string()),
        ]);
        let all: Vec<Host> = hosts
            .iter()
            .map(|address| Host {
                address: *address,
                works: false,
                held: false,
            })
            .collect();
        let ingress = Ingress::start(settings(&configuration, &all)?, Health::default());
        let door = Arc::new(Door {
            ingress,
            configuration,
            hosts: Mutex::new(all),
        });
        let client = reqwest::Client::builder()
            .timeout(ANSWERED_WITHIN)
            .no_proxy()
            .build()
            .context("cannot make an HTTP client")?;
        let mut watching = JoinSet::new();
        for (host, address) in hosts.into_iter().enumerate() {
            watching.spawn(watch(Arc::clone(&door), client.clone(), host, address));
        }
        Ok(Self { door, watching })
    }

    /// Sends nobody to a host any more, and returns when the requests that it has are answered.
    ///
    /// # Errors
    /// When it is the only one, or the requests are not answered within `limit`. Then it is asked again.
    pub async fn hold(&self, host: usize, limit: Duration) -> Result<()> {
        if !self.door.others_work(host) {
            bail!("no other host works");
        }
        self.door.change(host, |host| host.held = true);
        let deadline = Instant::now() + limit;
        let address = self.door.address(host);
        while self.door.ingress.in_flight(&address) > 0 {
            if Instant::now() > deadline {
                self.door.change(host, |host| host.held = false);
                bail!("its requests are not answered after {} s", limit.as_secs());
            }
            sleep(LOOK_AT_REST_EVERY).await;
        }
        Ok(())
    }

    /// Sends people to a host again, once it is seen to work.
    pub fn release(&self, host: usize) {
        self.door.change(host, |host| {
            host.works = false;
            host.held = false;
        });
    }

    /// Whether people are sent to a host.
    pub fn sends_to(&self, host: usize) -> bool {
        let hosts = self.door.hosts();
        hosts.get(host).is_some_and(|host| host.works && !host.held)
    }

    /// Accepts nobody any more, and lets the requests in flight finish.
    pub async fn stop(mut self) {
        self.watching.shutdown().await;
        if let Some(door) = Arc::into_inner(self.door) {
            door.ingress.stop().await;
        }
    }
}

impl Door {
    fn hosts(&self) -> MutexGuard<'_, Vec<Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn address(&self, host: usize) -> String {
        let hosts = self.hosts();
        hosts
            .get(host)
            .map(|host| host.address.to_string())
            .unwrap_or_default()
    }

    fn holds(&self, host: usize) -> bool {
        self.hosts().get(host).is_some_and(|host| host.held)
    }

    fn others_work(&self, host: usize) -> bool {
        let hosts = self.hosts();
        let mut all = hosts.iter().enumerate();
        all.any(|(number, other)| number != host && other.works && !other.held)
    }

    fn change(&self, host: usize, change: impl FnOnce(&mut Host)) {
        let mut hosts = self.hosts();
        if let Some(host) = hosts.get_mut(host) {
            change(host);
        }
        match settings(&self.configuration, &hosts) {
            Ok(settings) => self.ingress.reconfigure(settings),
            Err(error) => eprintln!("the balancer goes on as before: {error:#}"),
        }
    }
}

/// Routes to those that work; when none does, to all that are not held, one of which may know why.
fn settings(configuration: &HashMap<String, String>, hosts: &[Host]) -> Result<Settings> {
    let those = |which: fn(&Host) -> bool| -> Vec<String> {
        let chosen = hosts.iter().filter(|host| which(host));
        chosen.map(|host| host.address.to_string()).collect()
    };
    let chosen = [
        those(|host| host.works && !host.held),
        those(|host| !host.held),
        those(|_| true),
    ]
    .into_iter()
    .find(|hosts| !hosts.is_empty())
    .context("no hosts")?;
    let mut configuration = configuration.clone();
    configuration.insert("routes".to_owned(), format!("/={}", chosen.join("|")));
    Settings::from_config(&configuration).context("the balancer's configuration")
}

/// Looks after one host for ever.
async fn watch(door: Arc<Door>, client: reqwest::Client, host: usize, address: SocketAddr) {
    let name = host_name(host);
    let mut works = false;
    let mut failures = 0;
    let mut asked: Option<Instant> = None;
    loop {
        // One that restarts is another one afterwards.
        if door.holds(host) {
            (works, failures, asked) = (false, 0, None);
            sleep(LOOK_EVERY).await;
            continue;
        }
        let due = asked.is_none_or(|asked| asked.elapsed() >= ASK_EVERY);
        let outcome = if works && !due {
            connects(address).await
        } else {
            asked = Some(Instant::now());
            is_well(&client, address).await
        };
        match outcome {
            Ok(()) => {
                failures = 0;
                if !works {
                    works = true;
                    eprintln!("{name} works");
                    door.change(host, |host| host.works = true);
                }
            }
            Err(reason) => {
                failures += 1;
                // What fails is looked at again at once.
                asked = None;
                if works && failures >= FAILURES {
                    works = false;
                    eprintln!("{name} does not work, others answer in its place: {reason:#}");
                    door.change(host, |host| host.works = false);
                }
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn connects(address: SocketAddr) -> Result<()> {
    let connected = timeout(CONNECTED_WITHIN, TcpStream::connect(address)).await;
    connected
        .context("it does not accept connections")?
        .map(drop)
        .context("it does not accept connections")
}

async fn is_well(client: &reqwest::Client, address: SocketAddr) -> Result<()> {
    let asked = client.get(format!("http://{address}/healthz")).send().await;
    let answer = asked.context("it does not answer")?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    bail!(
        "{status} {}",
        answer.text().await.unwrap_or_default().trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(last: u8, works: bool, held: bool) -> Host {
        Host {
            address: SocketAddr::from(([10, 213, 0, last], 80)),
            works,
            held,
        }
    }

    fn routes(hosts: &[Host]) -> String {
        let settings = settings(&HashMap::new(), hosts).expect("hosts");
        let route = settings.routes.find("/").expect("one route");
        route.destination()
    }

    #[test]
    fn only_those_that_work_and_are_not_held_are_asked() {
        let hosts = [
            host(2, true, false),
            host(3, false, false),
            host(4, true, true),
            host(5, true, false),
        ];
        assert_eq!(routes(&hosts), "10.213.0.2:80 | 10.213.0.5:80");
    }

    #[test]
    fn when_none_works_all_but_those_held_are_tried() {
        let hosts = [host(2, false, false), host(3, false, true)];
        assert_eq!(routes(&hosts), "10.213.0.2:80");
        assert_eq!(routes(&[host(2, true, true)]), "10.213.0.2:80");
    }
}
