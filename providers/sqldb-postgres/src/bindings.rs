//! The wRPC bindings of this provider's world, generated from `wit/`.
#![allow(missing_docs)]

wit_bindgen_wrpc::generate!({
    world: "provider",
    with: {
        "ticketing:postgres/batch@0.1.0": generate,
        "wasmcloud:postgres/types@0.1.1-draft": generate,
        "wasmcloud:postgres/query@0.1.1-draft": generate,
        "wasmcloud:postgres/prepared@0.1.1-draft": generate,
    }
});
