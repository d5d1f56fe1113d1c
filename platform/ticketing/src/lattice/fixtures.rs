//! What tests of the lattice's secrets and configurations are made with.
use std::path::Path;

use url::Url;

use super::Connections;
use crate::cli::Place;
use crate::data::Data;
use crate::secrets::Secrets;
use crate::settings::Keys;

/// The checkout's own manifest.
pub fn manifest() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wadm.yaml");
    std::fs::read_to_string(path).expect("the manifest")
}

/// What `make` makes of a new installation's secrets.
pub fn with_connections<T>(make: impl FnOnce(&Connections<'_>) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder");
    let data = Data::of(&Place {
        root: folder.path().to_owned(),
        data_dir: Some(folder.path().to_owned()),
    });
    make(&Connections {
        database: &Url::parse("postgres://admin@db/postgres").expect("a URL"),
        secrets: &Secrets::open(&data.expect("a place"), 0).expect("new secrets"),
        stripe: &Keys {
            secret: "sk".to_owned(),
            publishable: "pk".to_owned(),
            webhook: "whsec".to_owned(),
        },
    })
}
