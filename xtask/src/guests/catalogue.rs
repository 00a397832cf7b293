//! The guests, and what each may import. A dependency that starts to need sockets, or a plugin that
//! reaches for the other surface, fails the build.

mod c;
mod go;
mod javascript;
mod python;
mod rust;

use std::mem;
use std::path::{Path, PathBuf};

use oslo_messaging_build::Language;
use oslo_messaging_build::component::ModuleKind;

/// A guest.
pub(super) struct Guest {
    /// The name of its component, which says where its sources are: see [`Guest::folder`].
    pub(super) name: &'static str,
    /// What it is written in.
    pub(super) language: Language,
    /// The world it is made for, which guests in Rust name in their source instead.
    pub(super) world: Option<&'static str>,
    /// What its module is.
    pub(super) kind: ModuleKind,
    /// The interfaces of this project that it imports, all of them and no other, in several lists.
    pub(super) imports: &'static [&'static [&'static str]],
    /// What it may import of WASI, in several lists.
    pub(super) wasi: &'static [&'static [&'static str]],
    /// What it exports, all of it and nothing else. A version may be cut short: `@0.2` stands for
    /// every patch of it.
    pub(super) exports: &'static [&'static str],
}

impl Guest {
    /// The folder of its sources, in the repository: that of `tour-python-async` is
    /// `guest/python/examples/tour-async`, and that of `traps-c-poll` is `tests/plugins/traps/c-poll`.
    pub(super) fn folder(&self) -> PathBuf {
        let language = self.language.name();
        let mut words: Vec<_> = self.name.split('-').filter(|it| *it != language).collect();
        if self.is_example() {
            let examples = Path::new("guest").join(language).join("examples");
            return examples.join(words.join("-"));
        }
        let idea = mem::replace(&mut words[0], language);
        Path::new("tests/plugins").join(idea).join(words.join("-"))
    }

    /// Whether it is there to be read, and not to test with.
    pub(super) fn is_example(&self) -> bool {
        EXAMPLES.iter().any(|it| self.name.starts_with(it))
    }
}

/// How the names of those begin that authors read.
const EXAMPLES: [&str; 3] = ["gateway", "patrol", "tour"];

/// Plain functions. Who compiles to a module imports the interfaces of which he calls something, who
/// brings an interpreter all of its world.
const SYNC: &[&str] = &[
    "oslo:messaging/client@0.1.0",
    "oslo:messaging/rpc@0.1.0",
    "oslo:messaging/types@0.1.0",
];

/// Calls that are started and polled.
const POLL: &[&str] = &[
    "oslo:messaging/client@0.1.0",
    "oslo:messaging/rpc-poll@0.1.0",
    "oslo:messaging/types@0.1.0",
];

/// What a plugin that serves asks about requests, and calls others with.
const SERVED: &[&str] = &["oslo:messaging/serving@0.1.0"];

/// What a plugin notifies with.
const NOTIFIER: &[&str] = &[
    "oslo:messaging/notifier@0.1.0",
    "oslo:messaging/types@0.1.0",
];

/// What it notifies with besides that waits with `async`.
const NOTIFIER_ASYNC: &[&str] = &["oslo:messaging/notifier-async@0.1.0"];

/// What a plugin that handles notifications asks about them.
const NOTIFICATION: &[&str] = &[
    "oslo:messaging/notification@0.1.0",
    "oslo:messaging/types@0.1.0",
];

/// `async func`s.
const ASYNC: &[&str] = &[
    "oslo:messaging/client@0.1.0",
    "oslo:messaging/rpc-async@0.1.0",
    "oslo:messaging/types@0.1.0",
];

/// What the host allows.
const LIMITS: &[&str] = &["oslo:messaging/limits@0.1.0"];

/// What the C library of a program and the adapter between it and WASI 0.2 ask for: arguments, output,
/// clocks and exit. The file system is among it because both look for preopened folders; a host
/// grants none.
const LIBC: &[&str] = &[
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

/// What a program gets from the world `command` of `guest/wit` where its toolchain gives it nothing,
/// with what these interfaces need themselves.
const COMMAND: &[&str] = &[
    "wasi:cli/environment@0.2",
    "wasi:cli/stderr@0.2",
    "wasi:cli/stdout@0.2",
    "wasi:io/error@0.2",
    "wasi:io/poll@0.2",
    "wasi:io/streams@0.2",
    "wasi:random/random@0.2",
];

/// What an interpreter tells of an exception with that nobody catches.
const ERRORS: &[&str] = &[
    "wasi:cli/stderr@0.2",
    "wasi:io/error@0.2",
    "wasi:io/poll@0.2",
    "wasi:io/streams@0.2",
];

/// For what measures time and asks what time it is.
const CLOCKS: &[&str] = &[
    "wasi:clocks/monotonic-clock@0.2",
    "wasi:clocks/wall-clock@0.2",
];

/// All of them, those in Rust first.
pub(super) fn all() -> impl Iterator<Item = &'static Guest> {
    [
        rust::GUESTS,
        python::GUESTS,
        javascript::GUESTS,
        go::GUESTS,
        c::GUESTS,
    ]
    .into_iter()
    .flatten()
}
