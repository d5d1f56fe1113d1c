//! A double in this process, a caller of its API, and a receiver of its webhooks.
//! Everything goes over real HTTP on loopback.

mod caller;
mod receiver;

pub use caller::{Answer, Caller, paying};
pub use receiver::Receiver;

use std::future::Future;
use std::time::Duration;
use stripe_double::{Config, Double, Retry};

pub const SECRET_KEY: &str = "sk_test_double";
pub const WEBHOOK_SECRET: &str = "whsec_double";

/// The longest a test waits for anything.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// A double with nothing set up.
pub async fn double() -> (Double, Caller) {
    start(Config::default()).await
}

/// A double that tells `receiver` of its events, and repeats itself quickly.
pub async fn double_telling(receiver: &Receiver) -> (Double, Caller) {
    start(telling(receiver)).await
}

pub fn telling(receiver: &Receiver) -> Config {
    Config {
        webhook_urls: vec![receiver.url()],
        webhook_retry: Retry {
            first: Duration::from_millis(10),
            max: Duration::from_millis(40),
        },
        ..Config::default()
    }
}

pub async fn start(config: Config) -> (Double, Caller) {
    let double = Double::start(config).await.expect("a double starts");
    let caller = Caller::new(&double.url());
    (double, caller)
}

/// Waits until `condition` gives something.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    condition: impl Fn() -> F,
) -> T {
    let found = async {
        loop {
            if let Some(found) = condition().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, found)
        .await
        .unwrap_or_else(|_| panic!("in time: {what}"))
}
