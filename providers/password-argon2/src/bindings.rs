//! The wRPC bindings of this provider's world, generated from `wit/`.
#![allow(missing_docs)]

wit_bindgen_wrpc::generate!({
    world: "provider",
    with: {
        "ticketing:password/hasher@0.1.0": generate,
    }
});
