//! Cards that do not work, and what can be done then.
use e2e::Shop;

crate::trials!(
    a_declined_card_says_why_in_stripes_words,
    after_a_declined_card_another_one_pays,
    a_card_that_wants_its_holder_to_confirm_says_where,
    a_card_that_stripe_does_not_know_is_refused,
);

async fn a_declined_card_says_why_in_stripes_words(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
    for (token, message) in [
        ("tok_chargeDeclined", "Your card was declined."),
        ("pm_card_visa_chargeDeclined", "Your card was declined."),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "Your card has insufficient funds.",
        ),
        (
            "tok_chargeDeclinedInsufficientFunds",
            "Your card has insufficient funds.",
        ),
    ] {
        let reply = ben.tries_to_pay(&order, token).await;
        reply.is(402);
        assert_eq!(reply.errors()[0]["message"], message, "{token}");
    }
    assert_ne!(ben.order(&order).await["status"], "complete");
}

async fn after_a_declined_card_another_one_pays(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 3301.07).await).await;
    ben.tries_to_pay(&order, "tok_chargeDeclined").await.is(402);
    ben.tries_to_pay(&order, "tok_chargeDeclined").await.is(402);
    ben.pays(&order, "pm_card_visa").await;
    ben.sees_order(&order, "complete").await;
    assert_eq!(shop.double().succeeded_with_amount(330_107).await.len(), 1);
}

async fn a_card_that_wants_its_holder_to_confirm_says_where(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 3302.07).await).await;
    let reply = ben
        .tries_to_pay(&order, "pm_card_authenticationRequired")
        .await;
    reply.is(202);
    let payment = reply.json();
    assert_eq!(payment["status"], "requires_action");
    assert!(
        payment["redirectUrl"]
            .as_str()
            .is_some_and(|url| url.starts_with("http")),
        "{payment}"
    );
    // Nothing was captured, and another card still works.
    assert!(
        shop.double()
            .succeeded_with_amount(330_207)
            .await
            .is_empty()
    );
    ben.pays(&order, "pm_card_visa").await;
    ben.sees_order(&order, "complete").await;
    assert_eq!(shop.double().succeeded_with_amount(330_207).await.len(), 1);
}

async fn a_card_that_stripe_does_not_know_is_refused(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
    for token in ["pm_nobody_has_this", "tok_nobody_has_this"] {
        ben.tries_to_pay(&order, token)
            .await
            .refused_with(&[400, 402]);
    }
    ben.pays(&order, "pm_card_visa").await;
}
