//! The guests in C and C++.

use super::{ASYNC, Guest, Kind, SYNC};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "conformance-c",
        language: Language::C,
        world: Some("conformance"),
        kind: Kind::Library,
        imports: SYNC,
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-c-async",
        language: Language::C,
        world: Some("conformance-async"),
        kind: Kind::Library,
        imports: ASYNC,
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "tour-c",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: WASI,
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-cpp",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: WASI,
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "traps-c",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: WASI,
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "traps-c-async",
        language: Language::C,
        world: Some("command-async"),
        kind: Kind::Reactor,
        imports: ASYNC,
        wasi: WASI,
        exports: &["wasi:cli/run@0.3.0"],
    },
];

/// What arguments, `printf` and clocks need of C's library and the adapter.
const WASI: &[&str] = &[
    "wasi:cli/environment@0.2",
    "wasi:cli/exit@0.2",
    "wasi:cli/stderr@0.2",
    "wasi:cli/stdin@0.2",
    "wasi:cli/stdout@0.2",
    "wasi:cli/terminal-input@0.2",
    "wasi:cli/terminal-output@0.2",
    "wasi:cli/terminal-stderr@0.2",
    "wasi:cli/terminal-stdin@0.2",
    "wasi:cli/terminal-stdout@0.2",
    "wasi:clocks/monotonic-clock@0.2",
    "wasi:clocks/wall-clock@0.2",
    "wasi:filesystem/preopens@0.2",
    "wasi:filesystem/types@0.2",
    "wasi:io/error@0.2",
    "wasi:io/streams@0.2",
];
