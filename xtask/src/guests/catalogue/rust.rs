//! The guests in Rust.

use super::{
    ASYNC, Guest, LIBC, LIMITS, NOTIFICATION, NOTIFIER, NOTIFIER_ASYNC, POLL, SERVED, SYNC,
};
use oslo_messaging_build::Language;
use oslo_messaging_build::component::ModuleKind;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "tour",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-async",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[ASYNC],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "patrol",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "measured",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[ASYNC],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "traps",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC, LIMITS],
        wasi: &[LIBC, WAIT],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "conformance",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Library,
        imports: &[SYNC, LIMITS],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-async",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Library,
        imports: &[ASYNC, LIMITS],
        wasi: &[],
        exports: &["run"],
    },
    Guest {
        name: "conformance-poll",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Library,
        imports: &[POLL, LIMITS],
        wasi: &[WAIT],
        exports: &["run"],
    },
    Guest {
        name: "hostile",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[SYNC, SERVED],
        wasi: &[LIBC, WAIT, SOCKETS],
        exports: &["oslo:messaging/rpc-endpoint@0.1.0"],
    },
    Guest {
        name: "hostile-async",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[ASYNC, SERVED],
        wasi: &[LIBC, WAIT, SOCKETS],
        exports: &["oslo:messaging/rpc-endpoint-async@0.1.0"],
    },
    Guest {
        name: "served",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Library,
        imports: &[SYNC, SERVED],
        wasi: &[],
        exports: &["oslo:messaging/rpc-endpoint@0.1.0"],
    },
    Guest {
        name: "served-async",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Library,
        imports: &[ASYNC, SERVED],
        wasi: &[],
        exports: &["oslo:messaging/rpc-endpoint-async@0.1.0"],
    },
    Guest {
        name: "gateway",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Library,
        imports: &[SYNC],
        wasi: &[HTTP, WAIT],
        exports: &["wasi:http/incoming-handler@0.2"],
    },
    Guest {
        name: "notified",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Library,
        imports: &[NOTIFICATION, NOTIFIER],
        wasi: &[],
        exports: &["oslo:messaging/notification-endpoint@0.1.0"],
    },
    Guest {
        name: "notified-async",
        language: Language::Rust,
        world: None,
        kind: ModuleKind::Library,
        imports: &[NOTIFICATION, NOTIFIER, NOTIFIER_ASYNC],
        wasi: &[],
        exports: &["oslo:messaging/notification-endpoint-async@0.1.0"],
    },
];

/// For a plugin that tries to reach the network.
const SOCKETS: &[&str] = &[
    "wasi:sockets/instance-network@0.2",
    "wasi:sockets/ip-name-lookup@0.2",
    "wasi:sockets/network@0.2",
    "wasi:sockets/tcp@0.2",
    "wasi:sockets/tcp-create-socket@0.2",
    "wasi:sockets/udp@0.2",
    "wasi:sockets/udp-create-socket@0.2",
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
