//! The broker of these tests, and what its log says about connections.

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use oslo_messaging_tests::broker::Broker;

/// Started when it is needed first.
#[derive(Default)]
pub(crate) struct Node(Mutex<Option<Arc<Broker>>>);

impl Node {
    pub(crate) fn stop(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    pub(crate) fn url(&self) -> String {
        self.broker().url("/")
    }

    pub(crate) fn password(&self) -> String {
        let url = self.url();
        let (login, _) = url.rsplit_once('@').unwrap();
        login.rsplit_once(':').unwrap().1.to_owned()
    }

    pub(crate) fn control(&self, words: &[&str]) -> String {
        self.broker().control(words).unwrap()
    }

    /// The place where its log ends.
    pub(crate) fn log_end(&self) -> usize {
        self.log().len()
    }

    /// Waits until so many connections have been made since a place in the log.
    pub(crate) fn wait_for_connections(&self, since: usize, count: usize) {
        let made = || {
            self.log()
                .split_off(since)
                .matches("authenticated and granted")
                .count()
        };
        assert!(becomes(|| made() >= count), "{} of {count}", made());
    }

    /// Waits until so many connections at least have been made since a place in the log, and all of
    /// them have ended, each of them in good order.
    pub(crate) fn assert_goodbyes(&self, since: usize, least: usize) {
        let log = || self.log().split_off(since);
        let all = becomes(|| {
            let (made, ends) = connections(&log());
            made >= least && ends.len() >= made
        });
        let (made, ends) = connections(&log());
        assert!(
            all,
            "{} of {made} ended, at least {least}: {}",
            ends.len(),
            log()
        );
        let rude: Vec<_> = ends.iter().filter(|end| end.contains('\n')).collect();
        assert!(rude.is_empty(), "of {made} connections {rude:#?}");
    }

    /// Stops it in the middle of whatever it does.
    pub(crate) fn pause(&self) {
        self.broker().pause().unwrap();
    }

    pub(crate) fn resume(&self) {
        self.broker().resume().unwrap();
    }

    fn log(&self) -> String {
        log_of(&self.broker())
    }

    fn broker(&self) -> Arc<Broker> {
        let mut broker = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(broker.get_or_insert_with(|| {
            let broker = Broker::start().unwrap();
            // Whoever found out that it is up did so with a connection, which must not be taken for ours.
            becomes(|| log_of(&broker).contains("closing AMQP connection"));
            Arc::new(broker)
        }))
    }
}

fn log_of(broker: &Broker) -> String {
    let mut names: Vec<_> = fs::read_dir(broker.folder().join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    names
        .iter()
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
        .collect()
}

/// How many connections were made, and how they ended: one line, and a second one with the reason if
/// that was no goodbye.
fn connections(log: &str) -> (usize, Vec<String>) {
    let made: Vec<_> = log
        .lines()
        .filter(|line| line.contains("accepting AMQP connection"))
        .filter_map(client_address)
        .collect();
    let (mut lines, mut ends) = (log.lines().peekable(), Vec::new());
    while let Some(line) = lines.next() {
        let is_one_of_them = client_address(line).is_some_and(|client| made.contains(&client));
        if is_one_of_them && line.contains("closing AMQP connection") {
            let reason = lines.next_if(|next| line.ends_with(':') && !next.is_empty());
            let end = [Some(line), reason].into_iter().flatten();
            ends.push(end.collect::<Vec<_>>().join("\n"));
        }
    }
    (made.len(), ends)
}

/// The first of `127.0.0.1:1 -> 127.0.0.1:2`.
fn client_address(line: &str) -> Option<&str> {
    let (before, _) = line.split_once(" -> ")?;
    before.rsplit(['(', ' ']).next()
}

fn becomes(is_so: impl Fn() -> bool) -> bool {
    let begin = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if begin.elapsed() > LIMIT {
            return false;
        }
        sleep(Duration::from_millis(20));
    }
}

const LIMIT: Duration = Duration::from_secs(20);
