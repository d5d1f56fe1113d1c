//! What Stripe tells of its own accord: in any order, late, twice, and before our own row exists.

mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use payments_rules::{Signed, WebhookError};
use serde_json::{Value, json};
use support::{Shop, cancelled, created};
use uuid::Uuid;

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn deliver(shop: &Shop, id: &str, kind: &str, object: &Value) {
    let body = json!({ "id": id, "type": kind, "data": { "object": object } }).to_string();
    payments_rules::receive(
        &shop.database,
        Signed {
            body: body.as_bytes(),
            at: now(),
        },
    )
    .unwrap();
}

fn handled(shop: &Shop, id: &str) -> bool {
    shop.text(&format!(
        "select (handled_at is not null)::text from webhook_events where id = '{id}'"
    )) == "true"
}

fn intent(id: &str, payment: Uuid, order: Uuid) -> Value {
    json!({ "id": id, "amount": 1250, "currency": "usd", "metadata": { "payment_id": payment, "order_id": order } })
}

#[test]
fn an_old_signature_is_refused_by_the_databases_clock_and_nothing_is_recorded() {
    let shop = Shop::open();
    let body = br#"{"id":"evt_1","type":"customer.created"}"#;
    for at in [now() - 302, 0] {
        let refused = payments_rules::receive(&shop.database, Signed { body, at });
        assert!(matches!(refused, Err(WebhookError::Stale)), "{at}");
    }
    assert_eq!(shop.text("select count(*)::text from webhook_events"), "0");
    payments_rules::receive(
        &shop.database,
        Signed {
            body,
            at: now() - 290,
        },
    )
    .unwrap();
    assert!(
        handled(&shop, "evt_1"),
        "a type that means nothing here is done with"
    );
}

#[test]
fn a_signed_body_that_cannot_be_stored_is_malformed() {
    let shop = Shop::open();
    for body in [
        "",
        "null",
        "{}",
        r#"{"id":7,"type":"x"}"#,
        r#"{"id":"evt_\u0000","type":"x"}"#,
        r#"{"id":"evt_1","type":"x","data":{"object":"\u0000"}}"#,
    ] {
        let refused = payments_rules::receive(
            &shop.database,
            Signed {
                body: body.as_bytes(),
                at: now(),
            },
        );
        assert!(
            matches!(refused, Err(WebhookError::Malformed)),
            "{body}: {refused:?}"
        );
    }
}

#[test]
fn a_success_that_arrives_again_changes_nothing() {
    let shop = Shop::open();
    let order = shop.order();
    let payment = shop.pay(order, "pm_card_visa");
    for id in ["evt_1", "evt_1", "evt_2"] {
        deliver(
            &shop,
            id,
            "payment_intent.succeeded",
            &intent("pi_1", payment.id, order),
        );
    }
    assert_eq!(shop.told("payment:created", order), 1);
    assert_eq!(shop.text("select count(*)::text from webhook_events"), "2");
}

#[test]
fn a_success_pays_the_order_that_nobody_waits_for() {
    let shop = Shop::open();
    let order = shop.order();
    let payment = shop.pay(order, "pm_card_authenticationRequired");
    deliver(
        &shop,
        "evt_1",
        "payment_intent.succeeded",
        &intent("pi_1", payment.id, order),
    );
    assert_eq!(
        (
            shop.status(order).as_str(),
            shop.told("payment:created", order)
        ),
        ("succeeded", 1)
    );
}

#[test]
fn a_success_before_our_own_row_waits_for_the_order_and_is_then_recorded() {
    let shop = Shop::open();
    let (payment, order) = (Uuid::new_v4(), Uuid::new_v4());
    deliver(
        &shop,
        "evt_1",
        "payment_intent.succeeded",
        &intent("pi_9", payment, order),
    );
    assert!(!handled(&shop, "evt_1"));
    shop.tell(&created(order, 0));
    shop.let_time_pass();
    shop.reconcile();
    assert!(handled(&shop, "evt_1"));
    assert_eq!(shop.status(order), "succeeded");
    assert_eq!(
        shop.text("select id::text from payments"),
        payment.to_string()
    );
    assert_eq!(shop.told("payment:created", order), 1);
}

#[test]
fn another_applications_events_are_done_with() {
    let shop = Shop::open();
    deliver(
        &shop,
        "evt_1",
        "payment_intent.succeeded",
        &json!({ "id": "pi_x", "amount": 5, "currency": "usd" }),
    );
    deliver(
        &shop,
        "evt_2",
        "charge.refunded",
        &json!({ "payment_intent": "pi_x", "amount_refunded": 5, "refunded": true }),
    );
    assert!(handled(&shop, "evt_1") && handled(&shop, "evt_2"));
}

#[test]
fn an_event_that_nothing_can_be_made_of_is_given_up_after_three_days() {
    let shop = Shop::open();
    deliver(
        &shop,
        "evt_1",
        "payment_intent.succeeded",
        &intent("pi_9", Uuid::new_v4(), Uuid::new_v4()),
    );
    shop.run("update webhook_events set received_at = now() - interval '4 days'");
    shop.let_time_pass();
    shop.reconcile();
    assert!(handled(&shop, "evt_1"));
}

#[test]
fn a_failed_authentication_is_looked_at_and_a_late_one_harms_nothing() {
    let shop = Shop::open();
    let order = shop.order();
    let payment = shop.pay(order, "pm_card_authenticationRequired");
    let failed = intent("pi_1", payment.id, order);
    // Late: the card's holder is still at it.
    deliver(&shop, "evt_1", "payment_intent.payment_failed", &failed);
    shop.reconcile();
    assert_eq!(shop.status(order), "requires_action");
    shop.stripe.authenticate("pi_1", false);
    deliver(&shop, "evt_2", "payment_intent.payment_failed", &failed);
    shop.reconcile();
    assert_eq!(shop.status(order), "declined");
}

#[test]
fn a_cancellation_counts_for_its_own_intent_alone() {
    let shop = Shop::open();
    let order = shop.order();
    let payment = shop.pay(order, "tok_chargeDeclined");
    deliver(
        &shop,
        "evt_1",
        "payment_intent.canceled",
        &intent("pi_other", payment.id, order),
    );
    assert_eq!(shop.status(order), "declined");
    deliver(
        &shop,
        "evt_2",
        "payment_intent.canceled",
        &intent("pi_1", payment.id, order),
    );
    assert_eq!(shop.status(order), "canceled");
    assert!(handled(&shop, "evt_1") && handled(&shop, "evt_2"));
}

#[test]
fn a_refund_from_the_dashboard_is_reflected_in_part_and_in_full() {
    let shop = Shop::open();
    let order = shop.order();
    shop.pay(order, "pm_card_visa");
    deliver(
        &shop,
        "evt_1",
        "charge.refunded",
        &json!({ "payment_intent": "pi_1", "amount_refunded": 250, "refunded": false }),
    );
    assert_eq!(
        shop.text("select status || amount_refunded from payments"),
        "succeeded250"
    );
    for id in ["evt_2", "evt_3"] {
        deliver(
            &shop,
            id,
            "charge.refunded",
            &json!({ "payment_intent": "pi_1", "amount_refunded": 1250, "refunded": true }),
        );
    }
    // The one in part, late: what was given back does not become less.
    deliver(
        &shop,
        "evt_4",
        "charge.refunded",
        &json!({ "payment_intent": "pi_1", "amount_refunded": 250, "refunded": false }),
    );
    assert_eq!(
        shop.text("select status || amount_refunded from payments"),
        "refunded1250"
    );
    assert_eq!(shop.told("payment:refunded", order), 1);
    let reason = shop.text("select data ->> 'reason' from outbox where type = 'payment:refunded'");
    assert_eq!(reason, "refunded_at_stripe");
}

#[test]
fn the_webhook_of_our_own_refund_does_not_tell_of_it_twice() {
    let shop = Shop::open();
    let order = shop.order();
    shop.pay(order, "pm_card_visa");
    shop.tell(&cancelled(order, 1));
    shop.tell(&cancelled(order, 2));
    deliver(
        &shop,
        "evt_1",
        "charge.refunded",
        &json!({ "payment_intent": "pi_1", "amount_refunded": 1250, "refunded": true }),
    );
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(
        (
            shop.status(order).as_str(),
            shop.told("payment:refunded", order)
        ),
        ("refunded", 1)
    );
    let reason = shop.text("select data ->> 'reason' from outbox where type = 'payment:refunded'");
    assert_eq!(reason, "order_cancelled");
}

#[test]
fn a_dispute_is_kept_for_people_to_decide() {
    let shop = Shop::open();
    let order = shop.order();
    shop.pay(order, "pm_card_visa");
    deliver(
        &shop,
        "evt_1",
        "charge.dispute.created",
        &json!({ "payment_intent": "pi_1", "reason": "fraudulent" }),
    );
    assert_eq!(
        shop.text("select status || dispute_reason from payments"),
        "succeededfraudulent"
    );
}

#[test]
fn an_event_that_cannot_be_reflected_is_recorded_and_tried_again() {
    let shop = Shop::open();
    let order = shop.order();
    shop.pay(order, "pm_card_visa");
    shop.run("alter function reflect_dispute rename to not_now");
    let dispute = json!({ "payment_intent": "pi_1", "reason": "fraudulent" });
    deliver(&shop, "evt_1", "charge.dispute.created", &dispute);
    assert!(!handled(&shop, "evt_1"));
    shop.run("alter function not_now rename to reflect_dispute");
    shop.run("update webhook_events set next_try_at = now()");
    payments_rules::retry(&shop.database).unwrap();
    assert!(handled(&shop, "evt_1"));
    assert_eq!(
        shop.text("select dispute_reason from payments"),
        "fraudulent"
    );
}
