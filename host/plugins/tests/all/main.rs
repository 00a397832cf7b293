//! The host over memory: plugins made of text, native servers and callers beside them.

mod client;
mod components;
mod documents;
mod examples;
mod functions;
mod http;
mod http_hostile;
mod limits;
mod load;
mod metrics;
mod notifications;
mod pools;
mod replace;
mod room;
mod rules;
mod spans;
mod timers;
mod traps;
mod world;
