//! One node's folder, ports and processes.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use super::Installed;
use crate::contain::unique;
use crate::running::Running;

/// Where a node lives, whether it runs or not. Dropping it removes its folder.
#[derive(Debug)]
pub(super) struct Node {
    installed: Installed,
    /// What the environment of its programs has because of where they are.
    variables: Vec<(&'static str, String)>,
    name: String,
    ports: Ports,
    folder: TempDir,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    amqp: u16,
    distribution: u16,
    mapper: u16,
}

impl Ports {
    /// Free ones.
    pub(super) fn pick() -> Result<Self> {
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

    /// With the port mapper of another node.
    pub(super) const fn beside(self, other: Self) -> Self {
        Self {
            mapper: other.mapper,
            ..self
        }
    }
}

impl Node {
    /// Makes the folder.
    pub(super) fn new(
        installed: Installed,
        ports: Ports,
        cookie: &str,
        password: &str,
        configuration: &str,
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("rabbitmq-").tempdir()?;
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
        write_private(&folder.path().join(COOKIE), cookie)?;
        Ok(Self {
            variables: installed.environment()?,
            installed,
            name: format!("t{}@localhost", unique()),
            ports,
            folder,
        })
    }

    pub(super) const fn installed(&self) -> &Installed {
        &self.installed
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn port(&self) -> u16 {
        self.ports.amqp
    }

    pub(super) const fn ports(&self) -> Ports {
        self.ports
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn cookie(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder().join(COOKIE))?)
    }

    /// Starts the port mapper. It is started here rather than by the node, which would turn it
    /// into a daemon that outlives it.
    pub(super) fn start_mapper(&self) -> Result<Running> {
        let mut mapper = self.installed.mapper();
        let mapper = mapper
            .args(["-port", &self.ports.mapper.to_string()])
            .args(["-address", "127.0.0.1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run Erlang's port mapper, epmd")?;
        let mapper = Running::alone(mapper);
        wait_until(|| TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports.mapper)).is_ok())
            .context("epmd does not listen")?;
        Ok(mapper)
    }

    /// Starts the server and returns when it accepts AMQP connections.
    pub(super) fn start_server(&self) -> Result<Running> {
        let log = self.folder().join("output");
        let output = fs::File::create(&log)?;
        let server = self
            .command("rabbitmq-server")
            .stdout(output.try_clone()?)
            .stderr(output)
            // The script and the virtual machine are ended together.
            .process_group(0)
            .spawn()
            .context("cannot run rabbitmq-server")?;
        let mut server = Running::with_group(server);
        let mut exited = false;
        let accepts = wait_until(|| {
            exited = server.has_exited();
            exited || speaks_amqp(self.ports.amqp)
        });
        if exited || accepts.is_err() {
            let own = format!("log/{}.log", self.name);
            bail!(
                "RabbitMQ did not start; the end of what it said:\n{}\n{}",
                tail(&log),
                tail(&self.folder().join(own)),
            );
        }
        Ok(server)
    }

    /// A command of RabbitMQ's about this node.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = self.installed.program(program);
        command
            .envs(self.environment())
            .current_dir(self.folder())
            .stdin(Stdio::null());
        command
    }

    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.folder().join(name).display().to_string();
        let mut variables = vec![
            ("HOME", self.folder().display().to_string()),
            ("RABBITMQ_NODENAME", self.name.clone()),
            ("RABBITMQ_NODE_PORT", self.ports.amqp.to_string()),
            ("RABBITMQ_DIST_PORT", self.ports.distribution.to_string()),
            ("ERL_EPMD_PORT", self.ports.mapper.to_string()),
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
        ];
        variables.extend(self.variables.iter().cloned());
        variables
    }
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

fn wait_until(mut condition: impl FnMut() -> bool) -> Result<()> {
    let deadline = Instant::now() + BOOT;
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

pub(super) const USER: &str = "oslo";
const COOKIE: &str = ".erlang.cookie";
const BOOT: Duration = Duration::from_secs(60);
const METHOD_FRAME: u8 = 1;
