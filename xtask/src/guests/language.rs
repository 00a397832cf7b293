//! The languages that guests are written in.

use std::path::Path;

use clap::ValueEnum;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    Rust,
    Python,
    #[value(name = "javascript", alias = "js", alias = "typescript", alias = "ts")]
    JavaScript,
    Go,
    C,
}

impl Language {
    /// The name that a person types, which is also its folder's under `guest/`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Go => "go",
            Self::C => "c",
        }
    }

    /// The language of a plugin's folder, told by the file that every plugin of it has.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let has = |file: &&&str| folder.join(file).exists();
        Self::value_variants()
            .iter()
            .copied()
            .find(|language| language.marks().iter().any(|file| has(&file)))
    }

    /// The files of which one is in every plugin of this language.
    pub(super) const fn marks(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["Cargo.toml"],
            Self::Python => &["plugin.py"],
            Self::JavaScript => &["plugin.js", "plugin.ts"],
            Self::Go => &["plugin.go"],
            Self::C => &["plugin.c", "plugin.cpp"],
        }
    }
}
