//! A private RabbitMQ node: own folder, own ports on 127.0.0.1, own Erlang port mapper.
//!
//! It never touches the machine's own RabbitMQ. Booting takes five to ten seconds, so one node
//! serves a whole run, and tests keep apart by their topics and exchanges; a test that breaks its
//! broker starts one of its own. A node whose owner is killed is ended by [`crate::contain`].

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

use crate::contain::unique;

/// A running node. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub struct Broker {
    mapper: Child,
    server: Child,
    ports: Ports,
    name: String,
    password: String,
    folder: TempDir,
}

impl Broker {
    /// Where the distribution's package puts the server and its tools. The wrappers in
    /// `/usr/sbin` are no use: they change to the system's user and its configuration.
    pub const PROGRAMS: &str = "/usr/lib/rabbitmq/bin";

    /// Starts a node and returns when it accepts AMQP connections.
    ///
    /// # Errors
    ///
    /// Fails when RabbitMQ is not installed, or is not up within a minute; the message has the
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
        // The ports are free when they are picked, and somebody else may take one before the node
        // does.
        let mut attempts = 0;
        loop {
            attempts += 1;
            match Self::boot(configuration) {
                Err(error) if attempts < 3 && format!("{error:#}").contains("eaddrinuse") => {}
                outcome => return outcome,
            }
        }
    }

    /// The transport URL of a virtual host, `/` for the one that exists from the start.
    #[must_use]
    pub fn url(&self, virtual_host: &str) -> String {
        let encoded = virtual_host.replace('%', "%25").replace('/', "%2F");
        format!(
            "rabbit://{USER}:{}@127.0.0.1:{}/{encoded}",
            self.password, self.ports.amqp
        )
    }

    /// The port of the AMQP listener.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.ports.amqp
    }

    /// Where the node keeps what it writes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The processes to be gone when the node is stopped: the port mapper and the server.
    #[must_use]
    pub fn process_ids(&self) -> [u32; 2] {
        [self.mapper.id(), self.server.id()]
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
        let output: Output =
            node_command("rabbitmqctl", self.folder.path(), &self.name, self.ports)
                .arg("--quiet")
                .args(arguments)
                .output()
                .context("cannot run rabbitmqctl")?;
        ensure!(
            output.status.success(),
            "rabbitmqctl {}: {}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout),
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The environment that makes `rabbitmqctl`, run by somebody else, talk to this node.
    #[must_use]
    pub fn control_environment(&self) -> Vec<(&'static str, String)> {
        environment(self.folder.path(), &self.name, self.ports)
    }

    fn boot(configuration: &str) -> Result<Self> {
        let programs = Path::new(Self::PROGRAMS);
        ensure!(
            programs.join("rabbitmq-server").exists(),
            "RabbitMQ is not installed: apt-get install -y --no-install-recommends rabbitmq-server"
        );
        let folder = tempfile::Builder::new().prefix("rabbitmq-").tempdir()?;
        let ports = Ports::pick()?;
        let name = format!("t{}@localhost", unique());
        let password = unique();
        let log = folder.path().join("output");

        fs::write(
            folder.path().join("rabbitmq.conf"),
            format!(
                "listeners.tcp.1 = 127.0.0.1:{}\ndefault_user = {USER}\ndefault_pass = {password}\n\
                 log.console = false\nlog.file.level = info\n{configuration}\n",
                ports.amqp
            ),
        )?;
        fs::write(folder.path().join("enabled_plugins"), "[].\n")?;
        fs::write(folder.path().join("conf-env"), "")?;
        // Erlang's tools create the cookie when it is missing; two that start together would
        // create two.
        write_private(&folder.path().join(".erlang.cookie"), &unique())?;

        // The port mapper is started here rather than by the node, which would turn it into a
        // daemon that outlives it.
        let mapper = Command::new("epmd")
            .args(["-port", &ports.mapper.to_string(), "-address", "127.0.0.1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run Erlang's port mapper, epmd")?;
        let mut mapper = Stray::new(mapper, false);
        let deadline = Instant::now() + BOOT;
        wait_until(deadline, || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, ports.mapper)).is_ok()
        })
        .context("epmd does not listen")?;

        let output = fs::File::create(&log)?;
        let server = {
            use std::os::unix::process::CommandExt;
            node_command("rabbitmq-server", folder.path(), &name, ports)
                .stdout(output.try_clone()?)
                .stderr(output)
                // The script and the virtual machine are ended together.
                .process_group(0)
                .spawn()
                .context("cannot run rabbitmq-server")?
        };
        let mut server = Stray::new(server, true);

        let mut exited = false;
        let accepts = wait_until(deadline, || {
            exited = server.has_exited();
            exited || speaks_amqp(ports.amqp)
        });
        if exited || accepts.is_err() {
            bail!(
                "RabbitMQ did not start; the end of what it said:\n{}\n{}",
                tail(&log),
                tail(&folder.path().join("log").join(format!("{name}.log"))),
            );
        }
        Ok(Self {
            mapper: mapper.release()?,
            server: server.release()?,
            ports,
            name,
            password,
            folder,
        })
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        end(&mut self.server, true);
        end(&mut self.mapper, false);
    }
}

/// A child that is ended when the function that started it fails.
struct Stray {
    child: Option<Child>,
    group: bool,
}

impl Stray {
    const fn new(child: Child, group: bool) -> Self {
        Self {
            child: Some(child),
            group,
        }
    }

    fn has_exited(&mut self) -> bool {
        self.child
            .as_mut()
            .is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }

    fn release(&mut self) -> Result<Child> {
        self.child.take().context("the child is gone")
    }
}

impl Drop for Stray {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            end(child, self.group);
        }
    }
}

fn end(child: &mut Child, group: bool) {
    if let Some(pid) = Pid::from_raw(child.id().cast_signed())
        && matches!(child.try_wait(), Ok(None))
    {
        let _ = if group {
            kill_process_group(pid, Signal::KILL)
        } else {
            kill_process(pid, Signal::KILL)
        };
    }
    let _ = child.wait();
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    amqp: u16,
    distribution: u16,
    mapper: u16,
}

impl Ports {
    fn pick() -> Result<Self> {
        // Held until all are picked, so that they differ.
        let held = [(); 3].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let [amqp, distribution, mapper] =
            held.map(|listener| listener.and_then(|held| Ok((held.local_addr()?.port(), held))));
        let (amqp, distribution, mapper) = (amqp?, distribution?, mapper?);
        Ok(Self {
            amqp: amqp.0,
            distribution: distribution.0,
            mapper: mapper.0,
        })
    }
}

fn node_command(program: &str, folder: &Path, name: &str, ports: Ports) -> Command {
    let mut command = Command::new(Path::new(Broker::PROGRAMS).join(program));
    command
        .envs(environment(folder, name, ports))
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

fn environment(folder: &Path, name: &str, ports: Ports) -> Vec<(&'static str, String)> {
    let path = |name: &str| folder.join(name).display().to_string();
    vec![
        ("HOME", folder.display().to_string()),
        ("RABBITMQ_NODENAME", name.to_owned()),
        ("RABBITMQ_NODE_PORT", ports.amqp.to_string()),
        ("RABBITMQ_DIST_PORT", ports.distribution.to_string()),
        ("ERL_EPMD_PORT", ports.mapper.to_string()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
        ("RABBITMQ_MNESIA_BASE", path("mnesia")),
        ("RABBITMQ_LOG_BASE", path("log")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins")),
        ("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf")),
        ("RABBITMQ_CONF_ENV_FILE", path("conf-env")),
        ("RABBITMQ_PID_FILE", path("pid")),
        (
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            // Nodes hear each other on the loopback only. Two schedulers that sleep when idle are
            // plenty, and leave the processor to what is being tested.
            "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none".to_owned(),
        ),
    ]
}

/// Whether a broker answers the protocol header, which it does only when it has booted.
fn speaks_amqp(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else {
        return false;
    };
    let mut frame_type = [0];
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .is_ok()
        && stream.write_all(b"AMQP\x00\x00\x09\x01").is_ok()
        && stream.read_exact(&mut frame_type).is_ok()
        && frame_type == [METHOD_FRAME]
}

fn wait_until(deadline: Instant, mut condition: impl FnMut() -> bool) -> Result<()> {
    while !condition() {
        ensure!(Instant::now() < deadline, "not within {} s", BOOT.as_secs());
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn write_private(path: &PathBuf, text: &str) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o400)
        .open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}

fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

const USER: &str = "oslo";
const BOOT: Duration = Duration::from_secs(60);
const METHOD_FRAME: u8 = 1;
