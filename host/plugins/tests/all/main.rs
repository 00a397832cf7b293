//! The host over memory: plugins made of text, native servers and callers beside them.

mod documents;
mod examples;
mod limits;
mod load;
mod metrics;
mod notifications;
mod pools;
mod replace;
mod rules;
mod timers;
mod traps;
mod world;
