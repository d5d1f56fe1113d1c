//! The files of the web app, as `build.rs` embeds them.

use client_rules::Site;

pub const SITE: Site = Site::new(include!(concat!(env!("OUT_DIR"), "/assets.rs")));
