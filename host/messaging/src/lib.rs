//! oslo.messaging in Rust: clients and servers, notifiers and listeners that Python services cannot
//! tell from their own kind.
//!
//! oslo.messaging is what OpenStack's services, and many others, call each other with over
//! RabbitMQ. This crate speaks its wire format natively: no Python, no WebAssembly.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> oslo_messaging::Result<()> {
//! use std::time::Duration;
//!
//! use oslo_messaging::{Endpoint, Error, RemoteError, RpcClient, RpcServer, Target, Transport};
//! use serde_json::{Value, json};
//!
//! // `Transport::new("rabbit://user:password@host:5672/vhost")` for a real one.
//! let transport = Transport::memory();
//!
//! let server = RpcServer::builder(&transport, Target::topic("compute").server("host-1"))
//!     .endpoint(Endpoint::new().version("2.5").method("reboot", |_context, args: Value| async move {
//!         match args["id"].as_u64() {
//!             Some(id) => Ok(json!({"id": id, "state": "rebooting"})),
//!             None => Err(RemoteError::new("builtins", "ValueError", "no such instance")),
//!         }
//!     }))
//!     .start()
//!     .await?;
//!
//! let client = RpcClient::new(&transport, Target::topic("compute").version("2.5"));
//! let context = json!({"user": "alice"});
//! let state: Value = client.call(&context, "reboot", &json!({"id": 7})).await?;
//! assert_eq!(state["state"], "rebooting");
//!
//! let quick = client.prepare().server("host-1").timeout(Duration::from_secs(5));
//! match quick.call::<Value>(&context, "reboot", &json!({"id": "seven"})).await {
//!     Err(Error::Remote(error)) if error.is("builtins", "ValueError") => {}
//!     other => panic!("{other:?}"),
//! }
//! server.stop().await;
//! transport.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! | for | see |
//! |---|---|
//! | calling and casting | [`RpcClient`], [`Target`], [`Setting`] |
//! | serving | [`RpcServer`], [`Endpoint`], [`Context`] |
//! | telling that something happened | [`Notifier`], [`Priority`] |
//! | hearing of it | [`NotificationListener`], [`NotificationEndpoint`], [`NotificationFilter`] |
//! | what goes wrong, and whether the method may have run | [`Error`], [`RemoteError`] |
//! | converting arguments, results and contexts | [`Serializer`], [`raw`] |
//! | how servers are reached | [`Transport`], [`TransportUrl`], [`TransportOptions`] |
//! | the configuration files of a service | [`transport::ConfigFiles`] |
//! | what a transport is doing | [`Transport::events`], [`ConnectionState`], [`Statistics`] |
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `rabbit` | yes | the RabbitMQ transport: an AMQP 0-9-1 client with TLS by rustls |
//! | `broker-tests` | no | tests that need the broker of `OSLO_TEST_TRANSPORT_URL`; no API |
//!
//! # Differences from the Python library
//!
//! A timeout covers everything from the moment of the call, connecting included. A message that a
//! broker may have is never sent again. A call that no queue takes fails at once. Everything else
//! is in `docs/behaviours.md` of the repository, next to the test that pins it.
#![doc(test(attr(deny(warnings))))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod client;
mod config;
mod deadline;
mod delivery;
mod driver;
mod duplicates;
mod error;
#[cfg(test)]
mod fuzzing;
mod id;
mod listener;
mod mutex;
mod notifier;
mod observe;
mod priority;
pub mod raw;
mod read;
mod remote_error;
mod running;
mod serializer;
mod server;
mod target;
pub mod transport;
mod version;
mod wire;

pub use self::client::{RpcClient, Setting};
pub use self::delivery::{Delivery, WaitingFor};
pub use self::driver::{TransportError, TransportErrorKind};
pub use self::error::{Error, Result};
pub use self::listener::{
    Notification, NotificationEndpoint, NotificationFilter, NotificationListener,
    NotificationListenerBuilder, NotificationResult,
};
pub use self::notifier::{NotificationFormat, Notifier};
pub use self::observe::{ConnectionState, Event, Events, Purpose, Statistics};
pub use self::priority::{InvalidPriority, Priority};
pub use self::remote_error::RemoteError;
pub use self::serializer::{Serializer, SerializerError};
pub use self::server::{Context, Endpoint, RpcServer, RpcServerBuilder};
pub use self::target::Target;
pub use self::transport::{Transport, TransportOptions, TransportUrl};
pub use self::wire::ContextFields;
