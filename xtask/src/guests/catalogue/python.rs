//! The guests in Python.

use super::{ASYNC, Guest, Kind, SYNC};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "tour-python",
        language: Language::Python,
        world: None,
        kind: Kind::Reactor,
        imports: SYNC,
        wasi: COMMAND_WITH_CLOCKS,
        exports: &[INIT, "wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-python-async",
        language: Language::Python,
        world: None,
        kind: Kind::Reactor,
        imports: ASYNC,
        wasi: COMMAND_WITH_CLOCKS,
        exports: &[INIT, "wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "traps-python",
        language: Language::Python,
        world: None,
        kind: Kind::Reactor,
        imports: SYNC,
        wasi: COMMAND,
        exports: &[INIT, "wasi:cli/run@0.2"],
    },
    Guest {
        name: "ported-python",
        language: Language::Python,
        world: None,
        kind: Kind::Reactor,
        imports: SYNC,
        wasi: COMMAND,
        exports: &[INIT, "wasi:cli/run@0.2"],
    },
    Guest {
        name: "conformance-python",
        language: Language::Python,
        world: Some("conformance"),
        kind: Kind::Library,
        imports: SYNC,
        wasi: &[],
        exports: &[INIT, "run"],
    },
    Guest {
        name: "conformance-python-async",
        language: Language::Python,
        world: Some("conformance-async"),
        kind: Kind::Library,
        imports: ASYNC,
        wasi: &[],
        exports: &[INIT, "run"],
    },
];

/// What componentize-py leaves of how it makes its snapshot. Hosts need not know of it.
const INIT: &str = "exports";

/// What the world `command` in `guest/wit` gives, with what these interfaces themselves need.
const COMMAND: &[&str] = &[
    "wasi:cli/environment@0.2",
    "wasi:cli/stderr@0.2",
    "wasi:cli/stdout@0.2",
    "wasi:io/error@0.2",
    "wasi:io/poll@0.2",
    "wasi:io/streams@0.2",
    "wasi:random/random@0.2",
];

/// The same, for a plugin that measures time.
const COMMAND_WITH_CLOCKS: &[&str] = &[
    "wasi:cli/environment@0.2",
    "wasi:cli/stderr@0.2",
    "wasi:cli/stdout@0.2",
    "wasi:clocks/monotonic-clock@0.2",
    "wasi:clocks/wall-clock@0.2",
    "wasi:io/error@0.2",
    "wasi:io/poll@0.2",
    "wasi:io/streams@0.2",
    "wasi:random/random@0.2",
];
