//! The exports that a host calls, with the types of the package's own bindings.

pub(super) mod plain {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "oslo:messaging/notification-listener",
        exports: { default: async },
        with: {
            "oslo:messaging/notification": crate::bindings::notification,
            "oslo:messaging/types": crate::bindings::types,
        },
    });
}

pub(super) mod asynchronous {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "oslo:messaging/notification-listener-async",
        exports: { default: async },
        with: {
            "oslo:messaging/notification": crate::bindings::notification,
            "oslo:messaging/types": crate::bindings::types,
        },
    });
}
