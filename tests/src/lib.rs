//! What the tests of the whole are made of: a private RabbitMQ node, Python peers, and the
//! containment that leaves nothing of either behind.
//!
//! `xtask` uses the same pieces to run them, so this library depends on none of the product's
//! crates.

pub mod broker;
pub mod contain;
pub mod page;
#[cfg(feature = "broker-tests")]
pub mod peer;
pub mod registry;
pub mod running;

/// The examples of the front page, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod front_page {}
