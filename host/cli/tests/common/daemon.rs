//! The daemon while it runs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use oslo_messaging_tests::peer::compiled;

use crate::program;

/// What is compiled of the guests is kept, where there are some: the interpreter of one is that of the next.
fn cache() -> Vec<String> {
    match compiled() {
        Ok(folder) => vec!["--cache".to_owned(), folder.display().to_string()],
        Err(_) => vec!["--no-cache".to_owned()],
    }
}

/// The daemon, and the lines of its log.
pub(crate) struct Daemon {
    child: Child,
    log: Receiver<String>,
}

impl Daemon {
    pub(crate) fn start(policy: &str) -> Self {
        Self::start_with(&[], policy)
    }

    pub(crate) fn start_with(options: &[&str], policy: &str) -> Self {
        Self::start_in(&[], options, policy)
    }

    /// With these variables of the environment.
    pub(crate) fn start_in(environment: &[(&str, &str)], options: &[&str], policy: &str) -> Self {
        let mut child = program()
            .envs(environment.iter().copied())
            .arg("host")
            .args(cache())
            .args(options)
            .arg(policy)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (sender, log) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, log }
    }

    /// Waits for a line that says all of this.
    pub(crate) fn says(&self, parts: &[&str]) -> String {
        let ends = Instant::now() + Duration::from_secs(60);
        let mut seen = Vec::new();
        while let Ok(line) = self
            .log
            .recv_timeout(ends.saturating_duration_since(Instant::now()))
        {
            if parts.iter().all(|part| line.contains(part)) {
                return line;
            }
            seen.push(line);
        }
        panic!("nothing says {parts:?}: {seen:#?}");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends it in good order, and returns what it still said.
    pub(crate) fn ends(mut self, signal: &str) -> Vec<String> {
        self.signal(signal);
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
        self.log.iter().collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
