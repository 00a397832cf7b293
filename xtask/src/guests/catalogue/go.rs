//! The guests in Go.

use super::{Guest, LIBC, LIMITS, NOTIFICATION, NOTIFIER, POLL, SERVED};
use oslo_messaging_build::Language;
use oslo_messaging_build::component::ModuleKind;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "tour-go",
        language: Language::Go,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[POLL],
        wasi: &[LIBC, RUNTIME],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "traps-go",
        language: Language::Go,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[POLL],
        wasi: &[LIBC, RUNTIME],
        exports: &["wasi:cli/run@0.2"],
    },
    Guest {
        name: "conformance-go",
        language: Language::Go,
        world: Some("conformance-poll"),
        kind: ModuleKind::Reactor,
        imports: &[POLL, LIMITS],
        wasi: &[LIBC, RUNTIME],
        exports: &["run"],
    },
    Guest {
        name: "served-go",
        language: Language::Go,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[POLL, LIMITS, SERVED],
        wasi: &[LIBC, RUNTIME],
        exports: &["oslo:messaging/rpc-endpoint@0.1.0"],
    },
    Guest {
        name: "notified-go",
        language: Language::Go,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[NOTIFICATION, NOTIFIER, LIMITS],
        wasi: &[LIBC, RUNTIME],
        exports: &["oslo:messaging/notification-endpoint@0.1.0"],
    },
];

/// What Go's runtime uses besides, whatever the plugin does: waiting, and what seeds its maps.
const RUNTIME: &[&str] = &["wasi:io/poll@0.2", "wasi:random/random@0.2"];
