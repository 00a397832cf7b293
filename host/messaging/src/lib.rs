//! oslo.messaging RPC in Rust: a client and a server that Python services cannot tell from their
//! own kind.

mod deadline;
mod error;
mod target;
pub mod transport;

pub use self::error::{
    Delivery, Error, RemoteError, Result, TransportError, TransportErrorKind, WaitingFor,
};
pub use self::target::Target;
