//! Secrets: where they are, and how they stay out of everything that is printed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Where a secret is. Its debug output never has the secret in it.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// In a variable of the environment.
    Env(String),
    /// In a file, which has nothing else in it; space around it is cut off. A relative path is
    /// relative to the policy file.
    File(PathBuf),
    /// In the policy file itself.
    Value(ExposedSecret),
}

impl Secret {
    /// Fetches the secret.
    ///
    /// # Errors
    ///
    /// [`SecretError`] if it is not there, is empty, or cannot be read.
    pub fn resolve(&self, source: &impl SecretSource) -> Result<ExposedSecret, SecretError> {
        let text = match self {
            Self::Env(name) => source
                .env(name)
                .ok_or_else(|| SecretError::NoVariable { name: name.clone() })?,
            Self::File(path) => source.file(path).map_err(|error| SecretError::File {
                path: path.clone(),
                source: error,
            })?,
            Self::Value(value) => return Ok(value.clone()),
        };
        match text.trim() {
            "" => Err(SecretError::Empty {
                place: self.to_string(),
            }),
            secret => Ok(ExposedSecret(secret.into())),
        }
    }
}

/// Where it is, and never what.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable `{name}`"),
            Self::File(path) => write!(f, "the file `{}`", path.display()),
            Self::Value(_) => f.write_str("the policy file"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}

/// The text of a secret. It is printed as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct ExposedSecret(Box<str>);

impl ExposedSecret {
    /// The secret itself, for whoever needs it; nothing else gives it away.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for ExposedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What secrets are fetched from. [`System`] is the real thing; a vault may be another.
pub trait SecretSource {
    /// The variable of the environment, if there is one.
    fn env(&self, name: &str) -> Option<String>;

    /// What is in the file.
    ///
    /// # Errors
    ///
    /// Whatever reading a file can end with.
    fn file(&self, path: &Path) -> io::Result<String>;
}

/// The environment and the files of this process.
#[derive(Clone, Debug)]
pub struct System {
    folder: PathBuf,
}

impl System {
    /// Relative paths are relative to the folder that this policy file is in.
    #[must_use]
    pub fn beside(policy_file: &Path) -> Self {
        let folder = policy_file.parent().unwrap_or_else(|| Path::new(""));
        Self {
            folder: folder.to_owned(),
        }
    }
}

impl SecretSource for System {
    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(self.folder.join(path))
    }
}

/// Why a secret could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is nothing but space.
    #[error("{place} is empty, write the secret there")]
    Empty {
        /// Where it was looked for.
        place: String,
    },
    /// The file cannot be read.
    #[error("the secret's file `{path}` cannot be read", path = path.display())]
    File {
        /// The file, as the policy has it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The variable is not set, or not text.
    #[error("the environment variable `{name}` is not set, or not UTF-8; set it to the secret")]
    NoVariable {
        /// Its name.
        name: String,
    },
}
