//! oslo.messaging RPC in Rust: a client and a server that Python services cannot tell from their
//! own kind.

mod client;
mod deadline;
mod error;
mod raw;
mod server;
mod target;
pub mod transport;
mod version;
mod wire;

pub use self::client::{RpcClient, Setting};
pub use self::error::{
    Delivery, Error, RemoteError, Result, TransportError, TransportErrorKind, WaitingFor,
};
pub use self::server::{Context, Endpoint, RpcServer, RpcServerBuilder};
pub use self::target::Target;
pub use self::transport::{Transport, TransportOptions, TransportUrl};
