//! `up` is killed and can remove nothing; the next one removes what is left.
use std::path::Path;
use std::process::Command;

use crate::crowd::Crowd;
use crate::{World, setup};

e2e::trials!(the_network_of_a_killed_up_is_removed_by_the_next);

async fn the_network_of_a_killed_up_is_removed_by_the_next(world: World) {
    world
        .with(async |place| {
            let data = place.lattice.data();
            let before = networks_of(&data);
            assert_eq!(before.len(), 1, "one bridge: {before:?}");
            place.lattice.kill().await.expect("it runs");
            assert_eq!(networks_of(&data), before, "nobody was there to remove it");

            let again = place.lattice.start_again(&setup(&place.checkout)).await;
            again.unwrap_or_else(|error| panic!("{error:?}"));
            assert_eq!(networks_of(&data).len(), 1);
            let log = place.lattice.log();
            assert!(log.contains("which a killed up has left"), "{log}");
            let shop = place.shop().await;
            let crowd = Crowd::gathers(&shop, 1).await;
            crowd.goes_home().await;
        })
        .await;
}

/// The bridges that belong to the `up` of a data folder.
pub fn networks_of(data: &Path) -> Vec<String> {
    let output = Command::new("ip")
        .args(["-json", "link", "show", "type", "bridge"])
        .output()
        .expect("iproute2 is there");
    let bridges: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let owner = format!("ticketing {}", data.display());
    let all = bridges.as_array().into_iter().flatten();
    all.filter(|bridge| bridge["ifalias"] == owner.as_str())
        .filter_map(|bridge| Some(bridge["ifname"].as_str()?.to_owned()))
        .collect()
}
