//! The languages that plugins are written in.

use std::path::Path;

/// A language that has an SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Go.
    Go,
    /// C and C++.
    C,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Rust,
        Self::Python,
        Self::JavaScript,
        Self::Go,
        Self::C,
    ];

    /// The name that a person types, which is also that of the SDK's folder under `guest`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Go => "go",
            Self::C => "c",
        }
    }

    /// The language of this name, if there is one. `typescript` is built as `javascript` is, and `cpp` as
    /// `c` is.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = match name {
            "js" | "ts" | "typescript" => "javascript",
            "cpp" => "c",
            other => other,
        };
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The language of a plugin's folder, told by the file that every plugin of it has.
    #[must_use]
    pub fn of(folder: &Path) -> Option<Self> {
        let has = |file: &&str| folder.join(file).exists();
        Self::ALL
            .into_iter()
            .find(|language| language.marks().iter().any(has))
    }

    /// The files of which one is in every plugin of this language.
    pub(crate) const fn marks(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["Cargo.toml"],
            Self::Python => &["plugin.py"],
            Self::JavaScript => &["plugin.js", "plugin.ts"],
            Self::Go => &["plugin.go"],
            Self::C => &["plugin.c", "plugin.cpp"],
        }
    }
}
