//! How far a message got.

use std::fmt;

/// How far a message got when sending it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The broker, and so a server, may have it.
    MaybeDelivered,
    /// It never left this process; sending it again is safe.
    NotSent,
}

/// What was being waited for when time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitingFor {
    /// The broker's confirmation.
    Confirm,
    /// A connection to a broker.
    Connection,
    /// A monitored call's sign of life.
    Heartbeat,
    /// The server's reply.
    Reply,
}

impl fmt::Display for WaitingFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirm => "the broker's confirmation",
            Self::Connection => "a connection to the broker",
            Self::Heartbeat => "a sign of life from the server",
            Self::Reply => "the reply",
        })
    }
}
