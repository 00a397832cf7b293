#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod bindings;
mod client;
mod error;
mod finite;
pub mod limits;
mod message;
pub mod notifications;
mod notifier;
pub mod poll;
mod prepare;
mod priority;
mod remote;
mod request;
mod serializer;
pub mod serve;
mod settings;
mod target;
#[cfg(all(any(test, feature = "testing"), not(target_family = "wasm")))]
pub mod testing;
#[cfg(oslo_libc_without_threads)]
mod threads;

pub use crate::client::Client;
pub use crate::error::{Error, Outcome, Result, WaitingFor};
pub use crate::limits::remaining;
pub use crate::notifier::Notifier;
pub use crate::prepare::Prepare;
pub use crate::priority::Priority;
pub use crate::remote::RemoteError;
pub use crate::request::{Request, call_all};
pub use crate::serializer::{BoxError, Plain, Serializer};
pub use crate::settings::Settings;
pub use crate::target::Target;

/// For the macros of [`mod@serve`].
#[doc(hidden)]
pub mod exports {
    pub use crate::bindings::generated::oslo::messaging::serving;
    pub use crate::bindings::{asynchronous, plain};
    pub use crate::serve::exports::{endpoints, handle, handle_async};
}

/// Exports the methods of a plugin: those of the endpoints that a function gives, which takes nothing
/// and returns a `Vec` of [`Endpoint`](crate::serve::Endpoint). See [`mod@serve`].
#[macro_export]
macro_rules! serve {
    ($endpoints:path) => {
        const _: () = {
            struct Served;

            impl $crate::exports::plain::exports::oslo::messaging::rpc_endpoint::Guest for Served {
                fn endpoints() -> ::std::vec::Vec<$crate::exports::serving::Endpoint> {
                    $crate::exports::endpoints($endpoints)
                }

                fn handle(
                    request: $crate::exports::serving::Request,
                ) -> ::std::result::Result<::std::string::String, $crate::exports::serving::Exception>
                {
                    $crate::exports::handle($endpoints, &request)
                }
            }

            $crate::exports::plain::export_rpc_server!(
                Served with_types_in $crate::exports::plain
            );
        };
    };
}

/// Exports the methods of a plugin as [`serve!`] does, with methods that wait with `async` among them.
#[macro_export]
macro_rules! serve_async {
    ($endpoints:path) => {
        const _: () = {
            struct Served;

            impl $crate::exports::asynchronous::exports::oslo::messaging::rpc_endpoint_async::Guest
                for Served
            {
                fn endpoints() -> ::std::vec::Vec<$crate::exports::serving::Endpoint> {
                    $crate::exports::endpoints($endpoints)
                }

                async fn handle(
                    request: $crate::exports::serving::Request,
                ) -> ::std::result::Result<::std::string::String, $crate::exports::serving::Exception>
                {
                    $crate::exports::handle_async($endpoints, &request).await
                }
            }

            $crate::exports::asynchronous::export_rpc_server_async!(
                Served with_types_in $crate::exports::asynchronous
            );
        };
    };
}

/// The names of the transports that the host granted, in alphabetical order.
#[must_use]
pub fn transports() -> Vec<String> {
    bindings::client::transports()
}
