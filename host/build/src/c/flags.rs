//! Flags that a plugin gives its compiler and linker.

use std::fs;
use std::path::Path;

use crate::error::{Context, Result, bail};

/// What `flags.txt` of a plugin's folder says. They come last, so that they win over the build's own.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Flags {
    /// For every file of the plugin and of its `vendor`.
    pub(crate) compile: Vec<String>,
    /// For the linker.
    pub(crate) link: Vec<String>,
}

impl Flags {
    /// Those of a plugin, none when it has no such file.
    ///
    /// # Errors
    /// When the file cannot be read, or has a line that says neither of both.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let path = folder.join("flags.txt");
        if !path.exists() {
            return Ok(Self::default());
        }
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::read(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    fn read(text: &str) -> Result<Self> {
        let mut flags = Self::default();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let list = match line.split_once(':') {
                Some(("compile", rest)) => (&mut flags.compile, rest),
                Some(("link", rest)) => (&mut flags.link, rest),
                _ => bail!(
                    "`{line}` is neither `compile: FLAGS` nor `link: FLAGS`, nor a comment after #"
                ),
            };
            list.0.extend(list.1.split_whitespace().map(str::to_owned));
        }
        Ok(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_whose_flags_they_are() {
        let flags =
            Flags::read("# mine\ncompile: -O3 -DX=1\n\nlink: -Wl,-z,stack-size=9\n").unwrap();
        assert_eq!(flags.compile, ["-O3", "-DX=1"]);
        assert_eq!(flags.link, ["-Wl,-z,stack-size=9"]);
        let error = Flags::read("-O3").unwrap_err().to_string();
        assert!(
            error.starts_with("`-O3` is neither `compile: FLAGS`"),
            "{error}"
        );
    }
}
