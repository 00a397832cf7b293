//! An empty folder to work in.

use std::path::Path;
use std::process::{Command, Output};

use oslo_messaging_tests::peer::{compiled, guests};
use tempfile::TempDir;

use crate::program;

/// A folder of an author, who has the program.
pub(crate) struct Area(TempDir);

impl Area {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Runs the program in the folder, which must do what it is asked, and returns what it prints.
    pub(crate) fn does(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program, which must fail, and returns what it says.
    pub(crate) fn fails(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{words:?}: {errors}");
        assert!(!errors.contains("panicked"), "{words:?}: {errors}");
        errors
    }

    /// The program, in the folder.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let guests = guests().unwrap();
        let mut program = program();
        program
            .args(words)
            .current_dir(self.folder())
            // Kept from one run of the tests to the next: what cargo has compiled is in it.
            .env("XDG_CACHE_HOME", guests.join("author"))
            .env("OSLO_PLUGIN_TOOLS", guests.join("tools"))
            .env("OSLO_PLUGIN_CACHE", compiled().unwrap());
        program
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }
}
