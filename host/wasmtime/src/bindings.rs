//! What `bindgen!` makes of the WIT package: the guest's types as Rust types, the traits that
//! [`CtxView`](crate::CtxView) implements, and one `add_to_linker` for each interface.

pub use self::generated::oslo::messaging::{rpc_client, rpc_client_async, types};

#[expect(missing_docs, reason = "generated code")]
mod generated {
    // One world with both surfaces, so that both use the same types.
    wasmtime::component::bindgen!({
        path: "wit",
        inline: "
            package oslo:messaging-host;

            world host {
                include oslo:messaging/imports@0.1.0;
                include oslo:messaging/imports-async@0.1.0;
            }
        ",
        world: "oslo:messaging-host/host",
        imports: {
            "oslo:messaging/rpc-client.[method]client.call": async | trappable,
            "oslo:messaging/rpc-client.[method]client.call-all": async | trappable,
            "oslo:messaging/rpc-client.[method]client.cast": async | trappable,
            default: trappable,
        },
        with: {
            "oslo:messaging/rpc-client.client": crate::Client,
            "oslo:messaging/rpc-client-async.client": crate::Client,
        },
        trappable_error_type: {
            "oslo:messaging/types.error" => crate::Failure,
        },
        require_store_data_send: true,
    });
}
