//! Generated from `wit/`: the scheduler interface that components export.

wit_bindgen_wrpc::generate!({
    with: {
        "wasmcloud:cron/scheduler@0.1.0": generate,
    },
});
