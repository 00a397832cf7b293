//! Which world a plugin is built for, and which module of `guest/python/oslo_component` exports it.

use std::path::Path;

use crate::error::{Context, Result};
use wit_parser::WorldItem;

use super::sources::Sources;
use crate::COMMAND;
use crate::wit;

/// What a command needs of its world. The plugin's own modules know it for certain when they are
/// imported, which is when the component is made: [`Needs::guess`] is right for most, and
/// [`Needs::of`] reads what the build says when it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Its `main` is an `async def`.
    asynchronous: bool,
    /// It, or a package of it, imports what reads a clock.
    clocks: bool,
}

impl Needs {
    /// What a look at the sources suggests.
    pub(crate) fn guess(sources: &Sources) -> Result<Self> {
        let main = std::fs::read_to_string(&sources.main)
            .with_context(|| format!("{} cannot be read", sources.main.display()))?;
        Ok(Self {
            asynchronous: main.contains("\nasync def main("),
            clocks: sources.any(reads_clocks)?,
        })
    }

    /// What a build that failed asks for, if it is that.
    pub(crate) fn of(output: &str) -> Option<Self> {
        let (_, said) = output.split_once("AnotherWorld: async=")?;
        let (asynchronous, rest) = said.split_once(" clocks=")?;
        Some(Self {
            asynchronous: asynchronous == "True",
            clocks: rest.starts_with("True"),
        })
    }
}

/// Whether a source imports what imports `time`. One that does so in another way finds out when it is built.
fn reads_clocks(text: &str) -> bool {
    let is_clocked = |name: &str| {
        let module = name.split_whitespace().next().unwrap_or_default();
        let within = |rest: &str| rest.is_empty() || rest.starts_with('.');
        CLOCKED
            .iter()
            .any(|it| module.strip_prefix(it).is_some_and(within))
    };
    text.lines()
        .any(|line| match line.trim_start().split_once(' ') {
            Some(("from", modules)) => is_clocked(modules),
            Some(("import", modules)) => modules.split(',').any(is_clocked),
            _ => false,
        })
}

const CLOCKED: [&str; 6] = [
    "concurrent.futures",
    "datetime",
    "logging",
    "queue",
    "threading",
    "time",
];

/// How a plugin is entered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The module that has the exports.
    pub(crate) module: &'static str,
    /// The world of the package that it is for.
    world: String,
    /// Whether it may have the host's clocks.
    clocks: bool,
}

impl Entry {
    /// The name of the world that [`wit`](Self::wit) is about.
    pub(crate) const WORLD: &str = "build";

    /// What fits a world.
    pub(crate) fn choose(world: &str, needs: Needs) -> Self {
        let is_command = world == COMMAND;
        let (module, name) = match (is_command, needs.asynchronous) {
            (true, true) => ("oslo_component.command_async", "command-async"),
            (true, false) => ("oslo_component.command", COMMAND),
            (false, _) => (FUNCTIONS, world),
        };
        Self {
            module,
            world: name.to_owned(),
            clocks: needs.clocks,
        }
    }

    /// Whether it is a program, and not a world of functions.
    pub(crate) fn is_command(&self) -> bool {
        self.module != FUNCTIONS
    }

    /// A world of all that, for a package whose folder has other files of it. A program, and a plugin
    /// whose endpoints the SDK exports, is given what Python needs besides its own world.
    ///
    /// # Errors
    /// When the package in this folder is not valid.
    pub(crate) fn wit(&self, folder: &Path) -> Result<String> {
        let clocks = if self.clocks { CLOCKS } else { &[] };
        let more = if self.is_command() {
            [&["include notifications;"], clocks].concat()
        } else if has_endpoints(folder, &self.world)? {
            // Where else would the exception of a `server()` be told?
            [&["import wasi:cli/stderr@0.2.12;"], clocks].concat()
        } else {
            Vec::new()
        };
        let package = package(folder)?;
        let (name, world, more) = (Self::WORLD, &self.world, more.join("\n    "));
        Ok(format!(
            "package {package};\n\nworld {name} {{\n    include {world};\n    {more}\n}}\n"
        ))
    }
}

/// Whether a world exports what the SDK has endpoints for.
fn has_endpoints(folder: &Path, world: &str) -> Result<bool> {
    let (resolve, package) = wit::read(folder)?;
    let world = wit::world(&resolve, package, world)?;
    let exports = wit::exports(&resolve, world);
    let mut names = exports.map(|(key, _)| resolve.name_world_key(key));
    Ok(names.any(|name| ENDPOINTS.iter().any(|it| name.starts_with(it))))
}

/// Each with its twin with `async`.
const ENDPOINTS: [&str; 2] = [
    "oslo:messaging/notification-endpoint",
    "oslo:messaging/rpc-endpoint",
];
/// By the version that lies beside the packages of plugins.
const CLOCKS: &[&str] = &[
    "import wasi:clocks/monotonic-clock@0.2.12;",
    "import wasi:clocks/wall-clock@0.2.12;",
];
const FUNCTIONS: &str = "oslo_component.functions";

/// The options that name the modules of the interfaces that the SDK uses, so that none of an author's
/// own world has the name of one: `INTERFACE=oslo_messaging_types`, `INTERFACE=wasi_random_random`.
///
/// # Errors
/// When the package in this folder is not valid.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    let (resolve, package) = wit::read(folder)?;
    let world = wit::world(&resolve, package, Entry::WORLD)?;
    let mut names = Vec::new();
    for (_, item) in wit::imports(&resolve, world) {
        let WorldItem::Interface { id, .. } = item else {
            continue;
        };
        let Some(name) = resolve.id_of(*id) else {
            continue;
        };
        let plain = name.split('@').next().unwrap_or_default();
        let python = match plain.split_once('/') {
            Some(("oslo:messaging", interface)) => format!("oslo_messaging_{interface}"),
            _ if SDKS_WASI.contains(&plain) => {
                format!(
                    "wasi_{}",
                    plain.trim_start_matches("host:").replace('/', "_")
                )
            }
            _ => continue,
        };
        names.push(format!("{name}={}", python.replace('-', "_")));
    }
    Ok(names)
}

/// By the name that WASI has while a component is made.
const SDKS_WASI: [&str; 6] = [
    "host:cli/environment",
    "host:cli/stderr",
    "host:cli/stdout",
    "host:clocks/monotonic-clock",
    "host:clocks/wall-clock",
    "host:random/random",
];

/// The name of the package whose files are in a folder.
fn package(folder: &Path) -> Result<String> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("package ")?.strip_suffix(';'));
        if let Some(name) = name {
            return Ok(name.to_owned());
        }
    }
    crate::error::bail!("{} has no WIT package", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_asks_for_another_world_is_understood() {
        let check = |output: &str, expected: Option<(bool, bool)>| {
            let needs = Needs::of(output).map(|it| (it.asynchronous, it.clocks));
            assert_eq!(needs, expected, "{output}");
        };
        check(
            "AssertionError: oslo_component.needs.AnotherWorld: async=True clocks=False\n\nCaused by:",
            Some((true, false)),
        );
        check("AnotherWorld: async=False clocks=True", Some((false, true)));
        check("ImportError: no", None);
    }

    #[test]
    fn who_names_a_module_does_not_import_it() {
        for (text, imports) in [
            ("x = 1\nimport os, time as clock\n", true),
            ("    from concurrent.futures import wait\n", true),
            ("import logging.handlers\n", true),
            ("import timetable, times\n", false),
            ("find('concurrent.futures', 'queue', 'time')\n", false),
        ] {
            assert_eq!(reads_clocks(text), imports, "{text}");
        }
    }

    #[test]
    fn endpoints_are_given_what_python_tells_errors_and_time_with() {
        let folder = tempfile::tempdir().unwrap();
        let deps = folder.path().join("deps");
        std::fs::create_dir(&deps).unwrap();
        let messaging = "package oslo:messaging@0.1.0; interface rpc-endpoint-async { f: func(); }";
        std::fs::write(deps.join("messaging.wit"), messaging).unwrap();
        let worlds = "package acme:host;\n
            world serves { export oslo:messaging/rpc-endpoint-async@0.1.0; } world alone {}";
        std::fs::write(folder.path().join("world.wit"), worlds).unwrap();
        let check = |world: &str, clocks: bool, expected: &[&str]| {
            let needs = Needs {
                asynchronous: false,
                clocks,
            };
            let wit = Entry::choose(world, needs).wit(folder.path()).unwrap();
            let imports = wit.lines().filter(|line| line.contains("import wasi:"));
            let imports: Vec<_> = imports
                .map(|it| it.trim().replace("import wasi:", ""))
                .collect();
            assert_eq!(imports, expected, "{wit}");
        };
        check("serves", false, &["cli/stderr@0.2.12;"]);
        check(
            "serves",
            true,
            &[
                "cli/stderr@0.2.12;",
                "clocks/monotonic-clock@0.2.12;",
                "clocks/wall-clock@0.2.12;",
            ],
        );
        check("alone", true, &[]);
    }

    #[test]
    fn what_the_sdk_uses_has_names_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let deps = folder.path().join("deps");
        std::fs::create_dir(&deps).unwrap();
        let write = |path: &Path, text: &str| std::fs::write(path, text).unwrap();
        write(
            &deps.join("messaging.wit"),
            "package oslo:messaging@0.1.0; interface rpc-async { f: func(); }",
        );
        write(
            &deps.join("host.wit"),
            "package host:random@0.2.12; interface random { f: func(); } interface insecure { f: func(); }",
        );
        write(
            &folder.path().join("world.wit"),
            "package acme:host; interface random { f: func(); } world build {
                import random; import oslo:messaging/rpc-async@0.1.0;
                import host:random/random@0.2.12; import host:random/insecure@0.2.12; }",
        );
        assert_eq!(
            names(folder.path()).unwrap(),
            [
                "oslo:messaging/rpc-async@0.1.0=oslo_messaging_rpc_async",
                "host:random/random@0.2.12=wasi_random_random",
            ]
        );
    }
}
