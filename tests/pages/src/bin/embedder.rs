//! The program of `docs/embedder.md`.

include!(concat!(env!("OUT_DIR"), "/embedder.rs"));
