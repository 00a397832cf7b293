//! The test programs that cargo compiles, found by what it says of them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::alone;

/// A program with tests.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// The name of its package.
    package: String,
    version: String,
    /// Its own name, such as `promises`; the package's, when it has the tests inside of the package.
    pub(super) name: String,
    /// Whether it has the tests inside of a library, whose documents have tests too.
    pub(super) is_library: bool,
    /// Where its package is.
    folder: PathBuf,
    executable: PathBuf,
}

impl Program {
    /// What runs it as cargo would.
    pub(super) fn command(&self) -> Command {
        let mut command = alone(Command::new(&self.executable));
        command
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("CARGO_PKG_NAME", &self.package)
            .env("CARGO_PKG_VERSION", &self.version);
        command
    }

    /// What people call it.
    pub(super) fn title(&self) -> String {
        if self.name.replace('_', "-") == self.package {
            format!("{}, what is inside of it", self.package)
        } else {
            format!("{} of {}", self.name, self.package)
        }
    }

    /// What a line of cargo's says, when it is of a program with tests.
    fn of_line(line: &str) -> Option<Self> {
        let said: Value = serde_json::from_str(line).ok()?;
        if said["reason"] != "compiler-artifact" || said["profile"]["test"] != true {
            return None;
        }
        let folder = Path::new(said["manifest_path"].as_str()?).parent()?;
        // `path+file:///folder#0.1.0`, or `path+file:///folder#name@0.1.0` when the folder has another name.
        let (_, id) = said["package_id"].as_str()?.rsplit_once('#')?;
        let (package, version) = match id.split_once('@') {
            Some((package, version)) => (package, version),
            None => (folder.file_name()?.to_str()?, id),
        };
        let kinds = said["target"]["kind"].as_array()?;
        let is_library = |kind: &Value| kind.as_str().is_some_and(|kind| kind.ends_with("lib"));
        Some(Self {
            package: package.to_owned(),
            version: version.to_owned(),
            name: said["target"]["name"].as_str()?.to_owned(),
            is_library: kinds.iter().any(is_library),
            folder: folder.to_owned(),
            executable: said["executable"].as_str()?.into(),
        })
    }
}

/// Compiles with a `cargo test` that has no `--no-run` yet, and says what there is to run; nothing when it does not
/// compile, which cargo has told.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn compile(test: &mut Command) -> Result<Option<Vec<Program>>> {
    test.args(["--no-run", "--message-format=json-render-diagnostics"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut cargo = test.spawn().context("cannot run cargo")?;
    let output = cargo.stdout.take().context("cargo has an output")?;
    let mut programs = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read what cargo says")?;
        let program = Program::of_line(&line);
        programs.extend(program.filter(|program| !BY_THEMSELVES.contains(&program.name.as_str())));
    }
    let compiled = cargo.wait().context("cannot wait for cargo")?.success();
    Ok(compiled.then_some(programs))
}

/// What needs more than the tests have, and has a flag of its own.
const BY_THEMSELVES: [&str; 2] = ["real", "released_modules"];

#[cfg(test)]
impl Program {
    pub(super) fn named(name: &str) -> Self {
        Self {
            package: "of-tests".to_owned(),
            version: "0.1.0".to_owned(),
            name: name.to_owned(),
            is_library: false,
            folder: PathBuf::new(),
            executable: PathBuf::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_what_cargo_says_of_it() {
        let line = |id: &str, kind: &str, name: &str, test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"path+file:///w/host/messaging#{id}",
                "manifest_path":"/w/host/messaging/Cargo.toml","target":{{"kind":["{kind}"],"name":"{name}"}},
                "profile":{{"test":{test}}},"executable":"/w/target/debug/deps/{name}-1"}}"#
            )
            .replace('\n', "")
        };
        let found = Program::of_line(&line("oslo-messaging@0.1.0", "test", "promises", true));
        let found = found.expect("it is a test program");
        assert_eq!(found.title(), "promises of oslo-messaging");
        assert_eq!(found.version, "0.1.0");
        assert!(!found.is_library, "{found:?}");
        let library = line("oslo-messaging@0.1.0", "lib", "oslo_messaging", true);
        let library = Program::of_line(&library).expect("it has tests");
        assert!(library.is_library, "{library:?}");
        assert_eq!(library.title(), "oslo-messaging, what is inside of it");
        let alike = Program::of_line(&line("0.2.0", "test", "all", true)).expect("it is a program");
        assert_eq!(alike.title(), "all of messaging");
        let none = Program::of_line(&line("oslo-messaging@0.1.0", "bin", "x", false));
        assert!(none.is_none(), "a program without tests");
        assert!(Program::of_line(r#"{"reason":"build-finished","success":true}"#).is_none());
        assert!(Program::of_line("running 3 tests").is_none());
    }
}
