//! Faults between the RabbitMQ transport and its broker, and a referee that says what they led to.
//!
//! | module | what |
//! |---|---|
//! | [`proxy`], [`frames`] | a TCP proxy that delays, cuts, stalls, truncates and loses single frames |
//! | [`counting`] | Python servers that count how often each request was executed |
//! | [`fault`] | what can go wrong, and how it is brought about |
//! | [`alive`], [`memory`], [`stalls`] | what stays of the process, what it takes, and how late it gets to run |
//! | [`world`] | the virtual host, its servers and the ways to it |
//! | [`suite`], [`verdict`] | many calls and casts under faults, and what became of them |

pub mod alive;
pub mod counting;
pub mod fault;
pub mod frames;
pub mod memory;
pub mod proxy;
pub mod stalls;
pub mod suite;
pub mod verdict;
pub mod world;
