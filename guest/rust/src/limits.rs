//! What the host allows this plugin. Nothing needs to be asked: what is over a limit is an error
//! that says so.

use std::time::Duration;

use crate::bindings::limits as wit;

/// What is left of the time that the host gave to this invocation of the plugin; none when it set
/// no limit. A call never takes longer than this, whatever its timeout says.
#[must_use]
pub fn remaining() -> Option<Duration> {
    wit::remaining().map(Duration::from_nanos)
}

/// The largest request in bytes: the JSON of context and arguments, and the method's name.
#[must_use]
pub fn request_bytes() -> u64 {
    wit::request_bytes()
}

/// The largest reply in bytes: the JSON of a result, or all texts of an exception.
#[must_use]
pub fn reply_bytes() -> u64 {
    wit::reply_bytes()
}

/// How many bytes of replies may have come that the plugin does not have yet: those of a
/// [`call_all`](crate::call_all) that goes on, and of every [`Pending`](crate::poll::Pending).
#[must_use]
pub fn held_reply_bytes() -> u64 {
    wit::held_reply_bytes()
}

/// How many calls and casts run at the same time; further ones wait for their turn.
#[must_use]
pub fn calls_in_flight() -> u32 {
    wit::calls_in_flight()
}

/// How many calls and casts may run or wait for their turn.
#[must_use]
pub fn pending_calls() -> u32 {
    wit::pending_calls()
}

/// How many requests go into one [`call_all`](crate::call_all).
#[must_use]
pub fn requests() -> u32 {
    wit::requests()
}
