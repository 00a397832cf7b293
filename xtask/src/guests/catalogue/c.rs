//! The guests in C and C++.

use super::{ASYNC, Guest, Kind, LIBC, LIMITS, NOTIFICATION, NOTIFIER, POLL, SERVED, SYNC};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "conformance-c",
        language: Language::C,
        world: Some("conformance"),
        kind: Kind::Library,
        imports: &[SYNC, LIMITS],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-c-async",
        language: Language::C,
        world: Some("conformance-async"),
        kind: Kind::Library,
        imports: &[ASYNC, LIMITS],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-c-poll",
        language: Language::C,
        world: Some("conformance-poll"),
        kind: Kind::Library,
        imports: &[POLL, LIMITS],
        wasi: &[IO],
        exports: &["run"],
    },
    Guest {
        name: "served-c",
        language: Language::C,
        world: Some("served"),
        kind: Kind::Library,
        imports: &[SYNC, SERVED],
        wasi: &[],
        exports: &["oslo:messaging/rpc-endpoint@0.1.0"],
    },
    Guest {
        name: "notified-c",
        language: Language::C,
        world: Some("notified"),
        kind: Kind::Library,
        imports: &[NOTIFICATION, NOTIFIER],
        wasi: &[],
        exports: &["oslo:messaging/notification-endpoint@0.1.0"],
    },
    Guest {
        name: "tour-c",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC, POLL],
        wasi: &[LIBC, IO],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-cpp",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC, POLL],
        wasi: &[LIBC, IO],
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
    Guest {
        name: "traps-c-poll",
        language: Language::C,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC, POLL],
        wasi: &[LIBC, IO],
        exports: &["wasi:cli/run@0.2"],
    },
];

/// What `rpc-poll` waits with.
const IO: &[&str] = &["wasi:io/poll@0.2"];
