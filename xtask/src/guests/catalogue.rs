//! The guests, and what each may import. A dependency that starts to need sockets, or a plugin that
//! reaches for the other surface, fails the build.

mod c;
mod go;
mod javascript;
mod python;
mod rust;

use super::language::Language;

/// A guest.
pub(super) struct Guest {
    /// The name of its folder and of its component.
    pub(super) name: &'static str,
    /// What it is written in.
    pub(super) language: Language,
    /// The world it is made for, which guests in Rust name in their source instead.
    pub(super) world: Option<&'static str>,
    /// What its module is.
    pub(super) kind: Kind,
    /// The interfaces of this project that it imports, all of them and no other.
    pub(super) imports: &'static [&'static str],
    /// What it may import of WASI.
    pub(super) wasi: &'static [&'static str],
    /// What it exports, all of it and nothing else. A version may be cut short: `@0.2` stands for
    /// every patch of it.
    pub(super) exports: &'static [&'static str],
}

/// What a guest's module is, which decides its target and its adapter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A program with `main`, on WASI.
    Command,
    /// A library that uses WASI.
    Reactor,
    /// A library that needs nothing but this project's interfaces.
    Library,
}

impl Kind {
    pub(super) const fn needs_wasi(self) -> bool {
        !matches!(self, Self::Library)
    }
}

const SYNC: &[&str] = &[
    "oslo:messaging/rpc-client@0.1.0",
    "oslo:messaging/types@0.1.0",
];
const ASYNC: &[&str] = &[
    "oslo:messaging/rpc-client-async@0.1.0",
    "oslo:messaging/types@0.1.0",
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
