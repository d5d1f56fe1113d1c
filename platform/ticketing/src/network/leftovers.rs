//! Networks that a killed `up` could not remove: its own, which its next start removes, and those whose data folder is gone,
//! which nobody else would.
use std::path::Path;

use serde::Deserialize;

use super::{ip, namespaces};
use crate::data::Data;

#[derive(Deserialize)]
struct Bridge {
    ifname: String,
    #[serde(default)]
    ifalias: String,
}

/// Removes them; whoever may not is told what is left. The processes in there have been ended before.
pub async fn remove(data: &Data) {
    // A machine without the program has no such network.
    if ip::find().is_none() {
        return;
    }
    let Ok(bridges) = ip::ask::<Bridge>(&["link", "show", "type", "bridge"]).await else {
        return;
    };
    let own = namespaces::owner(data);
    for bridge in &bridges {
        let Some(number) = number(&bridge.ifname) else {
            continue;
        };
        if bridge.ifalias != own && !is_orphan(&bridge.ifalias) {
            continue;
        }
        eprintln!(
            "removing the network {}, which a killed up has left",
            bridge.ifname
        );
        if let Err(error) = namespaces::remove(number).await {
            eprintln!("it is still there: {error:#}");
        }
    }
}

fn number(bridge: &str) -> Option<u16> {
    bridge.strip_prefix(namespaces::PREFIX)?.parse().ok()
}

/// Whether the owner's data folder is gone.
fn is_orphan(alias: &str) -> bool {
    let folder = alias.strip_prefix(namespaces::PREFIX).map(str::trim);
    folder.is_some_and(|folder| folder.starts_with('/') && !Path::new(folder).exists())
}

#[cfg(test)]
mod tests {
    use super::{is_orphan, number};

    #[test]
    fn a_bridge_of_ours_is_known_by_its_name() {
        assert_eq!(number("ticketing17"), Some(17));
        for other in ["docker0", "ticketing", "ticketing17h1", "br0"] {
            assert_eq!(number(other), None, "{other}");
        }
    }

    #[test]
    fn it_is_an_orphan_when_its_data_folder_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let alias = format!("ticketing {}", folder.path().display());
        assert!(!is_orphan(&alias));
        drop(folder);
        assert!(is_orphan(&alias));
        assert!(!is_orphan(""));
    }
}
