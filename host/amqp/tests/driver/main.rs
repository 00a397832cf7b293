//! The driver on tokio, over a stream in memory with a peer that does what each test says. The clock
//! stands still while anybody has something to do.

mod acks;
mod closing;
mod peer;
mod publishing;
