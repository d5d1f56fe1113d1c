//! 2. Every captured payment belongs to a complete order or is refunded in full, once. No order is charged twice.
use std::collections::HashMap;

use crate::{Charge, Evidence, Order, Promise, Violation};

pub(super) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let orders: HashMap<String, &Order> = evidence
        .orders
        .iter()
        .map(|order| (order.id.to_string(), order))
        .collect();
    let captured: Vec<(String, &Charge)> = evidence
        .ledger
        .charges
        .iter()
        .filter(|charge| charge.is_captured())
        .map(|charge| (order_of(evidence, charge).unwrap_or_default(), charge))
        .collect();
    let mut broken = Vec::new();
    let mut broke = |subjects: Vec<String>, what: String| {
        broken.push(Violation::new(Promise::NoLostMoney, subjects, what));
    };
    let mut charged: HashMap<&str, u32> = HashMap::new();
    for (id, charge) in &captured {
        let subjects = vec![id.clone(), charge.payment_intent.clone()];
        let Some(order) = orders.get(id) else {
            broke(
                subjects,
                "money was taken for an order that is not there".to_owned(),
            );
            continue;
        };
        *charged.entry(id.as_str()).or_default() += 1;
        if charge.amount != order.price {
            let what = format!("{} was taken for a price of {}", charge.amount, order.price);
            broke(subjects.clone(), what);
        }
        let refunds = refunds(evidence, charge);
        let by_the_shop = refunds
            .iter()
            .filter(|refund| refund.source == "api")
            .count();
        let back: i64 = refunds.iter().map(|refund| refund.amount).sum();
        if back != charge.refunded_amount || back > charge.captured_amount {
            broke(
                subjects.clone(),
                format!(
                    "the books are wrong: {back} of {} came back",
                    charge.captured_amount
                ),
            );
        }
        if by_the_shop > 1 {
            broke(
                subjects.clone(),
                format!("the shop gave it back {by_the_shop} times"),
            );
        }
        if order.status == "complete" {
            if by_the_shop > 0 {
                broke(
                    subjects,
                    "the order is complete, and the shop gave its money back".to_owned(),
                );
            }
        } else if back < charge.captured_amount && !charge.disputed {
            let what = format!(
                "the order is {}, and {back} of {} came back",
                order.status, charge.captured_amount
            );
            broke(subjects, what);
        }
    }
    for (order, times) in charged.iter().filter(|(_, times)| **times > 1) {
        broke(
            vec![(*order).to_owned()],
            format!("it was charged {times} times"),
        );
    }
    for order in evidence
        .orders
        .iter()
        .filter(|order| order.status == "complete")
    {
        if !charged.contains_key(order.id.to_string().as_str()) {
            broke(
                vec![order.id.to_string()],
                "it is complete, and no money was taken".to_owned(),
            );
        }
    }
    broken.extend(books_agree(evidence));
    broken
}

/// What payments believes is what Stripe knows.
fn books_agree(evidence: &Evidence) -> Vec<Violation> {
    let mut broken = Vec::new();
    for payment in &evidence.payments {
        let intent = payment.stripe_id.as_deref();
        let mut charges = evidence.ledger.charges.iter();
        let charge = charges
            .find(|charge| charge.is_captured() && Some(charge.payment_intent.as_str()) == intent);
        let wrong = match (payment.status.as_str(), charge) {
            ("succeeded", Some(charge)) => charge.refunded_amount >= charge.captured_amount,
            ("refunded", Some(charge)) => charge.refunded_amount < charge.captured_amount,
            ("succeeded" | "refunded", None) => true,
            // Refunding goes on for ever when the bank has the money.
            ("refunding", Some(charge)) => !charge.disputed,
            (_, Some(_)) => true,
            (_, None) => false,
        };
        if wrong {
            broken.push(Violation::new(
                Promise::NoLostMoney,
                [payment.id.to_string(), payment.order_id.to_string()],
                format!(
                    "the payment is {}, and Stripe's books say otherwise",
                    payment.status
                ),
            ));
        }
    }
    broken
}

/// The order that a charge is for: as the shop has noted on it, else by the payment that has its PaymentIntent.
fn order_of(evidence: &Evidence, charge: &Charge) -> Option<String> {
    charge.order().map(str::to_owned).or_else(|| {
        let mut payments = evidence.payments.iter();
        let payment = payments
            .find(|payment| payment.stripe_id.as_deref() == Some(&charge.payment_intent))?;
        Some(payment.order_id.to_string())
    })
}

fn refunds<'a>(evidence: &'a Evidence, charge: &Charge) -> Vec<&'a crate::Refund> {
    let all = evidence.ledger.refunds.iter();
    all.filter(|refund| refund.charge == charge.id).collect()
}
