//! The state machine, driven by a broker in memory and a clock of its own.

mod broker;
mod channels;
mod clock;
mod golden;
mod lies;
mod random;
mod scripts;
mod session;
mod wire;
