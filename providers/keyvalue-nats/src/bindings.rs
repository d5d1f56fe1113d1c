//! The wRPC bindings of this provider's world, generated from `wit/`.
#![allow(missing_docs)]

wit_bindgen_wrpc::generate!({
    world: "provider",
    with: {
        "wrpc:keyvalue/store@0.2.0-draft": generate,
        "wrpc:keyvalue/atomics@0.2.0-draft": generate,
        "wrpc:keyvalue/batch@0.2.0-draft": generate,
    }
});
