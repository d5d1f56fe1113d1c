//! Logs: lines of JSON, with traces and without people.
use std::fs;
use std::path::PathBuf;

use e2e::eventually;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::World;
use crate::purchase::{BROWSER, Purchase};

e2e::trials!(
    a_refused_event_is_in_the_log_with_its_trace,
    nobody_is_named_in_what_is_logged_and_exported,
);

/// The log of the lattice's host, which its providers write to as well.
async fn host_log(world: &World) -> Vec<String> {
    let data: PathBuf = world.with(async |told| told.lattice.data()).await;
    let log = fs::read_to_string(data.join("logs/host-1.log")).expect("a log");
    // What is behind the last end of a line is being written.
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(str::to_owned).collect()
}

async fn a_refused_event_is_in_the_log_with_its_trace(world: World) {
    let (shop, _) = world.shop().await;
    let (id, trace) = (
        Uuid::new_v4().to_string(),
        Uuid::new_v4().simple().to_string(),
    );
    let event = json!({
        "specversion": "1.0", "id": id, "source": "/ticketing/orders", "type": "order:created", "subject": id,
        "time": "2026-01-01T00:00:00Z", "datacontenttype": "application/json",
        "traceparent": format!("00-{trace}-{BROWSER}-01"), "data": {},
    });
    let events = shop.events();
    events
        .inject("ticketing.order.created", &event.to_string())
        .await;
    let line = eventually(
        format!("a line about a refusal in the trace {trace}"),
        async || {
            let log = host_log(&world).await;
            let lines = log.iter().filter(|line| line.contains(&trace));
            let mut lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
            lines.find(|line| line["fields"]["message"] == "the handler refused an event")
        },
    )
    .await;
    assert_eq!(line["span"]["trace_id"], *trace, "{line}");
    assert_eq!(line["level"], "WARN", "{line}");
}

async fn nobody_is_named_in_what_is_logged_and_exported(world: World) {
    let (shop, collector) = world.shop().await;
    let purchase = Purchase::of(&shop).await;
    // A wrong password, too, is no reason to say whose.
    let visitor = shop.visitor();
    let wrong = json!({ "email": purchase.buyer.email, "password": "not the right one" });
    visitor.post("/api/users/signin", &wrong).await.is(400);
    eventually("the trace and some logs to be exported", async || {
        let spans = collector.trace(&purchase.trace);
        let completed = spans
            .iter()
            .any(|span| span.name == "publish order:completed");
        (completed && !collector.logs().is_empty()).then_some(())
    })
    .await;

    let said = host_log(&world).await.into_iter().chain(collector.logs());
    let spans = collector.trace(&purchase.trace);
    let said = said.chain(spans.iter().map(|span| format!("{span:?}")));
    let (whole, user) = purchase
        .buyer
        .email
        .split_once('@')
        .map_or(("", ""), |(user, _)| (purchase.buyer.email.as_str(), user));
    for line in said {
        for person in [whole, user, "correct horse", "not the right one"] {
            assert!(!line.contains(person), "{person} is named in {line}");
        }
    }
    for line in host_log(&world).await {
        let parsed: Result<Value, _> = serde_json::from_str(&line);
        assert!(parsed.is_ok_and(|line| line.is_object()), "no JSON: {line}");
    }
}
