//! Plugins that lie anywhere: a folder each.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::builder::Builder;
use crate::component::{Module, componentise, kind};
use crate::error::{Context, Result, bail};
use crate::language::Language;
use crate::plugin::Plugin;
use crate::process::taking_long;
use crate::{COMMAND, c, embedded, go, javascript, python, rust, wit};

/// A plugin in a folder of its own, wherever that is and whatever it is called.
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
    name: String,
    language: Language,
}

impl Project {
    /// The plugin in a folder. Its language is told by the file that every plugin of it has, such as
    /// `plugin.py`.
    ///
    /// # Errors
    /// When there is no such folder, or no plugin in a known language is in it.
    pub fn open(folder: &Path) -> Result<Self> {
        let folder = fs::canonicalize(folder)
            .with_context(|| format!("there is no folder {}", folder.display()))?;
        let Some(language) = Language::of(&folder) else {
            let marks = Language::ALL.iter().flat_map(|it| it.marks());
            bail!(
                "{} has no plugin: none of {} is in it",
                folder.display(),
                marks.copied().collect::<Vec<_>>().join(", ")
            );
        };
        let name = folder.file_name().and_then(|name| name.to_str());
        let name = name
            .with_context(|| format!("{} has no name that is text", folder.display()))?
            .to_owned();
        Ok(Self {
            folder,
            name,
            language,
        })
    }

    /// What it is written in.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The file that [`build`](Self::build) writes: `FOLDER/NAME.wasm`, where the folder is called NAME.
    #[must_use]
    pub fn component(&self) -> PathBuf {
        // Not `with_extension`, because a name may have a dot in it.
        self.folder.join(format!("{}.wasm", self.name))
    }

    /// Builds its component, and returns the file. A toolchain that is missing is installed before; what
    /// the toolchain says is shown as it is.
    ///
    /// The file is renamed into place: who runs the component never sees half of it.
    ///
    /// # Errors
    /// When a toolchain cannot be had, which says what to install, or the plugin does not compile.
    pub fn build(&self, builder: &Builder) -> Result<PathBuf> {
        self.link(builder)?;
        let key = self.key();
        let _lock = builder.lock(&key)?;
        let make = || {
            let module = builder.module(self.language, &self.plugin(builder, &key)?)?;
            componentise(kind(&module.file)?, &module)
        };
        let component = self
            .watched(make)
            .with_context(|| format!("cannot build {}", self.folder.display()))?;
        let path = self.component();
        embedded::write(&path, &component)?;
        Ok(path)
    }

    /// Runs its own tests, with the language's own runner and the double of the host that the SDK has:
    /// `cargo test`, `pytest` or `unittest`, `node --test`, `go test`, and programs of `tests/` in C and
    /// C++. Nothing of it is a component. What they print is shown as it is.
    ///
    /// # Errors
    /// When a toolchain cannot be had, there are no tests, or one fails.
    pub fn test(&self, builder: &Builder) -> Result<()> {
        self.link(builder)?;
        let key = self.key();
        let _lock = builder.lock(&key)?;
        let plugin = self.plugin(builder, &key)?;
        let run = || match self.language {
            Language::Rust => rust::test(builder, &plugin),
            Language::Python => python::test(builder, &plugin),
            Language::JavaScript => javascript::test(builder, &plugin),
            Language::Go => go::test(builder, &plugin),
            Language::C => c::test(builder, &plugin),
        };
        self.watched(run)
            .with_context(|| format!("the tests of {} did not pass", self.folder.display()))
    }

    /// Says what takes the time, where the compiler itself says nothing.
    fn watched<T>(&self, action: impl FnOnce() -> T) -> T {
        match self.language {
            Language::C => taking_long(|| FIRST_IN_C.to_owned(), action),
            _ => action(),
        }
    }

    /// Writes what lets editors and the language's own tools find the SDK, where nothing does it yet.
    /// [`build`](Self::build) and [`test`](Self::test) do it as well.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn link(&self, builder: &Builder) -> Result<()> {
        match self.language {
            Language::Rust => rust::link(builder, &self.folder),
            Language::JavaScript => javascript::link(builder, &self.folder),
            Language::Go => go::link(builder, &self.folder),
            Language::C | Language::Python => Ok(()),
        }
    }

    /// A plugin may bring a world of its own, in its folder `wit`.
    fn plugin<'a>(&self, builder: &Builder, key: &'a str) -> Result<Plugin<'a>> {
        let own = self.folder.join("wit");
        let (package, world) = if own.is_dir() {
            (own, "plugin")
        } else {
            (builder.sdk.join("guest/wit"), COMMAND)
        };
        Ok(Plugin {
            name: key,
            source: self.folder.clone(),
            wit: builder.assemble(&package, key)?,
            world,
        })
    }

    /// A name that no other folder has, and that is a plain one for files.
    fn key(&self) -> String {
        let digest = Sha256::digest(self.folder.as_os_str().as_encoded_bytes());
        let digest: String = format!("{digest:x}").chars().take(12).collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name: String = self.name.chars().filter(|&c| plain(c)).take(40).collect();
        format!("{name}-{digest}")
    }
}

const FIRST_IN_C: &str =
    "Zig compiles: the first time its own libraries too, in a minute, and later in some seconds";

impl Builder {
    /// Builds the module of a plugin, or its component where the tools of the language make one.
    ///
    /// # Errors
    /// As [`Project::build`].
    pub fn module(&self, language: Language, plugin: &Plugin<'_>) -> Result<Module> {
        match language {
            Language::Rust => rust::build(self, plugin),
            Language::Python => python::build(self, plugin),
            Language::JavaScript => javascript::build(self, plugin),
            Language::Go => go::build(self, plugin),
            Language::C => c::build(self, plugin),
        }
    }

    /// Puts a WIT package, the files of a folder, together with `oslo:messaging` and WASI 0.2 in a folder
    /// of this name, and returns that.
    ///
    /// # Errors
    /// When files cannot be read or written.
    pub fn assemble(&self, package: &Path, name: &str) -> Result<PathBuf> {
        wit::assemble(self, package, name)
    }

    /// The folders that a plugin in Python has modules in besides its own.
    ///
    /// # Errors
    /// When its `plugin.pth` cannot be read.
    pub fn more_sources(plugin: &Plugin<'_>) -> Result<Vec<PathBuf>> {
        python::more_sources(plugin)
    }

    /// Makes what an SDK is obtained by in a folder, and returns it: an archive for C, a module proxy for
    /// Go.
    ///
    /// # Errors
    /// When that is packed by the language's own tools, or it cannot be made.
    pub fn archive(&self, language: Language, folder: &Path) -> Result<PathBuf> {
        match language {
            Language::C => c::archive(self, folder),
            Language::Go => go::archive(self, folder),
            other => bail!(
                "the SDK of {} is packed by that language's own tools",
                other.name()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_any_name_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let project = |name: &str| {
            let folder = folder.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("plugin.go"), "package main\n").unwrap();
            Project::open(&folder).unwrap()
        };
        let (one, two) = (project("my plugin, v1.5"), project("my plugin v1.5"));
        assert_eq!(one.language(), Language::Go);
        assert_ne!(one.key(), two.key());
        assert!(one.key().starts_with("mypluginv15-"), "{}", one.key());
        assert!(
            one.component()
                .ends_with("my plugin, v1.5/my plugin, v1.5.wasm")
        );
    }

    #[test]
    fn a_folder_without_a_plugin_is_told_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let error = Project::open(folder.path()).unwrap_err().to_string();
        assert!(
            error.ends_with(
                "has no plugin: none of Cargo.toml, plugin.py, plugin.js, plugin.ts, plugin.go, \
                 plugin.c, plugin.cpp is in it"
            ),
            "{error}"
        );
        let gone = folder.path().join("gone");
        let error = Project::open(&gone).unwrap_err().to_string();
        assert!(error.starts_with("there is no folder "), "{error}");
    }
}
