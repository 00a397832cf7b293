//! The guests in Rust.

use super::{ASYNC, Guest, Kind, SYNC};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "tour",
        language: Language::Rust,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: WASI,
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-async",
        language: Language::Rust,
        world: None,
        kind: Kind::Reactor,
        imports: ASYNC,
        wasi: WASI,
        exports: &["wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "traps",
        language: Language::Rust,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: WASI,
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

/// What Rust's standard library uses for arguments, output, clocks and exit. The file system is
/// among it because both libc and the adapter look for preopened folders; a host grants none.
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
    "wasi:io/poll@0.2",
    "wasi:io/streams@0.2",
];
