//! What `bindgen!` makes of the WIT package: the guest's types as Rust types, the traits that
//! [`MessagingCtxView`](crate::MessagingCtxView) implements, and one `add_to_linker` for each
//! interface.

pub use self::generated::oslo::messaging::{
    client, limits, notification, notifier, notifier_async, rpc, rpc_async, rpc_poll, serving,
    types,
};

#[expect(missing_docs, reason = "generated code")]
mod generated {
    // One world with every surface, so that all of them use the same types.
    wasmtime::component::bindgen!({
        path: "wit",
        inline: "
            package oslo:messaging-host;

            world host {
                include oslo:messaging/imports@0.1.0;
                include oslo:messaging/imports-async@0.1.0;
                include oslo:messaging/imports-poll@0.1.0;
                include oslo:messaging/imports-notifier@0.1.0;
                include oslo:messaging/imports-notifier-async@0.1.0;
                import oslo:messaging/notification@0.1.0;
                import oslo:messaging/serving@0.1.0;
            }
        ",
        world: "oslo:messaging-host/host",
        imports: {
            "oslo:messaging/notifier.notify": async | trappable,
            "oslo:messaging/rpc.call": async | trappable,
            "oslo:messaging/rpc.call-all": async | trappable,
            "oslo:messaging/rpc.cast": async | trappable,
            default: trappable,
        },
        with: {
            "oslo:messaging/client.client": crate::resources::Client,
            "oslo:messaging/client.options": crate::resources::Options,
            "oslo:messaging/notification.filter": crate::resources::Filter,
            "oslo:messaging/notification.notification": crate::resources::Notification,
            "oslo:messaging/notifier.notifier": crate::resources::Notifier,
            "oslo:messaging/rpc-poll.pending": crate::resources::Pending,
            "oslo:messaging/serving.request": crate::resources::ServedRequest,
            "wasi:io/poll": wasmtime_wasi_io::bindings::wasi::io::poll,
        },
        trappable_error_type: {
            "oslo:messaging/types.error" => crate::Failure,
        },
        require_store_data_send: true,
    });
}
