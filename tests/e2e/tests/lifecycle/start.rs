//! Starting with values that are missing or malformed: one line that says which and why.
use std::process::Stdio;
use std::time::Duration;

use e2e::{repository, tool};
use tokio::process::Command;
use tokio::time::timeout;

use crate::World;

e2e::trials!(a_malformed_value_stops_the_start_with_one_line_that_names_it);

const AT_ONCE: Duration = Duration::from_secs(20);

async fn a_malformed_value_stops_the_start_with_one_line_that_names_it(_world: World) {
    for (name, value) in [
        ("ORDER_EXPIRATION_SECONDS", "soon"),
        ("ORDER_EXPIRATION_SECONDS", "0"),
        ("ORDER_EXPIRATION_SECONDS", "-5"),
        ("STRIPE_API_BASE", "not a url"),
        ("CURRENCY", "dollars"),
        ("DATABASE_URL", "mysql://localhost"),
        ("NATS_URL", "://"),
        ("PORT", "eighty"),
        ("PORT", "70000"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut up = Command::new(tool());
        up.arg("up")
            .arg("--data-dir")
            .arg(folder.path())
            .current_dir(repository());
        if name != "PORT" {
            up.args(["--port", "0"]);
        }
        let output = up
            .env(name, value)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = timeout(AT_ONCE, output).await;
        let output = output.unwrap_or_else(|_| panic!("{name}={value} does not stop the start"));
        let output = output.expect("the tool starts");
        assert!(!output.status.success(), "{name}={value} is accepted");
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        assert_eq!(said.lines().count(), 1, "{name}={value}: {said}");
        assert!(said.contains(name), "{name}={value}: {said}");
    }
}
