//! A card as the double keeps it, and the checks that a typed-in one goes through.
//! Only test numbers are accepted, so nothing here is anybody's secret.

use super::TestCard;
use crate::wire::{Params, StripeError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A card behind a token or a payment method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Full number of a test card.
    pub number: String,
    /// 1–12.
    pub exp_month: i64,
    /// Four digits.
    pub exp_year: i64,
}

impl Card {
    /// A test card, good for years.
    pub fn of_test(card: &TestCard) -> Self {
        Self {
            number: card.number.to_owned(),
            exp_month: 12,
            exp_year: current_year() + 5,
        }
    }

    /// A card from `card[number]`, `card[exp_month]`, `card[exp_year]`, `card[cvc]`.
    ///
    /// # Errors
    /// 400 for a missing part; 402 `card_error` for a number, date or code that cannot be.
    pub fn from_params(params: &Params) -> Result<Self, StripeError> {
        params.allow(&["number", "exp_month", "exp_year", "cvc", "name"])?;
        let number: String = params
            .required("number")?
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .collect();
        params.required("exp_month")?;
        params.required("exp_year")?;
        let exp_month = params.integer("exp_month")?.unwrap_or_default();
        let exp_year = match params.integer("exp_year")?.unwrap_or_default() {
            short @ 0..=99 => 2000 + short,
            year => year,
        };
        if !(12..=19).contains(&number.len()) || !luhn(&number) {
            return Err(refused(
                "incorrect_number",
                "Your card number is incorrect.",
                "number",
            ));
        }
        if TestCard::by_number(&number).is_none() {
            return Err(refused(
                "card_declined",
                "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of \
                 valid test cards, visit: https://stripe.com/docs/testing.",
                "number",
            )
            .with("decline_code", "test_mode_live_card".into()));
        }
        if !(1..=12).contains(&exp_month) {
            return Err(refused(
                "invalid_expiry_month",
                "Your card's expiration month is invalid.",
                "exp_month",
            ));
        }
        if !(current_year()..current_year() + 50).contains(&exp_year) {
            return Err(refused(
                "invalid_expiry_year",
                "Your card's expiration year is invalid.",
                "exp_year",
            ));
        }
        if let Some(cvc) = params.text("cvc")?
            && !(matches!(cvc.len(), 3 | 4) && cvc.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(refused(
                "invalid_cvc",
                "Your card's security code is invalid.",
                "cvc",
            ));
        }
        Ok(Self {
            number,
            exp_month,
            exp_year,
        })
    }

    /// What Stripe's table says of this number.
    pub fn test_card(&self) -> Option<&'static TestCard> {
        TestCard::by_number(&self.number)
    }

    /// Stripe's `card` hash.
    pub fn json(&self) -> Value {
        let brand = self.test_card().map_or("unknown", |card| card.brand);
        json!({
            "brand": brand,
            "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
            "country": "US",
            "display_brand": brand,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "funding": "credit",
            "last4": self.last4(),
            "networks": { "available": [brand], "preferred": null },
            "three_d_secure_usage": { "supported": true },
            "wallet": null,
        })
    }

    fn last4(&self) -> &str {
        self.number
            .get(self.number.len().saturating_sub(4)..)
            .unwrap_or_default()
    }
}

fn refused(code: &str, message: &str, param: &str) -> StripeError {
    StripeError::card(code, message).param(param)
}

fn current_year() -> i64 {
    // A mean Gregorian year is exact enough to say which years have not passed.
    1970 + crate::clock::now() / 31_556_952
}

/// The check digit of every card number.
fn luhn(number: &str) -> bool {
    let mut sum = 0;
    for (index, c) in number.chars().rev().enumerate() {
        let Some(digit) = c.to_digit(10) else {
            return false;
        };
        sum += match (index % 2, digit) {
            (0, digit) => digit,
            (_, digit) if digit < 5 => digit * 2,
            (_, digit) => digit * 2 - 9,
        };
    }
    sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(form: &str) -> Value {
        match Card::from_params(&Params::parse(form).unwrap()) {
            Ok(_) => Value::Null,
            Err(error) => error.body()["error"]["code"].clone(),
        }
    }

    #[test]
    fn a_typed_in_card_is_checked_like_a_real_one() {
        let rest = "exp_month=12&exp_year=40&cvc=123";
        assert_eq!(
            code(&format!("number=4242 4242 4242 4242&{rest}")),
            Value::Null
        );
        assert_eq!(
            code(&format!("number=4242424242424241&{rest}")),
            "incorrect_number"
        );
        assert_eq!(
            code(&format!("number=4111111111111111&{rest}")),
            "card_declined"
        );
        assert_eq!(
            code("number=4242424242424242&exp_month=13&exp_year=40"),
            "invalid_expiry_month"
        );
        assert_eq!(
            code("number=4242424242424242&exp_month=12&exp_year=2001"),
            "invalid_expiry_year"
        );
        assert_eq!(
            code("number=4242424242424242&exp_month=12&exp_year=40&cvc=1"),
            "invalid_cvc"
        );
        assert_eq!(
            code("number=4242424242424242&exp_month=12"),
            "parameter_missing"
        );
    }
}
