//! What the conformance plugins share: reading a script, its clients, and printing what came of it.
//! The form of both is described at the worlds in `tests/wit`.

mod clients;
mod describe;
mod outcome;
mod settings;
mod step;

pub use crate::clients::Clients;
pub use crate::describe::{client as describe, limits};
pub use crate::outcome::{Outcome, print, refuse};
pub use crate::step::{Kind, Message, Open, Script, Step, TargetFields, Verbatim};
