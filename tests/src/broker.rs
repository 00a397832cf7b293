//! A private RabbitMQ node: own folder, own ports on 127.0.0.1, own Erlang port mapper.
//!
//! It never touches the machine's own RabbitMQ. Booting takes five to ten seconds, so one node
//! serves a whole run, and tests keep apart by their topics and exchanges; a test that breaks its
//! broker starts one of its own. Which RabbitMQ it is, [`Installed`] says. A node whose owner is killed is ended by [`crate::contain`].

mod control;
mod installed;
mod node;

use std::iter;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rustix::process::Signal;

use self::control::Control;
pub use self::installed::{Installed, Version};
use self::node::{Node, Ports, USER};
use crate::contain::unique;
use crate::running::Running;

/// A running node. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub struct Broker {
    /// Started when it is asked for first, and gone before the node is.
    control: Mutex<Option<Control>>,
    server: Mutex<Running>,
    /// Shared by the nodes of a cluster, and gone with the last of them.
    mapper: Arc<Running>,
    node: Node,
    password: String,
}

impl Broker {
    /// Starts a node of the [chosen](Installed::chosen) version and returns when it accepts AMQP
    /// connections.
    ///
    /// # Errors
    ///
    /// Fails when that version is not installed, or is not up within a minute; the message has the
    /// end of its log.
    pub fn start() -> Result<Self> {
        Self::start_with("")
    }

    /// As [`start`](Self::start), with more lines for `rabbitmq.conf`.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_with(configuration: &str) -> Result<Self> {
        Self::start_as(&Installed::chosen()?, configuration)
    }

    /// As [`start_with`](Self::start_with), of this version.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_as(installed: &Installed, configuration: &str) -> Result<Self> {
        again_if_a_port_is_taken(|| {
            let password = unique();
            let cookie = unique();
            let node = Node::new(
                installed.clone(),
                Ports::pick()?,
                &cookie,
                &password,
                configuration,
            )?;
            Ok(Self {
                control: Mutex::default(),
                mapper: Arc::new(node.start_mapper()?),
                server: Mutex::new(node.start_server()?),
                node,
                password,
            })
        })
    }

    /// Starts another node and takes it into the cluster of this one.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and when the node cannot join.
    pub fn start_beside(&self) -> Result<Self> {
        let second = again_if_a_port_is_taken(|| {
            let ports = Ports::pick()?.beside(self.node.ports());
            let installed = self.node.installed().clone();
            let node = Node::new(installed, ports, &self.node.cookie()?, &self.password, "")?;
            Ok(Self {
                control: Mutex::default(),
                mapper: Arc::clone(&self.mapper),
                server: Mutex::new(node.start_server()?),
                node,
                // Who joins forgets its own users.
                password: self.password.clone(),
            })
        })?;
        second.control(&["stop_app"])?;
        second.control(&["join_cluster", self.node.name()])?;
        second.control(&["start_app"])?;
        Ok(second)
    }

    /// Ends the server without a word, as a crash would. What it has written stays.
    ///
    /// # Errors
    ///
    /// Fails when the kernel refuses.
    pub fn kill(&self) -> Result<()> {
        self.server().kill()
    }

    /// Starts the server after [`kill`](Self::kill) with what it had written, and returns when it
    /// accepts AMQP connections.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_again(&self) -> Result<()> {
        let mut server = self.server();
        *server = self.node.start_server()?;
        Ok(())
    }

    /// Stops the server in the middle of whatever it does: it keeps its connections and says
    /// nothing.
    ///
    /// # Errors
    ///
    /// Fails when the kernel refuses.
    pub fn pause(&self) -> Result<()> {
        self.server().signal(Signal::STOP)
    }

    /// Lets it go on after [`pause`](Self::pause).
    ///
    /// # Errors
    ///
    /// Fails when the kernel refuses.
    pub fn resume(&self) -> Result<()> {
        self.server().signal(Signal::CONT)
    }

    /// The transport URL of a virtual host, `/` for the one that exists from the start.
    #[must_use]
    pub fn url(&self, virtual_host: &str) -> String {
        let encoded = virtual_host.replace('%', "%25").replace('/', "%2F");
        format!(
            "rabbit://{USER}:{}@127.0.0.1:{}/{encoded}",
            self.password,
            self.node.port()
        )
    }

    /// The version of RabbitMQ that it runs.
    #[must_use]
    pub const fn version(&self) -> &Version {
        self.node.installed().version()
    }

    /// The port of the AMQP listener.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.node.port()
    }

    /// Where the node keeps what it writes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.node.folder()
    }

    /// The processes to be gone when the node is stopped: the port mapper and the server.
    #[must_use]
    pub fn process_ids(&self) -> [u32; 2] {
        [self.mapper.id(), self.server().id()]
    }

    /// Creates a virtual host in which the node's user may do everything.
    ///
    /// # Errors
    ///
    /// Fails when `rabbitmqctl` does.
    pub fn add_virtual_host(&self, name: &str) -> Result<()> {
        self.control(&["add_vhost", name])?;
        self.control(&["set_permissions", "-p", name, USER, ".*", ".*", ".*"])?;
        Ok(())
    }

    /// Runs `rabbitmqctl` against this node and returns what it printed.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be run or does not succeed, with what it said.
    pub fn control(&self, arguments: &[&str]) -> Result<String> {
        let arguments: Vec<_> = iter::once("--quiet")
            .chain(arguments.iter().copied())
            .collect();
        let begin = Instant::now();
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        let control = &mut *control;
        let ended = loop {
            let running = match control {
                Some(running) => running,
                None => control.insert(Control::start(&self.node)?),
            };
            let ended = running.run(&arguments).inspect_err(|_| *control = None)?;
            // A node accepts connections a moment before it calls itself running.
            let early = ended.complaints.contains(NOT_RUNNING);
            if !early || begin.elapsed() > PATIENCE {
                break ended;
            }
        };
        ensure!(
            ended.success,
            "rabbitmqctl {}: {}{}",
            arguments.join(" "),
            ended.complaints,
            ended.output,
        );
        Ok(ended.output)
    }

    /// A program of RabbitMQ's, such as `rabbitmq-plugins`, that will talk to this node.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        self.node.command(program)
    }

    /// The environment that makes `rabbitmqctl`, run by somebody else, talk to this node.
    #[must_use]
    pub fn control_environment(&self) -> Vec<(&'static str, String)> {
        self.node.environment()
    }

    fn server(&self) -> MutexGuard<'_, Running> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ports are free when they are picked, and somebody else may take one before the node does.
fn again_if_a_port_is_taken(mut boot: impl FnMut() -> Result<Broker>) -> Result<Broker> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match boot() {
            Err(error) if attempts < 3 && format!("{error:#}").contains("eaddrinuse") => {}
            outcome => return outcome,
        }
    }
}

const NOT_RUNNING: &str = "requires the 'rabbit' app to be running";
const PATIENCE: Duration = Duration::from_secs(10);
