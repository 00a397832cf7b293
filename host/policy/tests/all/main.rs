//! Everything that a file can say, and every decision.

mod decisions;
mod examples;
mod files;
mod reference;
mod robustness;
mod secrets;
