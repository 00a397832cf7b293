//! The daemon in the demonstration: a plugin that a timer starts and one that HTTP starts call another, which is
//! replaced meanwhile.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use oslo_messaging_tests::running::Running;
use rustix::process::Signal;

use crate::guests::Built;
use crate::process::announce;

/// Runs the daemon until everything has been seen.
///
/// # Errors
/// When something is not seen, or a call is lost.
pub(super) fn show(
    program: &Path,
    folder: &Path,
    transport: &str,
    plugins: &[Built],
) -> Result<()> {
    fs::create_dir_all(folder)?;
    let policy = folder.join("plugins.toml");
    fs::write(&policy, POLICY)?;
    // At once, as whoever deploys should.
    let deploy = |plugin: &str, file: &str| {
        let built = plugins.iter().find(|built| built.name == plugin);
        let new = folder.join(file).with_extension("new");
        fs::copy(&built.context("it was built")?.path, &new)?;
        fs::rename(&new, new.with_extension("wasm"))?;
        Ok::<_, anyhow::Error>(())
    };
    deploy("patrol", "patrol")?;
    deploy("served", "served")?;
    deploy("gateway", "gateway")?;
    announce(&format!("the daemon, by {}", policy.display()));
    println!("\n{POLICY}");
    let mut daemon = Daemon::start(program, &policy, transport)?;
    let listening = daemon.says(&["HTTP is listened for"])?;
    daemon.address = address_in(&listening)?;
    daemon.says(&["plugin=\"patrol\"", "count() of `served` gave"])?;
    daemon.says(&["denied plugin=\"patrol\" rule=\"count\""])?;
    announce("HTTP starts `gateway`, which calls `served`");
    daemon.answers("/served/count", "200 OK")?;
    daemon.answers("/served/spin", "403 Forbidden")?;
    daemon.answers("/elsewhere", "404 Not Found")?;
    announce("`served` is replaced by its twin with `async`, while it is called");
    deploy("served-async", "served")?;
    daemon.says(&["replaced", "served"])?;
    for _ in 0..2 {
        daemon.says(&["count() of `served` gave"])?;
        daemon.answers("/served/count", "200 OK")?;
    }
    announce("no call was lost; Ctrl-C ends the daemon, and what runs may end before");
    daemon.end()
}

struct Daemon {
    running: Running,
    log: Receiver<String>,
    /// Where it listens for HTTP.
    address: String,
}

impl Daemon {
    fn start(program: &Path, policy: &Path, transport: &str) -> Result<Self> {
        let mut child = Command::new(program)
            .arg("host")
            .arg(policy)
            .env("TRANSPORT_URL", transport)
            .env_remove("OSLO_PLUGIN_LOG")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let errors = BufReader::new(child.stderr.take().context("its log is read")?);
        let (sender, log) = channel();
        thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                println!("{line}");
                // It is shown to its end, whoever waits for it.
                let _ = sender.send(line);
            }
        });
        let running = Running::alone(child);
        Ok(Self {
            running,
            log,
            address: String::new(),
        })
    }

    /// Waits for a line that says all of this.
    fn says(&self, parts: &[&str]) -> Result<String> {
        let ends = Instant::now() + PATIENCE;
        loop {
            let left = ends.saturating_duration_since(Instant::now());
            let line = self.log.recv_timeout(left);
            let line = line.with_context(|| format!("the daemon never said {parts:?}"))?;
            if line.contains("says that it failed") {
                bail!("a plugin failed");
            }
            if parts.iter().all(|part| line.contains(part)) {
                return Ok(line);
            }
        }
    }

    /// Asks by HTTP, and shows what comes back.
    fn answers(&self, path: &str, status: &str) -> Result<()> {
        let mut connection = TcpStream::connect(&self.address)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        let host = &self.address;
        write!(
            connection,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let told = head.lines().next().unwrap_or_default();
        println!("GET http://{host}{path}  ->  {told}  {}", body.trim_end());
        ensure!(told.ends_with(status), "{path} was answered {told}");
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.running.signal(Signal::INT)?;
        let status = self.running.wait()?;
        ensure!(status.success(), "the daemon ended with {status}");
        Ok(())
    }
}

/// Where the daemon says that it listens.
fn address_in(line: &str) -> Result<String> {
    let (_, rest) = line.split_once("address=").context("it says where")?;
    let address = rest.split_whitespace().next();
    Ok(address.context("it says where")?.to_owned())
}

/// The twins are one plugin, written in two ways.
pub(super) const PLUGINS: [&str; 4] = ["gateway", "patrol", "served", "served-async"];

const POLICY: &str = include_str!("plugins.toml");

/// Components are compiled meanwhile, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(120);
