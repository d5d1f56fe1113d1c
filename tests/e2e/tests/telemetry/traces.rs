//! One purchase, one trace: from the browser to Stripe and to everybody who hears of it.
use std::collections::BTreeSet;
use std::fmt;

use e2e::{Collector, Span, eventually};
use serde_json::Value;

use crate::World;
use crate::purchase::{BROWSER, Purchase};

e2e::trials!(
    a_purchase_is_one_unbroken_trace,
    the_call_to_stripe_belongs_to_the_trace,
    a_request_without_a_trace_begins_one_that_has_no_missing_parent,
);

/// Who hears of what, by their consumers.
const DELIVERIES: [(&str, &str); 6] = [
    ("ticketing.order.created", "tickets"),
    ("ticketing.order.created", "payments"),
    ("ticketing.order.created", "expiration"),
    ("ticketing.payment.created", "orders"),
    ("ticketing.order.completed", "tickets"),
    ("ticketing.order.completed", "expiration"),
];

/// What an unbroken trace of a purchase lacks, as it is now.
struct Lacking<'a> {
    collector: &'a Collector,
    trace: &'a str,
}

impl Lacking<'_> {
    fn all(&self) -> Vec<String> {
        let spans = self.collector.trace(self.trace);
        let mut lacking = Vec::new();
        let mut expect = |what: String, there: &dyn Fn(&Span) -> bool| {
            if !spans.iter().any(there) {
                lacking.push(what);
            }
        };
        for path in ["/api/orders", "/api/payments"] {
            let name = format!("POST {path}");
            expect(name.clone(), &|span: &Span| {
                span.service == "ingress" && span.name == name && span.parent == BROWSER
            });
        }
        for database in ["orders", "payments", "tickets", "expiration"] {
            let name = format!("query ticketing_{database}");
            expect(name.clone(), &|span: &Span| {
                span.service == "sqldb-postgres" && span.name == name
            });
        }
        for kind in ["order:created", "payment:created", "order:completed"] {
            let name = format!("publish {kind}");
            expect(name.clone(), &|span: &Span| {
                span.service == "outbox-relay" && span.name == name
            });
        }
        for (subject, consumer) in DELIVERIES {
            let name = format!("process {subject}");
            expect(format!("{name} by {consumer}"), &|span: &Span| {
                span.service == "messaging-jetstream"
                    && span.name == name
                    && span.attribute("messaging.consumer.group.name") == consumer
            });
        }
        lacking.extend(orphans(&spans).map(|span| format!("the parent of {span:?}")));
        lacking
    }
}

impl fmt::Display for Lacking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spans = self.collector.trace(self.trace);
        write!(f, "{:#?} of the trace {spans:#?}", self.all())
    }
}

/// Spans whose parent nobody knows.
fn orphans(spans: &[Span]) -> impl Iterator<Item = &Span> {
    let mut known: BTreeSet<&str> = spans.iter().map(|span| span.id.as_str()).collect();
    known.insert(BROWSER);
    let mut orphans = spans.iter().collect::<Vec<_>>();
    orphans.retain(|span| !known.contains(span.parent.as_str()));
    orphans.into_iter()
}

async fn a_purchase_is_one_unbroken_trace(world: World) {
    let (shop, collector) = world.shop().await;
    let purchase = Purchase::of(&shop).await;
    let lacking = Lacking {
        collector: &collector,
        trace: &purchase.trace,
    };
    eventually(&lacking, async || lacking.all().is_empty().then_some(())).await;

    // What is published and heard is of this purchase, and each is behind what caused it.
    let spans = collector.trace(&purchase.trace);
    let span = |id: &str| spans.iter().find(|span| span.id == id);
    let created = shop.events().event("order:created", &purchase.order["id"]);
    let created = created.await;
    let publication = spans
        .iter()
        .find(|span| created["id"] == span.attribute("messaging.message.id"))
        .unwrap_or_else(|| panic!("no publication of {created} in {spans:#?}"));
    let (trace, id) = place(&created["traceparent"]);
    assert_eq!((trace, id), (&*purchase.trace, &*publication.id));
    let attempt = span(&publication.parent).expect("no orphans");
    assert_eq!(attempt.service, "ingress", "{attempt:?}");
    let request = span(&attempt.parent).expect("no orphans");
    assert_eq!(request.name, "POST /api/orders");
    for (subject, consumer) in DELIVERIES {
        let mut all = spans.iter();
        let delivery = all.find(|span| {
            span.name == format!("process {subject}")
                && span.attribute("messaging.consumer.group.name") == consumer
        });
        let delivery = delivery.expect("none is lacking");
        let publication = span(&delivery.parent).expect("no orphans");
        assert_eq!(publication.service, "outbox-relay", "{delivery:?}");
    }
}

async fn the_call_to_stripe_belongs_to_the_trace(world: World) {
    let (shop, collector) = world.shop().await;
    let purchase = Purchase::of(&shop).await;
    let requests = shop.double().requests().await;
    let of_purchase: Vec<&Value> = requests
        .iter()
        .filter(|request| place(&request["traceparent"]).0 == purchase.trace)
        .collect();
    let charge = of_purchase
        .iter()
        .find(|request| request["method"] == "POST")
        .unwrap_or_else(|| panic!("no call to Stripe in the trace: {requests:#?}"));
    let (_, parent) = place(&charge["traceparent"]);
    let caller = eventually(format!("the span {parent}"), async || {
        let spans = collector.trace(&purchase.trace);
        spans.into_iter().find(|span| span.id == parent)
    })
    .await;
    assert_eq!(caller.service, "ingress", "{caller:?}");
}

async fn a_request_without_a_trace_begins_one_that_has_no_missing_parent(world: World) {
    let (shop, collector) = world.shop().await;
    let seller = shop.person().await;
    let ticket = seller.sells("Untraced", 3.0).await;
    let event = shop.events().event("ticket:created", &ticket["id"]).await;
    let (trace, _) = place(&event["traceparent"]);
    let spans = eventually("the whole of the trace", async || {
        let spans = collector.trace(trace);
        let heard = spans.iter().any(|span| {
            span.name == "process ticketing.ticket.created" && span.service == "messaging-jetstream"
        });
        let first = spans.iter().any(|span| span.parent.is_empty());
        let known = orphans(&spans).all(|span| span.parent.is_empty());
        (heard && first && known).then_some(spans)
    })
    .await;
    let first = spans.iter().filter(|span| span.parent.is_empty());
    let names: Vec<&str> = first.map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["POST /api/tickets"]);
}

/// Trace and span that a `traceparent` names; empty when it is none.
fn place(traceparent: &Value) -> (&str, &str) {
    let mut parts = traceparent.as_str().unwrap_or_default().split('-').skip(1);
    let mut next = || parts.next().unwrap_or_default();
    (next(), next())
}
