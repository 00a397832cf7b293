//! The program in a folder of its own, with nothing of the caller's logins, proxies and authorities.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use oslo_messaging_tests::registry::Registry;
use serde_json::Value;
use tempfile::TempDir;

use super::common::program;
use super::component::component;

/// A folder to work in.
pub(crate) struct AtWork {
    folder: TempDir,
}

impl AtWork {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    /// One with a plugin, `divider.wasm`, that succeeds and does nothing.
    pub(crate) fn with_plugin() -> Self {
        let work = Self::new();
        work.write("divider.wasm", &component("", "i32.const 0"));
        work
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// All that is in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    pub(crate) fn program(&self) -> Command {
        let mut program = program();
        for variable in [
            "DOCKER_CONFIG",
            "REGISTRY_AUTH_FILE",
            "SSL_CERT_DIR",
            "SSL_CERT_FILE",
            "XDG_RUNTIME_DIR",
            "ALL_PROXY",
            "HTTPS_PROXY",
            "HTTP_PROXY",
            "all_proxy",
            "http_proxy",
            "https_proxy",
        ] {
            program.env_remove(variable);
        }
        program
            .env("HOME", self.folder.path())
            .env("OSLO_PLUGIN_CACHE", self.path("compiled"))
            .current_dir(self.folder.path());
        program
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.program().args(words).output().unwrap()
    }

    /// Runs it, and returns the object that it prints.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let output = self.run(&[&["--json"], words].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs it, which fails with this code and says all of this.
    pub(crate) fn fails(&self, words: &[&str], code: i32, says: &[&str]) {
        let output = self.run(words);
        check_failure(&output, code, says);
    }

    pub(crate) fn push(&self, registry: &Registry, name: &str) -> Value {
        self.json(&["push", "--plain-http", "divider.wasm", &at(registry, name)])
    }
}

/// A failure is one message with a code, nothing is printed as a result, and nothing panics.
pub(crate) fn check_failure(output: &Output, code: i32, says: &[&str]) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    for says in says {
        assert!(errors.contains(says), "no `{says}`: {errors}");
    }
    assert!(errors.contains("error: "), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

/// What something is called in a registry.
pub(crate) fn at(registry: &Registry, name: &str) -> String {
    format!("{}/{name}", registry.address())
}

/// Whether a path is a file that this user's others look like.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode()
}
