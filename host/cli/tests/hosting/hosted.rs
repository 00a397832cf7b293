//! A daemon with one plugin.

use std::fs;
use std::path::{Path, PathBuf};

use oslo_messaging_tests::peer::{PythonClient, guests};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::daemon::Daemon;

pub(crate) struct Hosted {
    pub(crate) daemon: Daemon,
    folder: TempDir,
}

impl Hosted {
    /// The plugin `served` as the server `host-1` of a topic, with a rule unless it is empty.
    pub(crate) fn serving(url: &str, topic: &str, rule: &str) -> Self {
        let on = format!("rpc = {{ topic = \"{topic}\", server = \"host-1\" }}");
        Self::start(url, "served", &on, rule)
    }

    pub(crate) fn start(url: &str, plugin: &str, on: &str, rule: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::copy(guest(plugin), component(folder.path())).unwrap();
        let url_file = folder.path().join("url");
        fs::write(&url_file, url).unwrap();
        let mut policy = format!(
            "[transports.default]\nurl = {{ file = \"url\" }}\n\
             [plugins.{plugin}]\ncomponent = \"plugin.wasm\"\n\
             [[plugins.{plugin}.on]]\n{on}\n"
        );
        if !rule.is_empty() {
            policy += &format!("[[plugins.{plugin}.allow]]\n{rule}");
        }
        let file = folder.path().join("plugins.toml");
        fs::write(&file, policy).unwrap();
        let daemon = Daemon::start(&file.to_string_lossy());
        Self { daemon, folder }
    }

    pub(crate) fn component(&self) -> PathBuf {
        component(self.folder.path())
    }
}

fn component(folder: &Path) -> PathBuf {
    folder.join("plugin.wasm")
}

/// A plugin that `cargo xtask guests` builds.
pub(crate) fn guest(name: &str) -> PathBuf {
    guests().unwrap().join(name).with_extension("wasm")
}

/// Calls a method without arguments, which must not fail.
pub(crate) async fn call(python: &PythonClient, topic: &str, method: &str) -> Value {
    let target = json!({"topic": topic, "version": "1.5"});
    let answer = python.call(&target, method, &json!({})).await.unwrap();
    assert!(answer["error"].is_null(), "{answer}");
    answer["result"].clone()
}
