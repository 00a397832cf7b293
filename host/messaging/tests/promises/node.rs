//! The one RabbitMQ node of all these tests. It is their own, because they fill it, take rights
//! away, and read its log; they run one after the other, and leave it as they found it.

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use oslo_messaging_tests::broker::Broker;

static NODE: Mutex<Option<Arc<Broker>>> = Mutex::new(None);

/// Starts it if it does not run.
pub(crate) fn node() -> Arc<Broker> {
    let mut node = NODE.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(node.get_or_insert_with(|| {
        // RabbitMQ 4's own limit.
        let limit = format!("max_message_size = {MAX_MESSAGE_SIZE}");
        let broker = Broker::start_with(&limit).unwrap();
        // Whoever found out that it is up did so with a connection, which is nobody's here.
        let begin = Instant::now();
        while !log_of(&broker).contains("closing AMQP connection") && begin.elapsed() < LAG {
            sleep(Duration::from_millis(20));
        }
        Arc::new(broker)
    }))
}

/// Stops it if it runs.
pub(crate) fn stop() {
    drop(NODE.lock().unwrap_or_else(PoisonError::into_inner).take());
}

/// The largest message that it takes.
pub(crate) const MAX_MESSAGE_SIZE: usize = 16 * 1024 * 1024;

/// How one gets in, and where.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) port: u16,
}

impl Login {
    pub(crate) fn of_the_node() -> Self {
        let url = node().url("/");
        let (user, rest) = url
            .strip_prefix("rabbit://")
            .and_then(|url| url.split_once(':'))
            .unwrap();
        let (password, _) = rest.split_once('@').unwrap();
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            port: node().port(),
        }
    }

    /// The same at another port.
    pub(crate) fn at(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// The transport's URL, with options such as `a=1&b=2`. It connects again without long pauses,
    /// unless an option says otherwise.
    pub(crate) fn url(&self, options: &str) -> String {
        let pauses = if options.contains("rabbit_retry_interval") {
            ""
        } else {
            "&rabbit_retry_interval=1&rabbit_retry_backoff=0"
        };
        format!(
            "rabbit://{}:{}@127.0.0.1:{}/?{options}{pauses}",
            self.user, self.password, self.port
        )
    }
}

/// What the node has logged since a place in its log.
pub(crate) fn log_since(place: usize) -> String {
    log().split_off(place)
}

/// The end of the node's log.
pub(crate) fn log_end() -> usize {
    log().len()
}

fn log() -> String {
    log_of(&node())
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

/// How far the log may lag behind.
const LAG: Duration = Duration::from_secs(5);
