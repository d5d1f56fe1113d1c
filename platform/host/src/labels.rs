//! Host labels, which wadm's spreads match: from `--label key=value` and from `WASMCLOUD_LABEL_<key>`.
//! The command line wins.
use std::collections::HashMap;

use anyhow::bail;

const PREFIX: &str = "WASMCLOUD_LABEL_";

/// Merges both sources.
///
/// # Errors
/// When a flag is not of the form `key=value`.
pub fn labels(
    flags: &[String],
    environment: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<HashMap<String, String>> {
    let mut labels: HashMap<String, String> = environment
        .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value)))
        .collect();
    for flag in flags {
        match flag.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                labels.insert(key.to_owned(), value.to_owned())
            }
            _ => bail!("--label {flag:?} is not key=value"),
        };
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::labels;

    fn environment() -> impl Iterator<Item = (String, String)> {
        [("WASMCLOUD_LABEL_zone", "a"), ("HOME", "/root")]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let labels = labels(&["zone=b".to_owned()], environment()).expect("well formed");
        assert_eq!(labels.len(), 1);
        assert_eq!(labels["zone"], "b");
    }

    #[test]
    fn a_label_needs_a_key_and_a_value() {
        assert!(labels(&["zone".to_owned()], environment()).is_err());
        assert!(labels(&["=b".to_owned()], environment()).is_err());
    }
}
