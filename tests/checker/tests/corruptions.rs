//! The checker checked: evidence of a shop that kept its promises, and the same with one thing wrong that must be named.
mod support;

use checker::promises::judge;
use checker::{Evidence, Promise, history};
use serde_json::json;
use support::{Shop, entry, event, id};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The promises that the evidence breaks.
fn broken(evidence: &Evidence) -> Vec<Promise> {
    let mut broken: Vec<_> = judge(evidence)
        .iter()
        .map(|violation| violation.promise)
        .collect();
    broken.sort();
    broken.dedup();
    broken
}

/// Corrupts evidence of a good shop and expects that exactly the promise `named` is found broken.
fn corrupted(named: Promise, corrupt: impl FnOnce(&mut Evidence)) {
    let mut evidence = Shop::evidence();
    corrupt(&mut evidence);
    let found = judge(&evidence);
    assert!(
        found.iter().any(|violation| violation.promise == named),
        "{named:?} was not named: {found:#?}"
    );
}

#[test]
fn a_good_shop_breaks_nothing() {
    let evidence = Shop::evidence();
    assert_eq!(broken(&evidence), [], "{:#?}", judge(&evidence));
}

#[test]
fn two_orders_for_one_ticket_are_named() {
    corrupted(Promise::NoOversell, |evidence| {
        let mut second = evidence.orders[0].clone();
        second.id = id(99);
        evidence.orders.push(second);
    });
}

#[test]
fn a_second_buyer_who_was_told_yes_is_named_even_when_the_order_is_gone() {
    corrupted(Promise::NoOversell, |evidence| {
        let (ticket, buyer) = (evidence.orders[0].ticket_id, id(98));
        let told = json!({ "id": id(99), "userId": buyer, "ticket": { "id": ticket } });
        evidence.journal.push(entry(
            "POST",
            "/api/orders",
            json!({ "ticketId": ticket }),
            201,
            told,
            5,
        ));
    });
}

#[test]
fn money_for_a_cancelled_order_is_named() {
    corrupted(Promise::NoLostMoney, |evidence| {
        evidence.ledger.refunds.clear();
        evidence.ledger.charges[1].refunded_amount = 0;
    });
}

#[test]
fn a_refund_in_part_is_named() {
    corrupted(Promise::NoLostMoney, |evidence| {
        evidence.ledger.refunds[0].amount -= 1;
        evidence.ledger.charges[1].refunded_amount -= 1;
    });
}

#[test]
fn a_second_charge_is_named() {
    corrupted(Promise::NoLostMoney, |evidence| {
        let mut second = evidence.ledger.charges[0].clone();
        (second.id, second.payment_intent) = ("ch_9".to_owned(), "pi_9".to_owned());
        evidence.ledger.charges.push(second);
    });
}

#[test]
fn another_amount_than_the_price_is_named() {
    corrupted(Promise::NoLostMoney, |evidence| {
        evidence.ledger.charges[0].amount += 1;
    });
}

#[test]
fn a_ticket_for_nothing_is_named() {
    corrupted(Promise::NoLostMoney, |evidence| {
        evidence.ledger.charges.remove(0);
    });
}

#[test]
fn money_back_for_a_complete_order_is_named() {
    corrupted(Promise::NoLostMoney, |evidence| {
        let charge = &mut evidence.ledger.charges[0];
        charge.refunded_amount = charge.captured_amount;
        let mut refund = evidence.ledger.refunds[0].clone();
        (refund.charge, refund.payment_intent) = (charge.id.clone(), charge.payment_intent.clone());
        evidence.ledger.refunds.push(refund);
    });
}

#[test]
fn an_acknowledged_ticket_that_is_gone_is_named() {
    corrupted(Promise::NothingLost, |evidence| {
        evidence.tickets.remove(0);
    });
}

#[test]
fn an_acknowledged_edit_with_other_words_is_named() {
    corrupted(Promise::NothingLost, |evidence| {
        let told = json!({ "id": id(1), "title": "Another", "price": 7, "version": 1 });
        let path = format!("/api/tickets/{}", id(1));
        evidence
            .journal
            .push(entry("PUT", &path, json!({}), 200, told, 1));
    });
}

#[test]
fn a_change_that_nobody_was_told_of_is_named() {
    corrupted(Promise::NothingLost, |evidence| {
        evidence
            .events
            .retain(|event| event.kind() != "order:completed");
    });
}

#[test]
fn a_change_that_an_event_made_twice_is_named() {
    corrupted(Promise::NothingLost, |evidence| {
        let mut twice = evidence.events[0].body.clone();
        twice["id"] = json!(id(77));
        let sequence = evidence.events.len() as u64 + 1;
        evidence.events.push(event(sequence, twice));
        evidence.handled.orders.0.insert(id(77));
    });
}

#[test]
fn an_event_that_nobody_has_handled_is_named() {
    corrupted(Promise::NothingLost, |evidence| {
        evidence.handled.tickets.0.clear();
    });
}

#[test]
fn an_old_price_at_orders_is_named() {
    corrupted(Promise::SameState, |evidence| {
        evidence.ticket_copies[0].price += 100;
    });
}

#[test]
fn a_status_that_payments_has_missed_is_named() {
    corrupted(Promise::SameState, |evidence| {
        evidence.order_copies[0].status = "created".to_owned();
    });
}

#[test]
fn a_ticket_that_its_seller_sees_free_is_named() {
    corrupted(Promise::SameState, |evidence| {
        evidence.tickets[0].order_id = None;
    });
}

#[test]
fn a_genuine_event_among_the_dead_letters_is_named() {
    corrupted(Promise::SameState, |evidence| {
        let letter = support::dead_letter(evidence.events[0].sequence, "it did not like it");
        evidence.dead_letters.push(letter);
    });
}

#[test]
fn a_dead_letter_without_a_reason_is_named() {
    corrupted(Promise::SameState, |evidence| {
        evidence
            .dead_letters
            .push(support::dead_letter(1_000_000, ""));
    });
}

#[test]
fn an_order_that_outlives_its_time_is_named() {
    corrupted(Promise::EndsInTime, |evidence| {
        evidence.orders[2].expires_at -= time::Duration::seconds(3);
    });
}

#[test]
fn an_order_that_ends_before_its_time_is_named() {
    corrupted(Promise::EndsInTime, |evidence| {
        evidence.orders[2].expires_at += time::Duration::seconds(2);
    });
}

#[test]
fn what_was_broken_on_purpose_stops_the_clock() {
    let mut evidence = Shop::evidence();
    let order = &mut evidence.orders[2];
    order.expires_at -= time::Duration::seconds(30);
    let begin = order.expires_at - time::Duration::seconds(1);
    let end = begin + time::Duration::seconds(30);
    let what = "NATS killed".to_owned();
    evidence.outages.push(checker::Outage { what, begin, end });
    assert_eq!(broken(&evidence), []);
}

#[test]
fn an_error_without_a_message_is_named() {
    corrupted(Promise::Recovers, |evidence| {
        let wordless = entry("POST", "/api/orders", json!({}), 502, json!(null), 1);
        evidence.journal.push(wordless);
    });
}

#[test]
fn a_history_tells_everything_about_a_ticket_in_time_order_and_nothing_else() {
    let evidence = Shop::evidence();
    let told = history(&evidence, &[id(1).to_string()]);
    for part in [
        "visitor",
        "ticket:created",
        "order:completed",
        "pi_1",
        "orders.orders",
        "payments.payments",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    assert!(!told.contains("pi_2"), "another ticket's payment:\n{told}");
    let times = told.lines().map_while(|line| {
        let time = line.split_whitespace().next()?;
        OffsetDateTime::parse(time, &Rfc3339).ok()
    });
    let times: Vec<_> = times.collect();
    assert!(times.len() > 5 && times.is_sorted(), "{told}");
}
