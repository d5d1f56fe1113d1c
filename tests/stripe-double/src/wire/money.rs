//! Amounts in messages: minor units as Stripe prints them for people.
//! Everything else in the double stays in minor units.

const ZERO_DECIMAL: [&str; 16] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf",
];

/// `2145` usd as `$21.45`, `500` jpy as `¥500`.
pub fn display(amount: i64, currency: &str) -> String {
    let number = if ZERO_DECIMAL.contains(&currency) {
        amount.to_string()
    } else {
        format!("{}.{:02}", amount / 100, amount % 100)
    };
    match currency {
        "usd" => format!("${number}"),
        "eur" => format!("€{number}"),
        "gbp" => format!("£{number}"),
        "jpy" => format!("¥{number}"),
        other => format!("{number} {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::display;

    #[test]
    fn amounts_read_as_stripe_prints_them() {
        assert_eq!(display(2145, "usd"), "$21.45");
        assert_eq!(display(5, "eur"), "€0.05");
        assert_eq!(display(500, "jpy"), "¥500");
    }
}
