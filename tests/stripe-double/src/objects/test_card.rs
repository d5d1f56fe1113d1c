//! Stripe's test cards: each number, with its `pm_card_…` and `tok_…` names, always ends the same way.
//! See <https://docs.stripe.com/testing#cards>.

/// One test card.
#[derive(Debug, PartialEq, Eq)]
pub struct TestCard {
    /// The full number.
    pub number: &'static str,
    /// Stripe's name of the brand.
    pub brand: &'static str,
    /// What stands behind `pm_card_` and `tok_`.
    pub names: &'static [&'static str],
    /// Whether the issuer asks for 3-D Secure first.
    pub authenticates: bool,
    /// How a charge ends, after authentication where one is asked for.
    pub outcome: Outcome,
}

/// How a charge ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Captured.
    Approved,
    /// Captured, and disputed at once.
    Disputed,
    /// Refused by the issuer.
    Declined(Decline),
}

/// An issuer's refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decline {
    /// The error's `code`.
    pub code: &'static str,
    /// The error's `decline_code`, where Stripe sends one.
    pub decline_code: Option<&'static str>,
    /// The sentence that a buyer may read.
    pub message: &'static str,
}

const fn declined(
    code: &'static str,
    decline_code: Option<&'static str>,
    message: &'static str,
) -> Outcome {
    Outcome::Declined(Decline {
        code,
        decline_code,
        message,
    })
}

const fn card(
    number: &'static str,
    brand: &'static str,
    names: &'static [&'static str],
    outcome: Outcome,
) -> TestCard {
    TestCard {
        number,
        brand,
        names,
        authenticates: false,
        outcome,
    }
}

const fn secure(
    number: &'static str,
    names: &'static [&'static str],
    outcome: Outcome,
) -> TestCard {
    TestCard {
        number,
        brand: "visa",
        names,
        authenticates: true,
        outcome,
    }
}

const GENERIC: Outcome = declined(
    "card_declined",
    Some("generic_decline"),
    "Your card was declined.",
);
const NO_FUNDS: Outcome = declined(
    "card_declined",
    Some("insufficient_funds"),
    "Your card has insufficient funds.",
);
const LOST: Outcome = declined(
    "card_declined",
    Some("lost_card"),
    "Your card was declined.",
);
const STOLEN: Outcome = declined(
    "card_declined",
    Some("stolen_card"),
    "Your card was declined.",
);
const FRAUDULENT: Outcome = declined(
    "card_declined",
    Some("fraudulent"),
    "Your card was declined.",
);
const EXPIRED: Outcome = declined("expired_card", None, "Your card has expired.");
const CVC: Outcome = declined(
    "incorrect_cvc",
    None,
    "Your card's security code is incorrect.",
);
const PROCESSING: Outcome = declined(
    "processing_error",
    None,
    "An error occurred while processing your card. Try again in a little bit.",
);
const VELOCITY: Outcome = declined(
    "card_declined",
    Some("card_velocity_exceeded"),
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
);

/// Every card that the double knows.
const TEST_CARDS: &[TestCard] = &[
    card("4242424242424242", "visa", &["visa"], Outcome::Approved),
    card(
        "4000056655665556",
        "visa",
        &["visa_debit"],
        Outcome::Approved,
    ),
    card(
        "5555555555554444",
        "mastercard",
        &["mastercard"],
        Outcome::Approved,
    ),
    card(
        "5200828282828210",
        "mastercard",
        &["mastercard_debit"],
        Outcome::Approved,
    ),
    card(
        "5105105105105100",
        "mastercard",
        &["mastercard_prepaid"],
        Outcome::Approved,
    ),
    card("378282246310005", "amex", &["amex"], Outcome::Approved),
    card(
        "6011111111111117",
        "discover",
        &["discover"],
        Outcome::Approved,
    ),
    card("3056930009020004", "diners", &["diners"], Outcome::Approved),
    card("3566002020360505", "jcb", &["jcb"], Outcome::Approved),
    card(
        "6200000000000005",
        "unionpay",
        &["unionpay"],
        Outcome::Approved,
    ),
    card(
        "4000000000003055",
        "visa",
        &["threeDSecureOptional"],
        Outcome::Approved,
    ),
    card(
        "4000000000000259",
        "visa",
        &["createDispute"],
        Outcome::Disputed,
    ),
    card("4000000000000002", "visa", &["chargeDeclined"], GENERIC),
    card("4000000000000341", "visa", &["chargeCustomerFail"], GENERIC),
    card(
        "4000000000009995",
        "visa",
        &["chargeDeclinedInsufficientFunds"],
        NO_FUNDS,
    ),
    card(
        "4000000000009987",
        "visa",
        &["chargeDeclinedLostCard"],
        LOST,
    ),
    card(
        "4000000000009979",
        "visa",
        &["chargeDeclinedStolenCard"],
        STOLEN,
    ),
    card(
        "4100000000000019",
        "visa",
        &["chargeDeclinedFraudulent"],
        FRAUDULENT,
    ),
    card(
        "4000000000000069",
        "visa",
        &["chargeDeclinedExpiredCard"],
        EXPIRED,
    ),
    card(
        "4000000000000127",
        "visa",
        &["chargeDeclinedIncorrectCvc"],
        CVC,
    ),
    card(
        "4000000000000119",
        "visa",
        &["chargeDeclinedProcessingError"],
        PROCESSING,
    ),
    card(
        "4000000000006975",
        "visa",
        &["chargeDeclinedVelocityLimitExceeded"],
        VELOCITY,
    ),
    secure(
        "4000000000003220",
        &["threeDSecure2Required", "threeDSecureRequired"],
        Outcome::Approved,
    ),
    secure(
        "4000002760003184",
        &["authenticationRequired"],
        Outcome::Approved,
    ),
    secure(
        "4000002500003155",
        &["authenticationRequiredOnSetup"],
        Outcome::Approved,
    ),
    secure(
        "4000008400001629",
        &["threeDSecureRequiredChargeDeclined"],
        GENERIC,
    ),
    secure(
        "4000008400001280",
        &["threeDSecureRequiredProcessingError"],
        PROCESSING,
    ),
    secure(
        "4000008260003178",
        &["authenticationRequiredChargeDeclinedInsufficientFunds"],
        NO_FUNDS,
    ),
];

impl TestCard {
    /// By full number.
    pub fn by_number(number: &str) -> Option<&'static Self> {
        TEST_CARDS.iter().find(|card| card.number == number)
    }

    /// By test payment method id, such as `pm_card_visa`.
    pub fn by_payment_method(id: &str) -> Option<&'static Self> {
        Self::by_name(id.strip_prefix("pm_card_")?)
    }

    /// By test token, such as `tok_visa`.
    pub fn by_token(id: &str) -> Option<&'static Self> {
        Self::by_name(id.strip_prefix("tok_")?)
    }

    fn by_name(name: &str) -> Option<&'static Self> {
        // Stripe spells the declines both with and without the brand: chargeDeclined, visa_chargeDeclined.
        let bare = name
            .strip_prefix("visa_")
            .filter(|bare| bare.starts_with("charge"));
        let name = bare.unwrap_or(name);
        TEST_CARDS.iter().find(|card| card.names.contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_the_same_by_number_method_and_token() {
        let card = TestCard::by_number("4000000000009995");
        assert!(card.is_some());
        assert_eq!(
            card,
            TestCard::by_payment_method("pm_card_chargeDeclinedInsufficientFunds")
        );
        assert_eq!(
            card,
            TestCard::by_payment_method("pm_card_visa_chargeDeclinedInsufficientFunds")
        );
        assert_eq!(
            card,
            TestCard::by_token("tok_chargeDeclinedInsufficientFunds")
        );
    }

    #[test]
    fn no_two_cards_share_a_number_or_a_name() {
        for (index, card) in TEST_CARDS.iter().enumerate() {
            for other in &TEST_CARDS[index + 1..] {
                assert_ne!(card.number, other.number);
                assert!(card.names.iter().all(|name| !other.names.contains(name)));
            }
        }
    }
}
