//! What Stripe's answers mean for a payment.

use serde::Deserialize;

use crate::stripe::{Failure, Refusal};
use crate::{Decline, DeclineKind};

/// A PaymentIntent as far as it matters here. <https://docs.stripe.com/api/payment_intents/object>
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Intent {
    pub id: String,
    pub status: IntentStatus,
    #[serde(default)]
    pub client_secret: Option<String>,
    #[serde(default)]
    pub next_action: Option<NextAction>,
    #[serde(default)]
    pub last_payment_error: Option<PaymentError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntentStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Succeeded,
    Canceled,
    /// `processing`, `requires_capture`, and what may come: neither paid nor refused.
    #[serde(other)]
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct NextAction {
    #[serde(default)]
    redirect_to_url: Option<RedirectToUrl>,
    #[serde(default)]
    use_stripe_sdk: Option<UseStripeSdk>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct RedirectToUrl {
    #[serde(default)]
    url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct UseStripeSdk {
    /// The page of a plain redirect; for everything else Stripe.js knows what to do.
    #[serde(default)]
    stripe_js: Option<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct PaymentError {
    #[serde(default)]
    message: Option<String>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The money is captured.
    Succeeded { stripe_id: String },
    /// The card's holder has to authenticate.
    RequiresAction {
        client_secret: Option<String>,
        redirect_url: Option<String>,
    },
    /// It failed; the intent can be confirmed with another card.
    Declined(Decline),
    /// The intent takes no money any more.
    Canceled,
    /// Nobody knows: Stripe has to be asked again.
    Open,
}

impl Intent {
    /// What this intent says about the attempt that led to it.
    pub(crate) fn outcome(self) -> Outcome {
        match self.status {
            IntentStatus::Succeeded => Outcome::Succeeded { stripe_id: self.id },
            IntentStatus::Canceled => Outcome::Canceled,
            IntentStatus::RequiresAction => Outcome::RequiresAction {
                redirect_url: self.next_action.and_then(NextAction::url),
                client_secret: self.client_secret,
            },
            IntentStatus::RequiresPaymentMethod => {
                let message = self.last_payment_error.and_then(|error| error.message);
                Outcome::Declined(card_declined(message))
            }
            IntentStatus::RequiresConfirmation | IntentStatus::Other => Outcome::Open,
        }
    }

    /// Whether the card's holder has to authenticate.
    pub(crate) fn requires_action(&self) -> bool {
        self.status == IntentStatus::RequiresAction
    }

    /// Whether nothing can change it any more, and it is therefore true whenever it was read.
    pub(crate) fn is_final(&self) -> bool {
        matches!(
            self.status,
            IntentStatus::Succeeded | IntentStatus::Canceled
        )
    }
}

impl Outcome {
    /// Whether nothing can change it any more.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded { .. } | Self::Canceled)
    }
}

impl NextAction {
    fn url(self) -> Option<String> {
        let redirect = self.redirect_to_url.and_then(|redirect| redirect.url);
        redirect
            .or_else(|| self.use_stripe_sdk?.stripe_js?.as_str().map(str::to_owned))
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }
}

/// What the answer to a confirmation, or to the creation of an intent, says about the attempt.
pub(crate) fn outcome_of(answer: Result<Intent, Failure>) -> Outcome {
    match answer {
        Ok(intent) => intent.outcome(),
        Err(Failure::Refused(refusal)) => of_refusal(refusal),
        Err(Failure::Outage(_) | Failure::Silence(_)) => Outcome::Open,
    }
}

fn of_refusal(refusal: Refusal) -> Outcome {
    // "You cannot confirm this PaymentIntent because it has already succeeded": the intent is enclosed.
    if let Some(intent) = refusal.payment_intent.filter(|intent| intent.is_final()) {
        return intent.outcome();
    }
    if refusal.status == 402 || refusal.kind.as_deref() == Some("card_error") {
        return Outcome::Declined(card_declined(refusal.message));
    }
    let kind = match (refusal.kind.as_deref(), refusal.param.as_deref()) {
        // The key belongs to another request, or Stripe does not know the intent: a mistake of ours, or
        // of the configuration. What it says nothing about is the money.
        (Some("idempotency_error"), _) | (_, Some("intent")) => return Outcome::Open,
        // Another request moves the intent at this moment.
        _ if refusal.code.as_deref() == Some("payment_intent_unexpected_state") => {
            return Outcome::Open;
        }
        (_, Some("amount" | "currency")) => DeclineKind::Order,
        _ => DeclineKind::Token,
    };
    let message = refusal
        .message
        .unwrap_or_else(|| "This card cannot be used".to_owned());
    Outcome::Declined(Decline { kind, message })
}

fn card_declined(message: Option<String>) -> Decline {
    let message = message.unwrap_or_else(|| "Your card was declined.".to_owned());
    Decline {
        kind: DeclineKind::Card,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn intent(value: serde_json::Value) -> Intent {
        serde_json::from_value(value).unwrap()
    }

    fn refused(status: u16, error: serde_json::Value) -> Outcome {
        outcome_of(Err(Failure::Refused(Refusal::read(
            status,
            json!({ "error": error }).to_string().as_bytes(),
        ))))
    }

    #[test]
    fn an_intent_that_succeeded_is_paid() {
        let outcome = intent(json!({ "id": "pi_1", "status": "succeeded" })).outcome();
        assert_eq!(
            outcome,
            Outcome::Succeeded {
                stripe_id: "pi_1".to_owned()
            }
        );
    }

    #[test]
    fn a_status_that_is_neither_paid_nor_refused_leaves_it_open() {
        for status in [
            "processing",
            "requires_confirmation",
            "requires_capture",
            "something_new",
        ] {
            assert_eq!(
                intent(json!({ "id": "pi_1", "status": status })).outcome(),
                Outcome::Open,
                "{status}"
            );
        }
    }

    #[test]
    fn a_redirect_is_passed_on_and_so_is_the_client_secret() {
        let outcome = intent(json!({
            "id": "pi_1", "status": "requires_action", "client_secret": "s",
            "next_action": { "type": "redirect_to_url", "redirect_to_url": { "url": "https://bank.example" } },
        }))
        .outcome();
        let redirect_url = Some("https://bank.example".to_owned());
        assert_eq!(
            outcome,
            Outcome::RequiresAction {
                client_secret: Some("s".to_owned()),
                redirect_url
            }
        );
    }

    #[test]
    fn what_stripe_js_alone_understands_is_no_redirect() {
        let outcome = intent(json!({
            "id": "pi_1", "status": "requires_action",
            "next_action": { "type": "use_stripe_sdk", "use_stripe_sdk": { "stripe_js": { "key": 1 } } },
        }))
        .outcome();
        assert_eq!(
            outcome,
            Outcome::RequiresAction {
                client_secret: None,
                redirect_url: None
            }
        );
    }

    #[test]
    fn a_declined_card_is_told_in_stripes_words() {
        let Outcome::Declined(decline) = refused(
            402,
            json!({
                "type": "card_error", "code": "card_declined", "message": "Your card has insufficient funds.",
                "payment_intent": { "id": "pi_1", "status": "requires_payment_method" },
            }),
        ) else {
            panic!("not declined")
        };
        assert_eq!(decline.kind, DeclineKind::Card);
        assert_eq!(decline.message, "Your card has insufficient funds.");
    }

    #[test]
    fn a_refusal_to_confirm_again_says_that_it_is_paid() {
        let outcome = refused(
            400,
            json!({
                "type": "invalid_request_error", "code": "payment_intent_unexpected_state",
                "payment_intent": { "id": "pi_1", "status": "succeeded" },
            }),
        );
        assert_eq!(
            outcome,
            Outcome::Succeeded {
                stripe_id: "pi_1".to_owned()
            }
        );
    }

    #[test]
    fn a_card_that_stripe_does_not_know_is_the_tokens_fault() {
        let Outcome::Declined(decline) = refused(
            400,
            json!({
                "type": "invalid_request_error", "code": "resource_missing", "param": "payment_method",
                "message": "No such PaymentMethod: 'pm_x'",
            }),
        ) else {
            panic!("not declined")
        };
        assert_eq!(decline.kind, DeclineKind::Token);
    }

    #[test]
    fn an_intent_that_stripe_does_not_know_says_nothing_about_the_money() {
        let error = json!({ "type": "invalid_request_error", "code": "resource_missing", "param": "intent" });
        assert_eq!(refused(404, error), Outcome::Open);
        assert_eq!(
            refused(400, json!({ "type": "idempotency_error" })),
            Outcome::Open
        );
        let error = json!({
            "type": "invalid_request_error", "code": "payment_intent_unexpected_state",
            "payment_intent": { "id": "pi_1", "status": "processing" },
        });
        assert_eq!(refused(400, error), Outcome::Open);
    }

    #[test]
    fn no_answer_leaves_it_open() {
        assert_eq!(
            outcome_of(Err(Failure::Silence("reset".to_owned()))),
            Outcome::Open
        );
        assert_eq!(
            outcome_of(Err(Failure::Outage("500".to_owned()))),
            Outcome::Open
        );
    }
}
