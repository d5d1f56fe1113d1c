//! Webhook signatures: who sent a body, and when. <https://docs.stripe.com/webhooks#verify-manually>

use hmac::{Hmac, Mac};
use sha2::Sha256;
use thiserror::Error;

/// A body that Stripe has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The body, byte for byte.
    pub body: &'a [u8],
    /// When it was signed, in seconds since 1970. Whether that is too long ago, the database's clock says.
    pub at: i64,
}

/// A signature that proves nothing.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("The signature is not valid")]
pub struct SignatureError;

/// Checks a `Stripe-Signature` header (`t=<seconds>,v1=<hex>,…`) against `body`. While a secret is being
/// rolled there is one `v1` for each; one that fits is enough.
///
/// # Errors
/// [`SignatureError`] when it is malformed or none fits.
pub fn verify<'a>(
    secret: &str,
    header: &str,
    body: &'a [u8],
) -> Result<Signed<'a>, SignatureError> {
    let pairs = || {
        header
            .split(',')
            .filter_map(|pair| pair.trim().split_once('='))
    };
    let time = pairs()
        .find_map(|(name, value)| (name == "t").then_some(value))
        .ok_or(SignatureError)?;
    let at = time
        .parse::<i64>()
        .ok()
        .filter(|at| *at >= 0)
        .ok_or(SignatureError)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| SignatureError)?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let fits = pairs()
        .filter(|(name, _)| *name == "v1")
        .filter_map(|(_, value)| hex::decode(value).ok())
        // In constant time.
        .any(|digest| mac.clone().verify_slice(&digest).is_ok());
    if fits {
        Ok(Signed { body, at })
    } else {
        Err(SignatureError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"a":1}"#;
    // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
    const DIGEST: &str = "38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789";

    fn header(signatures: &str) -> String {
        format!("t=1700000000,{signatures}")
    }

    #[test]
    fn a_body_that_stripe_signed_is_accepted_with_its_time() {
        let signed = verify("whsec_test", &header(&format!("v1={DIGEST}")), BODY);
        assert_eq!(
            signed,
            Ok(Signed {
                body: BODY,
                at: 1_700_000_000
            })
        );
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let other = "0".repeat(64);
        for signatures in [
            format!("v1={other},v1={DIGEST}"),
            format!("v1={DIGEST},v0={other}"),
            format!("v1=zz, v1={DIGEST}"),
        ] {
            assert!(
                verify("whsec_test", &header(&signatures), BODY).is_ok(),
                "{signatures}"
            );
        }
    }

    #[test]
    fn another_secret_time_body_or_scheme_is_refused() {
        let good = header(&format!("v1={DIGEST}"));
        assert!(verify("whsec_other", &good, BODY).is_err());
        assert!(verify("whsec_test", &good.replace("17", "18"), BODY).is_err());
        assert!(verify("whsec_test", &good, b"{\"a\":2}").is_err());
        assert!(verify("whsec_test", &header(&format!("v0={DIGEST}")), BODY).is_err());
        assert!(
            verify(
                "whsec_test",
                &header(&format!("v1={}", &DIGEST[..62])),
                BODY
            )
            .is_err()
        );
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        for header in [
            "",
            "x",
            "t=,v1=",
            "t=1700000000",
            &format!("v1={DIGEST}"),
            &format!("t=-1,v1={DIGEST}"),
            &format!("t=soon,v1={DIGEST}"),
            &format!("t=99999999999999999999999,v1={DIGEST}"),
        ] {
            assert_eq!(
                verify("whsec_test", header, BODY),
                Err(SignatureError),
                "{header}"
            );
        }
    }
}
