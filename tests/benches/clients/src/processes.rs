//! The clients and the server, each a process that ends with the value.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use oslo_messaging_clients::{Cost, TOPIC};
use oslo_messaging_tests::peer::python;
use rustix::param::clock_ticks_per_second;

use super::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    C,
    CurrentThread,
    MultiThread,
    Plugin,
    Python,
}

impl Client {
    pub(super) const ALL: [Self; 5] = [
        Self::C,
        Self::CurrentThread,
        Self::MultiThread,
        Self::Plugin,
        Self::Python,
    ];
    pub(super) const OURS: [Self; 2] = [Self::CurrentThread, Self::MultiThread];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::C => "librabbitmq, in C",
            Self::CurrentThread => "`oslo-messaging`, one thread",
            Self::MultiThread => "`oslo-messaging`, threads",
            Self::Plugin => "a plugin in Rust, in `oslo-plugin`",
            Self::Python => "oslo.messaging 18.3.1, in Python",
        }
    }

    /// It gets so much less to do.
    pub(super) const fn slowness(self) -> usize {
        match self {
            Self::Python => 8,
            _ => 1,
        }
    }
}

/// Where the programs are, and what they are told.
pub(super) struct Processes {
    url: String,
    folder: tempfile::TempDir,
}

impl Processes {
    /// Compiles those in C.
    pub(super) fn new(url: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for program in ["client", "responder"] {
            let source = |name: &str| Path::new(HERE).join("c").join(name).with_extension("c");
            let output = Command::new("cc")
                .args(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o"])
                .arg(folder.path().join(program))
                .args([source(program), source("shared")])
                .arg("-lrabbitmq")
                .output()
                .context("cannot run cc")?;
            ensure!(
                output.status.success(),
                "cannot compile {program}.c (Debian's librabbitmq-dev is needed): {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let url = url.to_owned();
        Ok(Self { url, folder })
    }

    pub(super) fn server(&self) -> Result<Process> {
        let mut command = Command::new(self.folder.path().join("responder"));
        command.arg(self.amqp());
        self.ready("server", &mut command)
    }

    pub(super) fn client(&self, client: Client) -> Result<Process> {
        let own = |runtime: &str| -> Result<Command> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["client", runtime, &self.url]);
            Ok(command)
        };
        let mut command = match client {
            Client::C => {
                let mut command = Command::new(self.folder.path().join("client"));
                command.arg(self.amqp());
                command
            }
            Client::CurrentThread => own("current_thread")?,
            Client::MultiThread => own("multi_thread")?,
            Client::Plugin => {
                let program = std::env::current_exe()?.with_file_name("oslo-plugin");
                let mut command = Command::new(program);
                command.env("OSLO_PLUGIN_TRANSPORT_URL", &self.url);
                command.arg("run").arg("--cache").arg(self.folder.path());
                command.arg(guests()?.join("measured.wasm")).arg(TOPIC);
                command
            }
            Client::Python => {
                let mut command = Command::new(python()?);
                command.arg(Path::new(HERE).join("../../python/measured.py"));
                command.args([&self.url, TOPIC]);
                command.env("PYTHONDONTWRITEBYTECODE", "1");
                command
            }
        };
        self.ready(client.name(), &mut command)
    }

    /// Our client with an allocator that counts, and what it says of its connection.
    pub(super) fn counting(&self) -> Result<(Process, String)> {
        let program = std::env::current_exe()?.with_file_name("counted");
        self.start("counted", Command::new(program).arg(&self.url))
    }

    /// What librabbitmq calls the URL.
    fn amqp(&self) -> String {
        self.url.replacen("rabbit://", "amqp://", 1)
    }

    fn ready(&self, name: &str, command: &mut Command) -> Result<Process> {
        let (process, line) = self.start(name, command)?;
        ensure!(line == "ready", "{name} says `{line}` when it starts");
        Ok(process)
    }

    fn start(&self, name: &str, command: &mut Command) -> Result<(Process, String)> {
        let log = self.folder.path().join(name).with_extension("log");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("it has an output")?;
        let mut process = Process {
            name: name.to_owned(),
            child,
            input,
            output: BufReader::new(output),
            log,
        };
        let line = process.line()?;
        Ok((process, line))
    }
}

pub(super) struct Process {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    log: PathBuf,
}

impl Process {
    /// Has a client do something.
    pub(super) fn work(&mut self, case: &Case, count: usize) -> Result<Cost> {
        let Case {
            verb,
            at_once,
            bytes,
            ..
        } = case;
        let before = self.outside()?;
        let input = self.input.as_mut().context("it has an input")?;
        // When it has ended, its output says so better.
        let _ = writeln!(input, "{verb} {at_once} {bytes} {count}");
        let line = self.line()?;
        let mut cost: Cost =
            serde_json::from_str(&line).with_context(|| format!("{} says `{line}`", self.name))?;
        ensure!(
            cost.latencies.len() == count,
            "{} did {} of {count}",
            self.name,
            cost.latencies.len()
        );
        if let (Some((processor, switches)), Some(before)) = (self.outside()?, before) {
            cost.processor = (processor - before.0).as_secs_f64();
            cost.switches = switches - before.1;
        }
        Ok(cost)
    }

    /// The processor time and the voluntary context switches so far, of a client that cannot know them.
    fn outside(&self) -> Result<Option<(Duration, u64)>> {
        if self.name != Client::Plugin.name() {
            return Ok(None);
        }
        let tasks = Path::new("/proc")
            .join(self.child.id().to_string())
            .join("task");
        let (mut processor, mut switches) = (0, 0);
        for task in fs::read_dir(&tasks).context("it has ended")? {
            let task = task?.path();
            // Threads come and go.
            let (Ok(times), Ok(status)) = (
                fs::read_to_string(task.join("schedstat")),
                fs::read_to_string(task.join("status")),
            ) else {
                continue;
            };
            let nanoseconds = times.split_whitespace().next().unwrap_or_default();
            processor += nanoseconds.parse::<u64>()?;
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            switches += line.unwrap_or_default().trim().parse::<u64>()?;
        }
        Ok(Some((Duration::from_nanos(processor), switches)))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            bail!("{} has ended: {log}", self.name);
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Clients end by themselves when their input does; the server serves forever.
        drop(self.input.take());
        if self.name == "server" {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Where the plugins are.
fn guests() -> Result<PathBuf> {
    let folder = std::env::var_os(GUESTS);
    Ok(folder
        .with_context(|| format!("{GUESTS} names the folder of the plugins"))?
        .into())
}

/// The processor time of a process group so far.
pub(super) fn processor_time_of_group(group: u32) -> Result<Duration> {
    let group = group.to_string();
    let mut ticks = 0;
    for entry in fs::read_dir("/proc").context("cannot read /proc")? {
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else {
            continue;
        };
        // `pid (name) state ppid pgrp …`, and the name may hold anything.
        let (_, fields) = stat.rsplit_once(')').context("it has a name")?;
        let fields: Vec<_> = fields.split_whitespace().collect();
        if fields.get(2) == Some(&group.as_str()) {
            // Of user and system.
            for field in fields.iter().skip(11).take(2) {
                ticks += field.parse::<u64>()?;
            }
        }
    }
    ensure!(ticks > 0, "there is no process group {group}");
    Ok(Duration::from_secs_f64(
        ticks as f64 / clock_ticks_per_second() as f64,
    ))
}

const GUESTS: &str = "OSLO_TEST_GUESTS";
const HERE: &str = env!("CARGO_MANIFEST_DIR");
