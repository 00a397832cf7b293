//! Our native client as a process that is told what to do by lines on its standard input, and says
//! what that took: the same lines as the clients in C and Python beside it take and say.

mod client;
mod usage;

use serde::{Deserialize, Serialize};

pub use self::client::{Counter, Runtime, run};
pub use self::usage::threads;

/// What a client says of a line's work.
#[derive(Debug, Deserialize, Serialize)]
pub struct Cost {
    /// From the first message until the last is answered or, of casts, confirmed.
    pub seconds: f64,
    /// Processor time of the client's process, in seconds.
    pub processor: f64,
    /// How often a thread of it went to sleep because it had nothing to do.
    pub switches: u64,
    /// Microseconds of each message.
    pub latencies: Vec<f64>,
    /// Allocations, by those who count them.
    #[serde(default)]
    pub allocations: u64,
}

/// What a client that counts says when it has connected.
#[derive(Debug, Deserialize, Serialize)]
pub struct Resting {
    /// Bytes that are allocated with a transport that has made a call, beyond those without it.
    pub bytes: u64,
    /// Threads that there are more than before.
    pub threads: u64,
}

/// The topic that the server serves.
pub const TOPIC: &str = "measured";
