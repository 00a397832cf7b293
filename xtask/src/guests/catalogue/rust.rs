//! The guests in Rust.

use super::{ASYNC, Guest, Kind, LIBC, SYNC};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "tour",
        language: Language::Rust,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: &[LIBC, POLL],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-async",
        language: Language::Rust,
        world: None,
        kind: Kind::Reactor,
        imports: ASYNC,
        wasi: &[LIBC, POLL],
        exports: &["wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "traps",
        language: Language::Rust,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: &[LIBC, POLL],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "conformance",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: SYNC,
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-async",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: ASYNC,
        wasi: &[],
        exports: &["run"],
    },
];

/// What Rust's standard library sleeps with.
const POLL: &[&str] = &["wasi:io/poll@0.2"];
