//! Fresh plugins.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::builder::Builder;
use crate::error::{Context, Result, bail, ensure};
use crate::language::Language;
use crate::project::Project;

/// What a fresh plugin is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// C.
    C,
    /// C++.
    Cpp,
    /// Go.
    Go,
    /// JavaScript.
    JavaScript,
    /// Python.
    Python,
    /// Rust.
    Rust,
    /// TypeScript.
    TypeScript,
}

impl Written {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Rust,
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::Go,
        Self::C,
        Self::Cpp,
    ];

    /// The name that a person types.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Go => "go",
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::Rust => "rust",
            Self::TypeScript => "typescript",
        }
    }

    /// The one of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = match name {
            "js" => "javascript",
            "ts" => "typescript",
            other => other,
        };
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The language as which it is built.
    #[must_use]
    pub const fn language(self) -> Language {
        match self {
            Self::C | Self::Cpp => Language::C,
            Self::Go => Language::Go,
            Self::JavaScript | Self::TypeScript => Language::JavaScript,
            Self::Python => Language::Python,
            Self::Rust => Language::Rust,
        }
    }

    /// The kinds of plugins that there are in it.
    #[must_use]
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Python | Self::Rust => &[
                Kind::Command,
                Kind::Async,
                Kind::Endpoint,
                Kind::Notification,
            ],
            Self::C | Self::Go | Self::JavaScript | Self::TypeScript => {
                &[Kind::Command, Kind::Endpoint, Kind::Notification]
            }
            Self::Cpp => &[Kind::Command],
        }
    }

    /// Why a kind is not among them.
    const fn instead(self) -> &'static str {
        match self {
            Self::C => "; `oslo_start_call` of a `command` has many calls in flight",
            Self::Cpp => "; what serves or handles notifications is written in C",
            Self::Go => "; goroutines of a `command` have many calls in flight",
            Self::JavaScript | Self::TypeScript => "; the `main` of a `command` may be `async`",
            Self::Python | Self::Rust => "",
        }
    }
}

/// What a plugin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program, which may have calls in flight with `async`.
    Async,
    /// A program, which calls and casts.
    Command,
    /// It serves methods.
    Endpoint,
    /// It handles notifications.
    Notification,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Command,
        Self::Async,
        Self::Endpoint,
        Self::Notification,
    ];

    /// The name that a person types.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Command => "command",
            Self::Endpoint => "endpoint",
            Self::Notification => "notification",
        }
    }

    /// The one of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The command that runs a plugin of this name; for one that serves, with another that calls it.
    #[must_use]
    pub fn run(self, name: &str) -> String {
        match self {
            Self::Async | Self::Command => format!("oslo-plugin run --serve-demo {name}.wasm"),
            Self::Endpoint => format!(
                "oslo-plugin serve --transport rabbit://user:password@host/ --topic {name} \
                 --server host-1 {name}.wasm\n\
                 oslo-plugin call --transport rabbit://user:password@host/ --topic {name} divide a=7 b=2"
            ),
            Self::Notification => "TRANSPORT_URL=rabbit://user:password@host/ \
                                   oslo-plugin host plugins.toml"
                .to_owned(),
        }
    }
}

/// Makes a fresh plugin in a folder that does not exist yet, whose last part is the plugin's name. It can
/// be built, its tests pass, and its `README.md` says how it is run.
///
/// # Errors
/// When the folder exists, its name is none for a plugin, the language has no such kind, or a file cannot
/// be written. Where the folder exists nothing is changed.
pub fn create(builder: &Builder, written: Written, kind: Kind, folder: &Path) -> Result<Project> {
    let name = name(folder)?;
    if !written.kinds().contains(&kind) {
        let kinds: Vec<_> = written.kinds().iter().map(|it| it.name()).collect();
        bail!(
            "there is no `{}` in {}, which has {}{}",
            kind.name(),
            written.name(),
            kinds.join(", "),
            written.instead()
        );
    }
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above).with_context(|| format!("cannot make {}", above.display()))?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{} exists already; nothing was changed", folder.display())
        }
        made => made.with_context(|| format!("cannot make {}", folder.display()))?,
    }
    let made = fill(builder, written, kind, &name, folder);
    if made.is_err() {
        // What is half made would be in the way of the next attempt.
        drop(fs::remove_dir_all(folder));
    }
    made
}

fn fill(
    builder: &Builder,
    written: Written,
    kind: Kind,
    name: &str,
    folder: &Path,
) -> Result<Project> {
    let guest = builder.sdk.join("guest");
    let run = kind.run(name);
    let words = [("RUN", run.as_str()), ("NAME", name)];
    for from in parts(&guest, written, kind) {
        if from.is_dir() {
            copy(&from, folder, &words)?;
        }
    }
    let project = Project::open(folder)?;
    project.link(builder)?;
    Ok(project)
}

/// The folders of a template that are put together, those that may be missing too: what all languages have,
/// what the language has, and what its dialect has.
fn parts(guest: &Path, written: Written, kind: Kind) -> [PathBuf; 4] {
    let templates = guest.join(written.language().name()).join("template");
    let own = templates.join(written.name());
    [
        guest.join("template").join(kind.name()),
        templates.join("common"),
        own.join("common"),
        own.join(kind.name()),
    ]
}

/// The plugin's name: one that every language takes for a package.
fn name(folder: &Path) -> Result<String> {
    let name = folder.file_name().and_then(OsStr::to_str);
    let name = name.with_context(|| {
        format!(
            "{} does not end with a name: give the folder that is to be made, such as `my-plugin`",
            folder.display()
        )
    })?;
    let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    let goes_on_well = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    ensure!(
        starts_well && goes_on_well,
        "`{name}` is no name for a plugin: take small letters, digits and `-`, a letter first"
    );
    // Templates have worlds in a package of this name, and cargo has folders of its own.
    let text = format!("package acme:{name};\nworld it {{}}\n");
    let is_of_wit = wit_parser::Resolve::default()
        .push_str("name.wit", &text)
        .is_ok();
    ensure!(
        is_of_wit && !["build", "deps", "examples", "incremental"].contains(&name),
        "`{name}` is no name for a plugin: it is a word of WIT or of cargo, or a `-` has no word behind it"
    );
    Ok(name.to_owned())
}

/// Copies the files of a folder, and of the folders in it, with words replaced.
fn copy(from: &Path, to: &Path, words: &[(&str, &str)]) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&source, &target, words)?;
            continue;
        }
        let text = fs::read_to_string(&source)
            .with_context(|| format!("cannot read {}", source.display()))?;
        let text = words
            .iter()
            .fold(text, |text, (word, value)| text.replace(word, value));
        fs::write(&target, text).with_context(|| format!("cannot write {}", target.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_every_language_takes() {
        for good in ["plugin", "of/mine/my-plugin-2"] {
            assert!(name(Path::new(good)).is_ok(), "{good}");
        }
        for bad in ["", "..", "Plugin", "my_plugin", "2nd", "-x", "plug in", "é"] {
            assert!(name(Path::new(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_kind_of_every_language_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let builder = Builder::in_folder(&folder.path().join("cache"), None).unwrap();
        for written in Written::ALL {
            for &kind in written.kinds() {
                let name = format!("a-{}-{}", written.name(), kind.name());
                let plugin = folder.path().join(&name);
                let project = create(&builder, written, kind, &plugin).unwrap();
                assert_eq!(project.language(), written.language(), "{name}");
                assert_eq!(Language::of(&plugin), Some(written.language()), "{name}");
                let readme = fs::read_to_string(plugin.join("README.md")).unwrap();
                assert!(readme.starts_with(&format!("# {name}\n")), "{readme}");
                assert!(readme.contains(&kind.run(&name)), "{readme}");
                assert!(plugin.join(".gitignore").exists(), "{name}");
                for word in ["NAME", "CRATE", "RUN"] {
                    assert!(!readme.contains(word), "{name}: {word}");
                }
                let again = create(&builder, written, kind, &plugin).unwrap_err();
                assert!(
                    again
                        .to_string()
                        .ends_with("exists already; nothing was changed"),
                    "{again}"
                );
            }
        }
    }

    /// Go has modules and packages of names of one word, such as `go` and `net`, and takes no others of these names.
    #[test]
    fn a_module_of_go_is_called_as_none_of_go() {
        let folder = tempfile::tempdir().unwrap();
        let builder = Builder::in_folder(&folder.path().join("cache"), None).unwrap();
        for name in ["go", "net"] {
            let plugin = folder.path().join(name);
            create(&builder, Written::Go, Kind::Command, &plugin).unwrap();
            let manifest = fs::read_to_string(plugin.join("go.mod")).unwrap();
            let module = format!("module example.com/{name}\n");
            assert!(manifest.starts_with(&module), "{manifest}");
        }
    }

    #[test]
    fn a_kind_that_a_language_lacks_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let builder = Builder::in_folder(folder.path(), None).unwrap();
        let plugin = folder.path().join("plugin");
        let error = create(&builder, Written::Go, Kind::Async, &plugin).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no `async` in go, which has command, endpoint, notification; goroutines of a \
             `command` have many calls in flight"
        );
        assert!(!plugin.exists());
    }
}
