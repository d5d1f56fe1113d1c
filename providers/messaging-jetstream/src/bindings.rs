//! Generated from `wit/`: the handler that is called, the consumer that is served.

wit_bindgen_wrpc::generate!({
    world: "provider",
    with: {
        "wasmcloud:messaging/consumer@0.2.0": generate,
        "wasmcloud:messaging/handler@0.2.0": generate,
        "wasmcloud:messaging/types@0.2.0": generate,
    },
});
