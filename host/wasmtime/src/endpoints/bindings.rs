//! The exports that a host calls, with the types of the package's own bindings.

pub(super) mod plain {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "oslo:messaging/rpc-server",
        exports: { default: async },
        with: {
            "oslo:messaging/serving": crate::bindings::serving,
            "oslo:messaging/types": crate::bindings::types,
        },
    });
}

pub(super) mod asynchronous {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "oslo:messaging/rpc-server-async",
        exports: { default: async },
        with: {
            "oslo:messaging/serving": crate::bindings::serving,
            "oslo:messaging/types": crate::bindings::types,
        },
    });
}
