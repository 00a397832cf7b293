//! The guests in JavaScript and TypeScript.

use super::{Guest, Kind, SYNC};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "conformance-javascript",
        language: Language::JavaScript,
        world: Some("conformance"),
        kind: Kind::Library,
        imports: SYNC,
        wasi: &[],
        exports: &["run", INIT],
    },
    Guest {
        name: "tour-javascript",
        language: Language::JavaScript,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: TOUR,
        exports: &["wasi:cli/run@0.2", INIT],
    },
    Guest {
        name: "tour-typescript",
        language: Language::JavaScript,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: TOUR,
        exports: &["wasi:cli/run@0.2", INIT],
    },
    Guest {
        name: "traps-javascript",
        language: Language::JavaScript,
        world: None,
        kind: Kind::Command,
        imports: SYNC,
        wasi: ALL,
        exports: &["wasi:cli/run@0.2", INIT],
    },
];

/// What componentize-qjs used to take its snapshot; calling it again does nothing useful.
const INIT: &str = "init";

/// Arguments, output, random words and the milliseconds that calls took.
const TOUR: &[&str] = &[
    "wasi:cli/environment@0.2",
    "wasi:cli/stderr@0.2",
    "wasi:cli/stdout@0.2",
    "wasi:clocks/monotonic-clock@0.2",
    "wasi:io/error@0.2",
    "wasi:io/poll@0.2",
    "wasi:io/streams@0.2",
    "wasi:random/random@0.2",
];

/// The same and the time of day: all that the globals of a plugin can need.
const ALL: &[&str] = &[
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
