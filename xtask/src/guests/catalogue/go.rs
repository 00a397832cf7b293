//! The guests in Go.

use super::{Guest, Kind, SYNC};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "tour-go",
        language: Language::Go,
        world: None,
        kind: Kind::Reactor,
        imports: SYNC,
        wasi: WASI,
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "traps-go",
        language: Language::Go,
        world: None,
        kind: Kind::Reactor,
        imports: SYNC,
        wasi: WASI,
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "conformance-go",
        language: Language::Go,
        world: Some("conformance"),
        kind: Kind::Reactor,
        imports: SYNC,
        wasi: WASI,
        exports: &["run"],
    },
];

/// What Go's runtime uses, whatever the plugin does: Rust's list, and randomness, which seeds its
/// maps.
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
    "wasi:random/random@0.2",
];
