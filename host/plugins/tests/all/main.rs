//! The host over memory: plugins made of text, native servers and callers beside them.

mod examples;
mod limits;
mod load;
mod notifications;
mod pools;
mod replace;
mod rules;
mod timers;
mod traps;
mod world;
