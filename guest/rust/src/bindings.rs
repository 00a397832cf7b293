//! What `wit-bindgen` makes of `wit/`. Nothing of it is public: the types that users meet are this
//! crate's own, so that neither a new generator nor a new WIT package version is a breaking change.
//!
//! One world holds every surface. A component imports only what it calls, because the linker
//! drops the imports that nothing refers to.

#[expect(
    missing_docs,
    reason = "generated code, of which the exports show types to each other"
)]
pub(crate) mod generated {
    wit_bindgen::generate!({
        inline: "
            package oslo:messaging-guest;

            world guest {
                include oslo:messaging/imports@0.1.0;
                include oslo:messaging/imports-async@0.1.0;
                include oslo:messaging/imports-poll@0.1.0;
                include oslo:messaging/imports-notifier@0.1.0;
                include oslo:messaging/imports-notifier-async@0.1.0;
                import oslo:messaging/notification@0.1.0;
                import oslo:messaging/serving@0.1.0;
            }
        ",
        path: "wit",
        generate_all,
    });
}

/// The exports of plugins that serve. Their macros run in the plugin's crate, so that a plugin that
/// serves nothing exports nothing.
#[doc(hidden)]
pub mod plain {
    wit_bindgen::generate!({
        path: "wit",
        world: "oslo:messaging/rpc-server",
        with: {
            "oslo:messaging/serving@0.1.0": crate::bindings::generated::oslo::messaging::serving,
            "oslo:messaging/types@0.1.0": crate::bindings::generated::oslo::messaging::types,
        },
        pub_export_macro: true,
        export_macro_name: "export_rpc_server",
    });
}

/// The same for methods that wait with `async`.
#[doc(hidden)]
pub mod asynchronous {
    wit_bindgen::generate!({
        path: "wit",
        world: "oslo:messaging/rpc-server-async",
        with: {
            "oslo:messaging/serving@0.1.0": crate::bindings::generated::oslo::messaging::serving,
            "oslo:messaging/types@0.1.0": crate::bindings::generated::oslo::messaging::types,
        },
        pub_export_macro: true,
        export_macro_name: "export_rpc_server_async",
    });
}

#[cfg(not(all(any(test, feature = "testing"), not(target_family = "wasm"))))]
pub(crate) use self::generated::{
    oslo::messaging::{client, limits, notifier, notifier_async, rpc, rpc_async, rpc_poll, types},
    wasi::io::poll as wasi_poll,
};

// Natively there is no host, but one that is played.
#[cfg(all(any(test, feature = "testing"), not(target_family = "wasm")))]
pub(crate) use crate::testing::host::{client, limits, rpc, rpc_async, rpc_poll, types, wasi_poll};
#[cfg(all(any(test, feature = "testing"), not(target_family = "wasm")))]
pub(crate) use crate::testing::notifier::{self, asynchronous as notifier_async};
