//! Whose card fields a checkout shows.

/// Where Stripe itself answers. Its card fields work with no other.
const STRIPE: &str = "https://api.stripe.com";

/// A form that turns a card into a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardForm {
    /// Stripe Elements: the card's number is between the buyer and Stripe.
    Stripe,
    /// Fields that know Stripe's test cards and no others, where something else stands in for Stripe.
    Test,
}

impl CardForm {
    /// The form for a shop whose payments go to `api_base`, and whose browsers have `publishable_key`.
    #[must_use]
    pub fn choose(api_base: Option<&str>, publishable_key: Option<&str>) -> Self {
        let stripe = api_base.is_some_and(|base| base.trim_end_matches('/') == STRIPE);
        if stripe && publishable_key.is_some() {
            Self::Stripe
        } else {
            Self::Test
        }
    }

    /// Its name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Test => "test",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_own_fields_need_stripe_and_a_key() {
        for base in ["https://api.stripe.com", "https://api.stripe.com/"] {
            assert_eq!(
                CardForm::choose(Some(base), Some("pk_live_1")),
                CardForm::Stripe
            );
        }
        assert_eq!(
            CardForm::choose(Some("https://api.stripe.com"), None),
            CardForm::Test
        );
    }

    #[test]
    fn what_stands_in_for_stripe_gets_test_cards_only() {
        for base in [
            None,
            Some("http://127.0.0.1:8200"),
            Some("https://api.stripe.com.example"),
        ] {
            assert_eq!(
                CardForm::choose(base, Some("pk_test_1")),
                CardForm::Test,
                "{base:?}"
            );
        }
    }
}
