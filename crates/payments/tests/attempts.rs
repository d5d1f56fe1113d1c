//! Paying an order, on a real database: one capture at most, whatever happens on the way.

mod support;

use payments_rules::{ClaimError, DeclineKind, Status};
use support::{Fault, Shop, cancelled, completed, created_until, pay};
use uuid::Uuid;

#[test]
fn a_payment_is_captured_once_and_told_once() {
    let shop = Shop::open();
    let order = shop.order();
    let payment = shop.pay(order, "pm_card_visa");
    assert_eq!((payment.status, payment.amount), (Status::Succeeded, 1250));
    assert_eq!(payment.answer().unwrap().status(), 201);
    assert_eq!(
        (shop.stripe.captures(), shop.told("payment:created", order)),
        (1, 1)
    );
    assert_eq!(shop.claim(order, "pm_card_visa"), Err(ClaimError::Paid));
}

#[test]
fn an_order_that_is_not_known_or_not_mine_is_not_paid() {
    let shop = Shop::open();
    assert_eq!(shop.claim(Uuid::new_v4(), "pm_card_visa"), Ok(None));
    let order = shop.order();
    shop.run(&format!("update orders set user_id = '{}'", Uuid::new_v4()));
    assert_eq!(
        shop.claim(order, "pm_card_visa"),
        Err(ClaimError::NotTheBuyer)
    );
}

#[test]
fn an_order_that_is_cancelled_expired_or_complete_is_not_paid() {
    let shop = Shop::open();
    let (gone, late, paid) = (shop.order(), Uuid::new_v4(), shop.order());
    shop.tell(&cancelled(gone, 1));
    shop.tell(&created_until(late, 0, "2001-01-01T00:00:00Z"));
    shop.tell(&completed(paid, 1));
    assert_eq!(shop.claim(gone, "pm_card_visa"), Err(ClaimError::Closed));
    assert_eq!(shop.claim(late, "pm_card_visa"), Err(ClaimError::Closed));
    assert_eq!(shop.claim(paid, "pm_card_visa"), Err(ClaimError::Paid));
    assert_eq!(shop.stripe.intents(), 0);
}

#[test]
fn after_a_declined_card_another_pays_with_the_same_intent() {
    let shop = Shop::open();
    let order = shop.order();
    let declined = shop.pay(order, "tok_chargeDeclined");
    assert_eq!(declined.answer().unwrap_err().status(), 402);
    assert_eq!(
        shop.pay(order, "tok_chargeDeclined")
            .answer()
            .unwrap_err()
            .status(),
        402
    );
    let paid = shop.pay(order, "pm_card_visa");
    assert_eq!((paid.status, paid.id), (Status::Succeeded, declined.id));
    assert_eq!((shop.stripe.captures(), shop.stripe.intents()), (1, 1));
}

#[test]
fn after_a_card_that_stripe_does_not_know_another_pays() {
    let shop = Shop::open();
    let order = shop.order();
    let error = shop.pay(order, "pm_unknown").answer().unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.messages()[0].field),
        (400, Some("token"))
    );
    assert_eq!(shop.pay(order, "pm_card_visa").status, Status::Succeeded);
}

#[test]
fn many_clicks_at_once_capture_once_and_all_are_told_the_same() {
    let shop = Shop::open();
    for _ in 0..10 {
        let order = shop.order();
        let before = shop.stripe.captures();
        let ids: Vec<Option<Uuid>> = std::thread::scope(|scope| {
            let clicks: Vec<_> = (0..6)
                .map(|_| {
                    scope.spawn(|| {
                        let database = shop.connect();
                        match support::claim(&database, order, "pm_card_visa") {
                            Ok(Some(payment)) => {
                                let paid =
                                    payments_rules::drive(&database, &shop.account(), payment)
                                        .unwrap();
                                assert_eq!(paid.status, Status::Succeeded);
                                Some(paid.id)
                            }
                            other => {
                                assert_eq!(other, Err(ClaimError::Paid));
                                None
                            }
                        }
                    })
                })
                .collect();
            clicks
                .into_iter()
                .map(|click| click.join().unwrap())
                .collect()
        });
        let ids: Vec<Uuid> = ids.into_iter().flatten().collect();
        assert!(
            !ids.is_empty() && ids.iter().all(|id| *id == ids[0]),
            "{ids:?}"
        );
        assert_eq!(
            (
                shop.stripe.captures() - before,
                shop.told("payment:created", order)
            ),
            (1, 1)
        );
    }
}

#[test]
fn a_lost_answer_leaves_it_open_and_asking_again_tells_that_it_is_paid() {
    for step in ["/v1/payment_intents", "/confirm"] {
        for fault in [Fault::AnswerLost(step), Fault::RequestLost(step)] {
            let shop = Shop::open();
            let order = shop.order();
            shop.stripe.goes_wrong(fault.clone());
            let open = shop.pay(order, "pm_card_visa");
            assert_eq!(open.answer().unwrap_err().status(), 503, "{fault:?}");
            // Another card does not start another attempt while this one is open.
            assert_eq!(
                shop.pay(order, "tok_chargeDeclined").status,
                Status::Succeeded,
                "{fault:?}"
            );
            assert_eq!(
                (shop.stripe.captures(), shop.stripe.intents()),
                (1, 1),
                "{fault:?}"
            );
        }
    }
}

#[test]
fn a_decline_of_an_open_attempt_is_no_answer_to_who_sends_another_card() {
    for fault in [
        Fault::AnswerLost("/confirm"),
        Fault::RequestLost("/confirm"),
    ] {
        let shop = Shop::open();
        let order = shop.order();
        shop.stripe.goes_wrong(fault.clone());
        let open = shop.pay(order, "tok_chargeDeclined");
        assert_eq!(open.answer().unwrap_err().status(), 503, "{fault:?}");
        let paid = shop.pay(order, "pm_card_visa");
        assert_eq!(paid.status, Status::Succeeded, "{fault:?}");
        assert_eq!(shop.stripe.captures(), 1, "{fault:?}");
    }
}

#[test]
fn the_reconciler_ends_what_nobody_asks_about() {
    for step in ["/v1/payment_intents", "/confirm"] {
        for fault in [Fault::AnswerLost(step), Fault::RequestLost(step)] {
            let shop = Shop::open();
            let order = shop.order();
            shop.stripe.goes_wrong(fault.clone());
            shop.pay(order, "pm_card_visa");
            shop.reconcile();
            assert_eq!(
                shop.status(order),
                "pending",
                "its own caller has a moment first"
            );
            shop.let_time_pass();
            shop.reconcile();
            assert_eq!(shop.status(order), "succeeded", "{fault:?}");
            assert_eq!(
                (shop.stripe.captures(), shop.told("payment:created", order)),
                (1, 1),
                "{fault:?}"
            );
        }
    }
}

#[test]
fn days_later_when_keys_are_forgotten_nothing_is_charged_twice() {
    for step in ["/v1/payment_intents", "/confirm"] {
        let shop = Shop::open();
        let order = shop.order();
        shop.stripe.goes_wrong(Fault::AnswerLost(step));
        shop.pay(order, "pm_card_visa");
        shop.stripe.forget_keys();
        shop.let_time_pass();
        shop.reconcile();
        assert_eq!(
            (shop.status(order).as_str(), shop.stripe.captures()),
            ("succeeded", 1),
            "{step}"
        );
    }
}

#[test]
fn an_outage_at_the_creation_charges_nothing_and_another_try_works() {
    let shop = Shop::open();
    let order = shop.order();
    shop.stripe.goes_wrong(Fault::Outage("/v1/payment_intents"));
    let failed = shop.pay(order, "pm_card_visa");
    assert_eq!(
        failed.decline.as_ref().map(|decline| decline.kind),
        Some(DeclineKind::Outage)
    );
    assert_eq!(failed.answer().unwrap_err().status(), 503);
    assert_eq!(shop.pay(order, "pm_card_visa").status, Status::Succeeded);
}

#[test]
fn an_outage_that_a_key_keeps_does_not_hold_the_order_for_ever() {
    let shop = Shop::open();
    let order = shop.order();
    shop.stripe.goes_wrong(Fault::Outage("/confirm"));
    shop.pay(order, "pm_card_visa");
    for _ in 0..3 {
        assert_eq!(shop.status(order), "pending");
        shop.let_time_pass();
        shop.reconcile();
    }
    assert_eq!(shop.status(order), "declined");
    assert_eq!(shop.pay(order, "pm_card_visa").status, Status::Succeeded);
    assert_eq!((shop.stripe.captures(), shop.stripe.intents()), (1, 1));
}

#[test]
fn a_late_answer_about_an_older_attempt_changes_nothing() {
    let shop = Shop::open();
    let order = shop.order();
    let first = shop.pay(order, "tok_chargeDeclined");
    let second = shop.claim(order, "pm_card_visa").unwrap().unwrap();
    assert_eq!((first.attempt, second.attempt), (1, 2));
    shop.run(&format!(
        "select record_decline('{}', 1, 'pi_1', 'card', 'late')",
        first.id
    ));
    shop.run(&format!(
        "select record_action('{}', 1, 'late', null)",
        first.id
    ));
    assert_eq!(shop.status(order), "pending");
    // But money that was captured is captured, whichever attempt did it.
    shop.run(&format!("select record_success('{}', 'pi_1')", first.id));
    shop.run(&format!(
        "select record_decline('{}', 2, 'pi_1', 'card', 'late')",
        first.id
    ));
    shop.run(&format!(
        "select record_cancellation('{}', 'pi_1')",
        first.id
    ));
    assert_eq!(shop.status(order), "succeeded");
}

#[test]
fn a_card_that_must_be_authenticated_is_paid_when_its_holder_has_done_so() {
    let shop = Shop::open();
    let order = shop.order();
    let waiting = shop.pay(order, "pm_card_authenticationRequired");
    assert_eq!(waiting.answer().unwrap().status(), 202);
    assert_eq!(waiting.client_secret.as_deref(), Some("pi_1_secret"));
    assert_eq!(
        shop.pay(order, "pm_card_authenticationRequired").status,
        Status::RequiresAction
    );
    shop.stripe.authenticate("pi_1", true);
    assert_eq!(
        shop.pay(order, "pm_card_authenticationRequired").status,
        Status::Succeeded
    );
    assert_eq!(
        (shop.stripe.captures(), shop.told("payment:created", order)),
        (1, 1)
    );
}

#[test]
fn a_holder_who_fails_to_authenticate_may_try_another_card() {
    let shop = Shop::open();
    let order = shop.order();
    shop.pay(order, "pm_card_authenticationRequired");
    shop.stripe.authenticate("pi_1", false);
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(shop.status(order), "declined");
    assert_eq!(shop.pay(order, "pm_card_visa").status, Status::Succeeded);
}

#[test]
fn another_card_may_be_tried_instead_of_authenticating() {
    let shop = Shop::open();
    let order = shop.order();
    shop.pay(order, "pm_card_authenticationRequired");
    assert_eq!(shop.pay(order, "pm_card_visa").status, Status::Succeeded);
    assert_eq!((shop.stripe.captures(), shop.stripe.intents()), (1, 1));
}

#[test]
fn an_intent_that_was_canceled_at_stripe_is_replaced_and_its_late_events_ignored() {
    let shop = Shop::open();
    let order = shop.order();
    let payment = shop.pay(order, "tok_chargeDeclined");
    shop.run(&format!(
        "select record_cancellation('{}', 'pi_1')",
        payment.id
    ));
    let paid = shop.pay(order, "pm_card_visa");
    assert_eq!(
        (paid.status, paid.intent.map(|intent| intent.id)),
        (Status::Succeeded, Some("pi_2".to_owned()))
    );
    shop.run(&format!(
        "select record_cancellation('{}', 'pi_1')",
        payment.id
    ));
    assert_eq!(shop.status(order), "succeeded");
}

#[test]
fn an_order_that_is_cancelled_between_creation_and_confirmation_is_not_charged() {
    let shop = Shop::open();
    let order = shop.order();
    let claimed = shop.claim(order, "pm_card_visa").unwrap().unwrap();
    shop.tell(&cancelled(order, 1));
    let payment = payments_rules::drive(&shop.database, &shop.account(), claimed).unwrap();
    assert_eq!(
        payment.answer().unwrap_err().messages()[0].message,
        "Cannot pay for a cancelled order"
    );
    assert_eq!(shop.stripe.captures(), 0);
    shop.reconcile();
    assert_eq!(
        (shop.status(order).as_str(), shop.stripe.status("pi_1")),
        ("canceled", "canceled")
    );
}

#[test]
fn two_hosts_that_reconcile_at_once_do_not_take_the_same_payment() {
    let shop = Shop::open();
    for _ in 0..5 {
        let order = shop.order();
        shop.stripe.goes_wrong(Fault::RequestLost("/confirm"));
        pay(&shop.database, &shop.account(), order, "pm_card_visa");
    }
    shop.let_time_pass();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| payments_rules::reconcile(&shop.connect(), &shop.account()).unwrap());
        }
    });
    assert_eq!(shop.stripe.captures(), 5);
    assert_eq!(shop.text("select max(checks)::text from payments"), "0");
    assert_eq!(shop.text("select count(*)::text from outbox"), "5");
}
