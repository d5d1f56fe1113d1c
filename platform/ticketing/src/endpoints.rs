//! Where a running installation can be reached, for tests and operators' scripts: `endpoints.json` in its data folder.
//! It holds the database administrator's password, and is readable by its owner alone.
use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::data::{Data, read_json, write_json};

/// The addresses.
#[derive(Debug, Deserialize, Serialize)]
pub struct Endpoints {
    /// The shop's origin.
    pub http: String,
    /// The origins of the hosts' own ingresses, in the order of the hosts; empty when there is one, which has the shop's.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// `host:port` of NATS.
    pub nats: String,
    /// The database server as its administrator.
    pub postgres: String,
    /// The Stripe double, if it runs.
    pub stripe: Option<String>,
    /// The double's control endpoint.
    pub stripe_control: Option<String>,
}

impl Endpoints {
    /// Writes them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, data: &Data) -> Result<()> {
        write_json(&data.endpoints(), self)
    }

    /// Those of the last start; `None` before the first.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn read(data: &Data) -> Result<Option<Self>> {
        read_json(&data.endpoints())
    }

    /// Those of the `up` that runs; `None` when none does.
    ///
    /// # Errors
    /// When the lock or the file cannot be read.
    pub fn running(data: &Data) -> Result<Option<Self>> {
        match data.holder()? {
            Some(_) => Self::read(data),
            None => Ok(None),
        }
    }
}
