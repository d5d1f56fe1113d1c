//! The currency that the shop charges in.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Currencies whose minor unit is not a hundredth: our amounts would be a hundred times too much, or
/// ten times too little. <https://docs.stripe.com/currencies#zero-decimal>
const NOT_HUNDREDTHS: [&str; 21] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf", "bhd", "jod", "kwd", "omr", "tnd",
];

/// An ISO 4217 code in lower case, of a currency that is counted in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency(String);

/// A code that the shop cannot charge in.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CurrencyError {
    /// Not three letters.
    #[error("must be a currency's three letters, such as usd")]
    Code,
    /// Its minor unit is not a hundredth.
    #[error("must be a currency that is counted in hundredths")]
    MinorUnit,
}

impl Default for Currency {
    fn default() -> Self {
        Self("usd".to_owned())
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_lowercase();
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(CurrencyError::Code);
        }
        if NOT_HUNDREDTHS.contains(&code.as_str()) {
            return Err(CurrencyError::MinorUnit);
        }
        Ok(Self(code))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_three_letters_in_any_case() {
        assert_eq!("USD".parse(), Ok(Currency::default()));
        for text in ["", "us", "usdd", "u$d", "€€€"] {
            assert_eq!(text.parse::<Currency>(), Err(CurrencyError::Code), "{text}");
        }
    }

    #[test]
    fn a_currency_without_hundredths_would_charge_a_hundred_times_the_price() {
        assert_eq!("jpy".parse::<Currency>(), Err(CurrencyError::MinorUnit));
        assert_eq!("kwd".parse::<Currency>(), Err(CurrencyError::MinorUnit));
    }
}
