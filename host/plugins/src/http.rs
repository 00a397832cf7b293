//! HTTP requests that start plugins: where they come in, which plugin they are for, and what bounds them.

mod answer;
mod connection;
mod listener;
mod origin;
mod refusal;
mod routes;
mod stalling;
mod whole;

pub(crate) use self::listener::{Bound, Listener};
pub(crate) use self::refusal::Refusal;
pub(crate) use self::routes::{Answers, Routes};
pub(crate) use self::whole::whole;
