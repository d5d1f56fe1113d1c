//! Bindings generated from `wit/`. Nothing outside this crate sees them, but through the macros.
#![allow(
    missing_docs,
    reason = "generated; the WIT files are the documentation"
)]

pub mod imports {
    wit_bindgen::generate!({ world: "imports", path: "wit", generate_all });
}

pub mod events {
    wit_bindgen::generate!({
        world: "events",
        path: "wit",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_events",
        default_bindings_module: "edge::macros::events",
    });
}

pub mod cron {
    wit_bindgen::generate!({
        world: "cron",
        path: "wit",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_cron",
        default_bindings_module: "edge::macros::cron",
    });
}
