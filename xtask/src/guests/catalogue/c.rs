//! The guests in C and C++.

use super::{ASYNC, Guest, Kind, LIBC, SYNC};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "conformance-c",
        language: Language::C,
        world: Some("conformance"),
        kind: Kind::Library,
        imports: &[SYNC],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-c-async",
        language: Language::C,
        world: Some("conformance-async"),
        kind: Kind::Library,
        imports: &[ASYNC],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "tour-c",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC],
        wasi: &[LIBC],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-cpp",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC],
        wasi: &[LIBC],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "traps-c",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC],
        wasi: &[LIBC],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "traps-c-async",
        language: Language::C,
        world: Some("command-async"),
        kind: Kind::Reactor,
        imports: &[ASYNC],
        wasi: &[LIBC],
        exports: &["wasi:cli/run@0.3.0"],
    },
];
