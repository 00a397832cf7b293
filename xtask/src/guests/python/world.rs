//! Which world a plugin is built for, and which module of `guest/python/oslo_plugin` exports it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::sources::Sources;
use crate::guests::COMMAND;

/// How a plugin is entered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The module that has the exports.
    pub(super) module: &'static str,
    /// The world of the package that it is for.
    world: String,
    /// Whether it has the host's clocks.
    clocks: bool,
}

impl Entry {
    /// The name of the world that [`wit`](Self::wit) is about.
    pub(super) const WORLD: &str = "build";

    /// What fits the sources: `def main` or `async def main`, with clocks or without.
    pub(super) fn choose(world: &str, sources: &Sources) -> Result<Self> {
        let main = &sources.main;
        let text = fs::read_to_string(main)
            .with_context(|| format!("{} cannot be read", main.display()))?;
        let (module, name) = match world {
            COMMAND if starts_a_line(&text, "async def main(") => {
                ("oslo_plugin.command_async", "command-async")
            }
            COMMAND => ("oslo_plugin.command", COMMAND),
            other => (FUNCTIONS, other),
        };
        Ok(Self {
            module,
            world: name.to_owned(),
            clocks: world == COMMAND && sources.any(|text| imports_any(text, &CLOCKED))?,
        })
    }

    /// Whether it is a program, and not a world of functions.
    pub(super) fn is_command(&self) -> bool {
        self.module != FUNCTIONS
    }

    /// A world of all that, for a package whose folder has other files of it.
    pub(super) fn wit(&self, folder: &Path) -> Result<String> {
        let clocks = if self.clocks { "include clocks;" } else { "" };
        let package = package(folder)?;
        let (name, world) = (Self::WORLD, &self.world);
        Ok(format!(
            "package {package};\n\nworld {name} {{\n    include {world};\n    {clocks}\n}}\n"
        ))
    }
}

const FUNCTIONS: &str = "oslo_plugin.functions";

/// Modules that read a clock.
const CLOCKED: [&str; 3] = ["datetime", "logging", "time"];

/// The name of the package whose files are in a folder.
fn package(folder: &Path) -> Result<String> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_file() {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("package ")?.strip_suffix(';'));
        if let Some(name) = name {
            return Ok(name.to_owned());
        }
    }
    anyhow::bail!("{} has no WIT package", folder.display())
}

fn starts_a_line(text: &str, start: &str) -> bool {
    text.lines().any(|line| line.starts_with(start))
}

/// Whether a source imports one of these modules, anywhere: `import a, b`, `from a import b`.
fn imports_any(text: &str, modules: &[&str]) -> bool {
    let is_one = |name: &str| {
        let name = name.split([' ', '.']).next().unwrap_or_default();
        modules.contains(&name)
    };
    text.lines().map(str::trim_start).any(|line| {
        let (direct, from) = (line.strip_prefix("import "), line.strip_prefix("from "));
        direct.is_some_and(|names| names.split(',').map(str::trim).any(is_one))
            || from.is_some_and(is_one)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_for_those_who_import_them() {
        let check = |text: &str, expected: bool| {
            assert_eq!(imports_any(text, &CLOCKED), expected, "{text}");
        };
        check("import time\n", true);
        check("import os, time as t\n", true);
        check("def f():\n    from datetime import timedelta\n", true);
        check("import logging.config\n", true);
        check(
            "import timeit\nfrom times import time\n# import time\n",
            false,
        );
    }
}
