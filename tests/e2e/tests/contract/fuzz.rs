//! A short run of schemathesis against the OpenAPI document: what nobody thought of.
use std::process::Stdio;

use e2e::{Person, Python, Shop, claims, repository, unix_now};
use serde_json::json;
use tokio::process::Command;

crate::trials!(fuzzing_every_operation_finds_no_server_error);

const VERSION: &str = "4.32.5";
/// Cases for each operation, when it is to be short.
const EXAMPLES: &str = "40";
/// And in each of the rounds that fill the minutes of a long run.
const EXAMPLES_A_ROUND: &str = "1000";
/// Longer than any run.
const LASTING_SECONDS: u64 = 24 * 60 * 60;
/// What must hold for every answer to every input.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

async fn fuzzing_every_operation_finds_no_server_error(shop: Shop) {
    let schemathesis = match Python::with("schemathesis", VERSION).await {
        Ok(python) => python.program("schemathesis"),
        Err(error) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED fuzzing, which CI would not: {error:#}");
            return;
        }
        Err(error) => panic!("{error:#}"),
    };
    let ada = shop.person().await;
    let cookie = format!("Cookie: session={}", lasting_session(&shop, &ada));
    let mut fuzzing = Command::new(schemathesis);
    fuzzing.arg("run");
    match std::env::var("TICKETING_FUZZ_MINUTES") {
        // A long run shows where it is.
        Ok(minutes) => {
            let minutes: u64 = minutes.parse().expect("TICKETING_FUZZ_MINUTES is a number");
            fuzzing
                .args(["--max-time", &(minutes * 60).to_string()])
                .args(["--max-examples", EXAMPLES_A_ROUND])
                .stdout(Stdio::inherit())
        }
        Err(_) => fuzzing
            .args(["--max-examples", EXAMPLES])
            .stdout(Stdio::piped()),
    };
    let document = repository().join("components/client/openapi.json");
    let folder = tempfile::tempdir().expect("a folder for its notes");
    let output = fuzzing
        .args([
            "--url",
            shop.origin(),
            "--checks",
            CHECKS,
            // An answer can be lost on the way; the ingress asks a write again after ten seconds.
            "--request-timeout",
            "30",
        ])
        .args([
            "--mode",
            "all",
            "--seed",
            "1",
            "--no-color",
            "--header",
            &cookie,
        ])
        .arg(&document)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("schemathesis starts")
        .wait_with_output()
        .await
        .expect("schemathesis ends");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // Whatever it wrote, the shop still works for everybody. The first seller's own session may have ended.
    let bob = shop.person().await;
    let ticket = bob.sells("After the storm", 1.0).await;
    shop.events().event("ticket:created", &ticket["id"]).await;
}

/// A session of theirs that outlasts a long run. One of auth's ends after a quarter of an hour, and all that comes then
/// would only be turned away.
fn lasting_session(shop: &Shop, person: &Person) -> String {
    let mut claims = claims(person.jar().value("session").expect("a session"));
    claims["exp"] = json!(unix_now() + LASTING_SECONDS);
    shop.keys().sign(&claims)
}
