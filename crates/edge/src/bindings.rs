//! Bindings generated from this crate's worlds and the interfaces in the repository's `wit/`. Nothing outside this crate sees them, but through the macros.
#![allow(
    missing_docs,
    reason = "generated; the WIT files are the documentation"
)]

pub mod imports {
    wit_bindgen::generate!({
        world: "ticketing:edge/imports",
        path: [
            "../../wit/wasi/config",
            "../../wit/wasi/keyvalue",
            "../../wit/wasi/logging",
            "../../wit/wasmcloud/cron",
            "../../wit/wasmcloud/messaging",
            "../../wit/wasmcloud/postgres",
            "../../wit/wasmcloud/secrets",
            "../../wit/ticketing/messaging",
            "../../wit/ticketing/password",
            "../../wit/ticketing/postgres",
            "wit",
        ],
        generate_all,
    });
}

pub mod events {
    wit_bindgen::generate!({
        world: "ticketing:edge/events",
        path: [
            "../../wit/wasi/config",
            "../../wit/wasi/keyvalue",
            "../../wit/wasi/logging",
            "../../wit/wasmcloud/cron",
            "../../wit/wasmcloud/messaging",
            "../../wit/wasmcloud/postgres",
            "../../wit/wasmcloud/secrets",
            "../../wit/ticketing/messaging",
            "../../wit/ticketing/password",
            "../../wit/ticketing/postgres",
            "wit",
        ],
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_events",
        default_bindings_module: "edge::macros::events",
    });
}

pub mod cron {
    wit_bindgen::generate!({
        world: "ticketing:edge/cron",
        path: [
            "../../wit/wasi/config",
            "../../wit/wasi/keyvalue",
            "../../wit/wasi/logging",
            "../../wit/wasmcloud/cron",
            "../../wit/wasmcloud/messaging",
            "../../wit/wasmcloud/postgres",
            "../../wit/wasmcloud/secrets",
            "../../wit/ticketing/messaging",
            "../../wit/ticketing/password",
            "../../wit/ticketing/postgres",
            "wit",
        ],
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_cron",
        default_bindings_module: "edge::macros::cron",
    });
}
