//! The protocol, without I/O and without a clock: [`Connection`] takes bytes and the time, and gives
//! bytes, [events](Event) and the next time-out. What is read is borrowed from the buffer it came in;
//! every length is bounded before it is believed; no bytes make it panic.

mod channel;
mod confirms;
mod connection;
#[cfg(test)]
mod differential;
mod error;
mod event;
mod frame;
#[cfg(test)]
mod fuzzing;
mod handshake;
mod method;
mod outgoing;
mod primitive;
mod properties;
mod table;

pub use self::connection::{Connection, Publish};
pub use self::error::{ConnectionError, Refusal};
pub use self::event::{Answer, Delivery, Ended, Event, Outcome};
pub use self::frame::{Frame, FrameKind, OVERHEAD};
pub use self::handshake::{Agreed, Config, Login};
pub use self::method::{Method, Unreadable};
pub use self::outgoing::Outgoing;
pub use self::primitive::{Field, Long, Malformed, Never, Reader, Reserved, Short, Writer};
pub use self::properties::{Properties, PropertiesBuilder, PropertiesRead};
pub use self::table::{RawTable, RawValue, Table, Value};
