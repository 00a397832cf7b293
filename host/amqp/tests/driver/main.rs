//! The driver on tokio, over a stream in memory with a peer that does what each test says. The clock
//! stands still while anybody has something to do, but in `dialing`, which has sockets.

mod acks;
mod closing;
mod dialing;
mod peer;
mod publishing;
