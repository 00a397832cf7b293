//! The program of `docs/native.md`.

include!(concat!(env!("OUT_DIR"), "/native.rs"));
