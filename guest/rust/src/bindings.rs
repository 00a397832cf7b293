//! What `wit-bindgen` makes of `wit/`. Nothing of it is public: the types that users meet are this
//! crate's own, so that neither a new generator nor a new WIT package version is a breaking change.
//!
//! One world holds every surface. A component imports only what it calls, because the linker
//! drops the imports that nothing refers to.

wit_bindgen::generate!({
    inline: "
        package oslo:messaging-guest;

        world guest {
            include oslo:messaging/imports@0.1.0;
            include oslo:messaging/imports-async@0.1.0;
            include oslo:messaging/imports-poll@0.1.0;
        }
    ",
    path: "wit",
    generate_all,
});

pub(crate) use oslo::messaging::{client, limits, rpc, rpc_async, rpc_poll, types};
pub(crate) use wasi::io::poll as wasi_poll;
