//! The guests in C and C++.

use super::{ASYNC, Guest, LIBC, LIMITS, NOTIFICATION, NOTIFIER, POLL, SERVED, SYNC};
use oslo_messaging_build::Language;
use oslo_messaging_build::component::ModuleKind;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "conformance-c",
        language: Language::C,
        world: Some("conformance"),
        kind: ModuleKind::Library,
        imports: &[SYNC, LIMITS],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-c-async",
        language: Language::C,
        world: Some("conformance-async"),
        kind: ModuleKind::Library,
        imports: &[ASYNC, LIMITS],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-c-poll",
        language: Language::C,
        world: Some("conformance-poll"),
        kind: ModuleKind::Library,
        imports: &[POLL, LIMITS],
        wasi: &[IO],
        exports: &["run"],
    },
    Guest {
        name: "served-c",
        language: Language::C,
        world: Some("served"),
        kind: ModuleKind::Library,
        imports: &[SYNC, SERVED],
        wasi: &[],
        exports: &["oslo:messaging/rpc-endpoint@0.1.0"],
    },
    Guest {
        name: "notified-c",
        language: Language::C,
        world: Some("notified"),
        kind: ModuleKind::Library,
        imports: &[NOTIFICATION, NOTIFIER],
        wasi: &[],
        exports: &["oslo:messaging/notification-endpoint@0.1.0"],
    },
    Guest {
        name: "tour-c",
        language: Language::C,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC, POLL],
        wasi: &[LIBC, IO],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-cpp",
        language: Language::C,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC, POLL],
        wasi: &[LIBC, IO],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "traps-c",
        language: Language::C,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC],
        wasi: &[LIBC],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "traps-c-async",
        language: Language::C,
        world: Some("command-async"),
        kind: ModuleKind::Reactor,
        imports: &[ASYNC],
        wasi: &[LIBC],
        exports: &["wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "traps-c-poll",
        language: Language::C,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC, POLL],
        wasi: &[LIBC, IO],
        exports: &["wasi:cli/run@0.2"],
    },
];

/// What `rpc-poll` waits with.
const IO: &[&str] = &["wasi:io/poll@0.2"];
