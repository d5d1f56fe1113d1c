//! Generated from `wit/`: the handlers that are called, the consumer that is served.

wit_bindgen_wrpc::generate!({
    world: "provider",
    with: {
        "ticketing:messaging/batch-handler@0.1.0": generate,
        "wasmcloud:messaging/consumer@0.2.0": generate,
        "wasmcloud:messaging/handler@0.2.0": generate,
        "wasmcloud:messaging/types@0.2.0": generate,
    },
});
