//! Hosts of many plugins over a transport in memory: hostile plugins among honest ones, a soak in which
//! plugins come and go, and what all of it costs.
//!
//! | module | what |
//! |---|---|
//! | [`world`], [`plugin`] | a host, and the plugins of its policy |
//! | [`compute`] | what plugins call, and a referee who sees what arrives |
//! | [`attack`] | what hostile plugins try, and how each of it has to end |
//! | [`aftermath`] | whether something of it is left |
//! | [`soak`] | plugins that are loaded, replaced, trapped, denied and drained while they are called |
//! | [`measure`] | what plugins cost, and what neighbours of hostile ones notice |
//! | [`calls`] | calls of the native client and of plugins, one way at a time |

pub mod aftermath;
pub mod attack;
pub mod calls;
pub mod compute;
pub mod measure;
pub mod plugin;
pub mod soak;
pub mod world;
