//! Content negotiation by `Accept-Encoding` (RFC 9110, 12.5.3).

use http::{HeaderMap, header};

use crate::Asset;

/// A form that a file is sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli (RFC 7932).
    Brotli,
    /// gzip (RFC 1952).
    Gzip,
    /// As it is.
    Identity,
}

impl Encoding {
    /// Shortest first: of two that a client likes equally, the shorter one is sent.
    const BY_SIZE: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// The bytes of `asset` in this form, when it has it.
    pub fn bytes(self, asset: &Asset) -> Option<&'static [u8]> {
        match self {
            Self::Brotli => asset.brotli,
            Self::Gzip => asset.gzip,
            Self::Identity => Some(asset.identity),
        }
    }
}

/// The form of `asset` that the client wants most. One that wants none of them gets the plain bytes:
/// better than a refusal, as the standard has it.
pub fn negotiate(headers: &HeaderMap, asset: &Asset) -> Encoding {
    let offers = offers(headers);
    let mut best = (Encoding::Identity, 0);
    for encoding in Encoding::BY_SIZE {
        let weight = weight(&offers, encoding);
        if encoding.bytes(asset).is_some() && weight > best.1 {
            best = (encoding, weight);
        }
    }
    best.0
}

/// The codings that a client names, with their weights in thousandths.
fn offers(headers: &HeaderMap) -> Vec<(String, u32)> {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            let coding = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight =
                parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            (coding, weight.map_or(1000, thousandths))
        })
        .collect()
}

/// What a client thinks of `encoding`: what it says of it by name, or of `*`. The plain form counts
/// as wanted a little when nothing is said of it.
fn weight(offers: &[(String, u32)], encoding: Encoding) -> u32 {
    let of = |name: &str| {
        offers
            .iter()
            .find_map(|(coding, weight)| (coding == name).then_some(*weight))
    };
    of(encoding.name())
        .or_else(|| of("*"))
        .unwrap_or(if encoding == Encoding::Identity { 1 } else { 0 })
}

/// A weight of at most three decimals; what is none counts as a refusal.
fn thousandths(text: &str) -> u32 {
    match text.parse::<f32>() {
        // In [0, 1000] by its guard, so the conversion loses no more than the fourth decimal.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u32,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: Asset = Asset {
        path: "/app.js",
        digest: "d",
        identity: b"plain",
        brotli: Some(b"b"),
        gzip: Some(b"g"),
    };
    const IMAGE: Asset = Asset {
        brotli: None,
        gzip: None,
        ..SCRIPT
    };

    fn chosen(accept: &str, asset: &Asset) -> &'static str {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, accept.parse().unwrap())]);
        negotiate(&headers, asset).name()
    }

    #[test]
    fn a_browser_gets_the_shortest_form() {
        assert_eq!(chosen("gzip, deflate, br, zstd", &SCRIPT), "br");
        assert_eq!(chosen("gzip, deflate", &SCRIPT), "gzip");
        assert_eq!(chosen("*", &SCRIPT), "br");
        assert_eq!(chosen("BR", &SCRIPT), "br");
    }

    #[test]
    fn a_client_that_says_nothing_gets_plain_bytes() {
        assert_eq!(negotiate(&HeaderMap::new(), &SCRIPT), Encoding::Identity);
        assert_eq!(chosen("", &SCRIPT), "identity");
        assert_eq!(chosen("zstd", &SCRIPT), "identity");
    }

    #[test]
    fn weights_are_obeyed() {
        assert_eq!(chosen("br;q=0.5, gzip;q=0.8", &SCRIPT), "gzip");
        assert_eq!(chosen("br;q=0, gzip", &SCRIPT), "gzip");
        assert_eq!(chosen("br; q=0.001, identity;q=0.5", &SCRIPT), "identity");
        assert_eq!(chosen("br;q=nonsense, gzip;q=2", &SCRIPT), "identity");
        assert_eq!(chosen("*;q=0, gzip", &SCRIPT), "gzip");
    }

    #[test]
    fn what_was_not_worth_compressing_is_sent_as_it_is() {
        assert_eq!(chosen("gzip, br", &IMAGE), "identity");
        assert_eq!(chosen("gzip, br, identity;q=0", &IMAGE), "identity");
    }
}
