//! Repeated failures to sign in.
use e2e::Shop;
use serde_json::json;

crate::trials!(
    who_fails_again_and_again_has_to_wait,
    one_persons_failures_do_not_lock_another_out
);

const PATH: &str = "/api/users/signin";
/// A guesser who gets this many tries in a row is not throttled at all.
const MANY: usize = 60;

async fn who_fails_again_and_again_has_to_wait(shop: Shop) {
    let victim = shop.person().await;
    let seconds = guess_until_throttled(&shop, &victim.email).await;
    assert!((1..=3600).contains(&seconds), "Retry-After: {seconds}");
    // Even the right password waits: else the throttle would tell which guess was right.
    let reply = shop.visitor().post(PATH, &victim.credentials()).await;
    reply.is(429);
    // Another spelling of the same address is the same account.
    let shouted = json!({ "email": victim.email.to_uppercase(), "password": "a guess" });
    shop.visitor().post(PATH, &shouted).await.is(429);
}

async fn one_persons_failures_do_not_lock_another_out(shop: Shop) {
    let (victim, other) = (shop.person().await, shop.person().await);
    guess_until_throttled(&shop, &victim.email).await;
    shop.visitor()
        .post(PATH, &other.credentials())
        .await
        .is(200);
    assert_eq!(
        victim.get("/api/users/currentuser").await.is(200)["currentUser"]["id"],
        victim.id
    );
}

/// Guesses until the answer is 429. Gives the seconds of its Retry-After.
async fn guess_until_throttled(shop: &Shop, email: &str) -> u64 {
    for guess in 0..MANY {
        let credentials = json!({ "email": email, "password": format!("guess number {guess}") });
        let reply = shop.visitor().post(PATH, &credentials).await;
        if reply.status == 429 {
            assert!(!reply.errors().is_empty());
            return reply
                .header("retry-after")
                .parse()
                .expect("Retry-After in seconds");
        }
        reply.is(400);
    }
    panic!("{MANY} wrong guesses and no 429");
}
