//! The program while it runs.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::node::Node;

pub(crate) struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// A file, because nobody reads it before the end.
    stderr: File,
}

/// How it ended.
pub(crate) struct Ended {
    /// None if the kernel ended it at a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Since one began to wait for it.
    pub(crate) took: Duration,
}

impl Program {
    /// Does something with a topic of the node.
    pub(crate) fn to(node: &Node, command: &str, topic: &str, words: &[&str]) -> Self {
        Self::start(node, &[&[command, "--topic", topic], words].concat())
    }

    /// Serves the demo's methods; returns when it does.
    pub(crate) fn serve(node: &Node, topic: &str, words: &[&str]) -> Self {
        let words = [&["--server", "only"], words].concat();
        let mut server = Self::to(node, "serve", topic, &words);
        let mut line = String::new();
        server.stdout.read_line(&mut line).unwrap();
        assert!(line.contains("serving"), "{line}{}", server.end().stderr);
        server
    }

    /// Runs a plugin, and serves the demo's methods to it.
    pub(crate) fn run(node: &Node, plugin: &Path) -> Self {
        Self::start(
            node,
            &[
                "run",
                "--no-cache",
                "--serve-demo",
                plugin.to_str().unwrap(),
            ],
        )
    }

    fn start(node: &Node, words: &[&str]) -> Self {
        let stderr = tempfile::tempfile().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"))
            .args(words)
            .env("OSLO_PLUGIN_TRANSPORT_URL", node.url())
            .env_remove("OSLO_PLUGIN_CONFIG_DIR")
            .env_remove("OSLO_PLUGIN_CONFIG_FILE")
            .env_remove("OSLO_PLUGIN_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr.try_clone().unwrap())
            .spawn()
            .unwrap();
        Self {
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            stderr,
        }
    }

    /// Sends a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success(), "SIG{name}");
    }

    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it ends.
    pub(crate) fn end(mut self) -> Ended {
        let begin = Instant::now();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        let code = self.child.wait().unwrap().code();
        let took = begin.elapsed();
        self.stderr.rewind().unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        Ended {
            code,
            stdout,
            stderr,
            took,
        }
    }
}
