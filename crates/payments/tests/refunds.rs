//! Captured money belongs to a complete order or goes back, once; whichever event comes first.

mod support;

use payments_rules::Status;
use support::{Fault, Shop, cancelled, completed, created};
use uuid::Uuid;

/// Cancelled by its buyer while the confirmation was under way.
fn paid_too_late(shop: &Shop) -> Uuid {
    let order = shop.order();
    shop.stripe.goes_wrong(Fault::AnswerLost("/confirm"));
    shop.pay(order, "pm_card_visa");
    shop.tell(&cancelled(order, 1));
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(
        (
            shop.status(order).as_str(),
            shop.told("payment:created", order)
        ),
        ("succeeded", 1)
    );
    order
}

#[test]
fn a_payment_that_orders_refuses_is_refunded_once() {
    let shop = Shop::open();
    let order = paid_too_late(&shop);
    shop.tell(&cancelled(order, 2));
    assert_eq!(shop.status(order), "refunding");
    for _ in 0..3 {
        shop.reconcile();
        shop.tell(&cancelled(order, 3));
        shop.let_time_pass();
    }
    assert_eq!(shop.status(order), "refunded");
    assert_eq!(
        (shop.stripe.refunds(), shop.told("payment:refunded", order)),
        (1, 1)
    );
    let reason = shop.text("select data ->> 'reason' from outbox where type = 'payment:refunded'");
    assert_eq!(reason, "order_cancelled");
}

#[test]
fn one_cancellation_is_no_refusal_yet() {
    let shop = Shop::open();
    let order = paid_too_late(&shop);
    let id = Uuid::new_v4();
    let (kind, data) = cancelled(order, 1);
    // The same cancellation again, under its own id and another.
    support::tell_as(&shop.database, id, kind, &data);
    support::tell_as(&shop.database, id, kind, &data);
    assert_eq!(shop.status(order), "succeeded");
}

#[test]
fn an_order_that_was_revived_keeps_its_payment() {
    let shop = Shop::open();
    let order = paid_too_late(&shop);
    shop.tell(&completed(order, 2));
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(
        (shop.status(order).as_str(), shop.stripe.refunds()),
        ("succeeded", 0)
    );
    assert_eq!(shop.told("payment:created", order), 1);
}

#[test]
fn a_payment_without_an_answer_is_told_again_until_there_is_one() {
    let shop = Shop::open();
    let order = paid_too_late(&shop);
    shop.reconcile();
    assert_eq!(
        shop.told("payment:created", order),
        1,
        "orders has a minute first"
    );
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(shop.told("payment:created", order), 2);
    assert_eq!(
        shop.text("select count(distinct id)::text from outbox"),
        "2"
    );
    shop.tell(&cancelled(order, 2));
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(
        (
            shop.status(order).as_str(),
            shop.told("payment:created", order)
        ),
        ("refunded", 2)
    );
}

#[test]
fn capture_against_refusal_always_ends_in_a_refund() {
    let shop = Shop::open();
    for _ in 0..20 {
        let order = shop.order();
        shop.tell(&cancelled(order, 1));
        let sql = format!(
            "insert into payments (order_id, user_id, amount, currency, payment_method, stripe_id)
             values ('{order}', '{}', 1250, 'usd', 'pm_card_visa', 'pi_{}')",
            support::BUYER,
            order.simple()
        );
        shop.run(&sql);
        let (kind, data) = cancelled(order, 2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                shop.connect().run(&format!(
                    "select record_success(id, stripe_id) from payments where order_id = '{order}'"
                ));
            });
            scope.spawn(|| support::tell_as(&shop.connect(), Uuid::new_v4(), kind, &data));
        });
        assert_eq!(shop.status(order), "refunding");
        assert_eq!(shop.told("payment:created", order), 1);
    }
}

#[test]
fn a_refund_whose_answer_is_lost_or_an_outage_is_made_once() {
    for fault in [
        Fault::AnswerLost("/refunds"),
        Fault::RequestLost("/refunds"),
        Fault::Outage("/refunds"),
    ] {
        for keys_forgotten in [false, true] {
            let shop = Shop::open();
            let order = paid_too_late(&shop);
            shop.tell(&cancelled(order, 2));
            shop.stripe.goes_wrong(fault.clone());
            shop.reconcile();
            assert_eq!(shop.status(order), "refunding", "{fault:?}");
            if keys_forgotten {
                shop.stripe.forget_keys();
            }
            shop.let_time_pass();
            shop.reconcile();
            assert_eq!(shop.status(order), "refunded", "{fault:?}");
            assert_eq!(
                (shop.stripe.refunds(), shop.told("payment:refunded", order)),
                (1, 1),
                "{fault:?}"
            );
        }
    }
}

#[test]
fn events_in_any_order_and_twice_end_alike() {
    let shop = Shop::open();
    let state = "select concat_ws(' ', status, version, user_id is not null, price, cancelled_first, cancelled_last)
                 from orders where id = ";
    let events = |order| [created(order, 0), cancelled(order, 1), completed(order, 2)];
    for permutation in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let order = Uuid::new_v4();
        let events = events(order);
        for index in permutation {
            let id = shop.tell(&events[index]);
            support::tell_as(&shop.database, id, events[index].0, &events[index].1);
        }
        assert_eq!(
            shop.text(&format!("{state} '{order}'")),
            "complete 2 t 1250 1 1",
            "{permutation:?}"
        );
    }
}

#[test]
fn an_event_that_makes_no_sense_is_never_delivered_again() {
    let shop = Shop::open();
    let order = Uuid::new_v4();
    let events = [
        created(order, 0).1.replace("12.5", "-1"),
        support::created_until(order, 0, "soon").1,
    ]
    .map(|data| support::event(Uuid::new_v4(), "order:created", &data));
    let bodies = events.iter().map(String::as_bytes);
    for handled in kit::handle_all(&shop.database, bodies, payments_rules::handle) {
        let error = handled.unwrap_err();
        assert!(error.to_string().starts_with("permanent:"), "{error}");
    }
}

#[test]
fn an_intent_that_waits_is_canceled_with_its_order() {
    let shop = Shop::open();
    for card in ["pm_card_authenticationRequired", "tok_chargeDeclined"] {
        let order = shop.order();
        let payment = shop.pay(order, card);
        let intent = payment.intent.unwrap().id;
        shop.tell(&cancelled(order, 1));
        shop.reconcile();
        assert_eq!(
            (shop.status(order).as_str(), shop.stripe.status(&intent)),
            ("canceled", "canceled"),
            "{card}"
        );
    }
}

#[test]
fn an_intent_that_waits_is_canceled_when_its_order_expires_and_nobody_says_so() {
    let shop = Shop::open();
    let order = shop.order();
    shop.pay(order, "tok_chargeDeclined");
    shop.run("update orders set expires_at = now()");
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(shop.status(order), "canceled");
}

#[test]
fn an_intent_that_was_authenticated_just_before_the_cancellation_is_recorded_as_paid() {
    let shop = Shop::open();
    let order = shop.order();
    assert_eq!(
        shop.pay(order, "pm_card_authenticationRequired").status,
        Status::RequiresAction
    );
    shop.tell(&cancelled(order, 1));
    shop.stripe.authenticate("pi_1", true);
    shop.reconcile();
    assert_eq!(
        (
            shop.status(order).as_str(),
            shop.told("payment:created", order)
        ),
        ("succeeded", 1)
    );
}

#[test]
fn an_attempt_that_never_reached_stripe_ends_with_its_order() {
    let shop = Shop::open();
    let order = shop.order();
    shop.claim(order, "pm_card_visa").unwrap();
    shop.tell(&cancelled(order, 1));
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(
        (shop.status(order).as_str(), shop.stripe.intents()),
        ("canceled", 0)
    );
}
