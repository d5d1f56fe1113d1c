//! What a buyer pays with: a card, known to Stripe alone.

/// A Stripe PaymentMethod id (`pm_…`) or card token (`tok_…`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentMethod(String);

/// The most characters after the prefix.
const MAX_LENGTH: usize = 250;

impl PaymentMethod {
    /// Reads one; `None` when the text has not the shape of either. Whether there is such a card, only
    /// Stripe can say.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text
            .strip_prefix("pm_")
            .or_else(|| text.strip_prefix("tok_"))?;
        let word = rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (word && (1..=MAX_LENGTH).contains(&rest.len())).then(|| Self(text.to_owned()))
    }

    /// The id as Stripe gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parameters that name it in a request to Stripe.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        if self.0.starts_with("tok_") {
            vec![
                ("payment_method_data[type]", "card".to_owned()),
                ("payment_method_data[card][token]", self.0.clone()),
            ]
        } else {
            vec![("payment_method", self.0.clone())]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_methods_and_card_tokens_pay() {
        for text in [
            "pm_card_visa",
            "tok_visa",
            "pm_1PqXyzABC",
            "tok_chargeDeclined",
        ] {
            assert!(PaymentMethod::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn nothing_else_reaches_stripe() {
        let long = format!("pm_{}", "x".repeat(251));
        for text in [
            "",
            " ",
            "pm_",
            "tok_",
            "visa",
            "pi_1",
            "pm_a/../refunds",
            "pm_a b",
            "pm_é",
            "PM_a",
            &long,
        ] {
            assert_eq!(PaymentMethod::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_token_is_sent_as_the_data_of_a_new_payment_method() {
        let parameters = PaymentMethod::parse("tok_visa").unwrap().parameters();
        assert_eq!(
            parameters[1],
            ("payment_method_data[card][token]", "tok_visa".to_owned())
        );
        let parameters = PaymentMethod::parse("pm_card_visa").unwrap().parameters();
        assert_eq!(parameters, [("payment_method", "pm_card_visa".to_owned())]);
    }
}
