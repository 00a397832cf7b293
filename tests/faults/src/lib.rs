//! Faults between the RabbitMQ transport and its broker, and a referee that says what they led to.
//!
//! | module | what |
//! |---|---|
//! | [`proxy`], [`frames`] | a TCP proxy that delays, cuts, stalls, truncates and loses single frames |
//! | [`counting`] | Python servers that count how often each request was executed |
//! | [`fault`] | what can go wrong, and how it is brought about |
//! | [`suite`], [`verdict`] | many calls and casts under faults, and what became of them |

pub mod counting;
pub mod fault;
pub mod frames;
pub mod proxy;
pub mod suite;
pub mod verdict;
