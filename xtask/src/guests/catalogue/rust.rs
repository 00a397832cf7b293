//! The guests in Rust.

use super::{
    ASYNC, Guest, Kind, LIBC, LIMITS, NOTIFICATION, NOTIFIER, NOTIFIER_ASYNC, POLL, SERVED, SYNC,
};
use crate::guests::language::Language;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "tour",
        language: Language::Rust,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-async",
        language: Language::Rust,
        world: None,
        kind: Kind::Reactor,
        imports: &[ASYNC],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "patrol",
        language: Language::Rust,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "measured",
        language: Language::Rust,
        world: None,
        kind: Kind::Reactor,
        imports: &[ASYNC],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "traps",
        language: Language::Rust,
        world: None,
        kind: Kind::Command,
        imports: &[SYNC, LIMITS],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "conformance",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: &[SYNC, LIMITS],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-async",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: &[ASYNC, LIMITS],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-poll",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: &[POLL, LIMITS],
        wasi: &[WAIT],
        exports: &["run"],
    },
    Guest {
        name: "served",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: &[SYNC, SERVED],
        wasi: &[],
        exports: &["oslo:messaging/rpc-endpoint@0.1.0"],
    },
    Guest {
        name: "served-async",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: &[ASYNC, SERVED],
        wasi: &[],
        exports: &["oslo:messaging/rpc-endpoint-async@0.1.0"],
    },
    Guest {
        name: "gateway",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: &[SYNC],
        wasi: &[HTTP, WAIT],
        exports: &["wasi:http/incoming-handler@0.2"],
    },
    Guest {
        name: "notified",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: &[NOTIFICATION, NOTIFIER],
        wasi: &[],
        exports: &["oslo:messaging/notification-endpoint@0.1.0"],
    },
    Guest {
        name: "notified-async",
        language: Language::Rust,
        world: None,
        kind: Kind::Library,
        imports: &[NOTIFICATION, NOTIFIER, NOTIFIER_ASYNC],
        wasi: &[],
        exports: &["oslo:messaging/notification-endpoint-async@0.1.0"],
    },
];

/// What answers HTTP, with what it needs itself.
const HTTP: &[&str] = &[
    "wasi:clocks/monotonic-clock@0.2",
    "wasi:http/types@0.2",
    "wasi:io/error@0.2",
    "wasi:io/streams@0.2",
];

/// What Rust's standard library sleeps with, and what polls.
const WAIT: &[&str] = &["wasi:io/poll@0.2"];
