//! Makes, builds and tests plugins for oslo.messaging, in every language that has an SDK.
//!
//! A plugin is a folder with a file by which its language is told, such as `plugin.py`. [`Project`] builds
//! a WebAssembly component of it, and runs its tests; [`create`] makes a fresh one. The SDKs, the WIT texts
//! and the templates are a part of this crate; a [`Builder`] unpacks them, and installs the toolchains
//! that a language needs, whose versions and hashes are pinned.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use oslo_messaging_build::{Builder, Kind, Project, Written, create};
//!
//! let builder = Builder::of_user()?;
//! let plugin = create(&builder, Written::Python, Kind::Endpoint, Path::new("images"))?;
//! plugin.test(&builder)?;
//! println!("{}", plugin.build(&builder)?.display());
//! # Ok::<(), oslo_messaging_build::Error>(())
//! ```
//!
//! The crate runs other programs, which inherit standard output and standard error, and tells on standard
//! error what takes long. Every function blocks. No WebAssembly runtime is in the crate.
//!
//! # Where things are
//!
//! | for | see |
//! |---|---|
//! | a plugin anywhere | [`Project`] |
//! | a fresh one | [`create`], [`Written`], [`Kind`] |
//! | where SDKs and toolchains are | [`Builder`] |
//! | a plugin whose parts are named | [`Plugin`], [`Builder::module`], [`component`] |
//! | what a component says it was built with | [`BuiltWith`] |
//! | what fails | [`Error`] |
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod builder;
mod built_with;
mod c;
pub mod component;
mod embedded;
mod error;
mod go;
pub mod install;
mod javascript;
mod language;
mod namespace;
mod plugin;
pub mod process;
mod project;
mod python;
pub mod rust;
mod template;
mod wit;

pub use self::builder::Builder;
pub use self::built_with::{BuiltWith, Tool};
pub use self::error::{Error, Result};
pub use self::language::Language;
pub use self::plugin::Plugin;
pub use self::project::Project;
pub use self::template::{Kind, Written, create};

/// The world of a program that `oslo-plugin run` runs, in the package `oslo:plugin`.
pub const COMMAND: &str = "command";
