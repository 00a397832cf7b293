//! A service that runs: its folder, configuration, databases and processes.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use oslo_messaging_tests::peer::PythonClient;
use oslo_messaging_tests::running::Running;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::call::Call;
use crate::kinds::Kind;
use crate::python::{data, kept, output, pings, program};

/// A running service. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) kind: &'static Kind,
    /// What its own class makes of a context: a JSON object.
    pub(crate) context: String,
    pub(crate) calls: Vec<Call>,
    programs: Vec<Running>,
    folder: TempDir,
}

impl Service {
    /// Starts it; [`ready`](Self::ready) says when it serves.
    ///
    /// # Errors
    /// When its databases cannot be made, or it cannot be run.
    pub(crate) fn start(kind: &'static Kind, url: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(kind.name).tempdir()?;
        let configuration = fs::read_to_string(data(&format!("services/{}.conf", kind.name)))?
            .replace("{transport_url}", url)
            .replace("{folder}", &folder.path().display().to_string());
        let file = folder.path().join("service.conf");
        fs::write(&file, configuration)?;
        let context = output(
            Command::new(program("python")?)
                .args(["-W", "ignore"])
                .arg(data("contexts.py"))
                .arg(kind.name)
                .arg(&file),
        )?;
        let mut service = Self {
            kind,
            context: context.trim().to_owned(),
            calls: Call::of(kind.name)?,
            programs: Vec::new(),
            folder,
        };
        service.make_databases()?;
        service.run()?;
        Ok(service)
    }

    /// Where its configuration is.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.folder.path().join("service.conf")
    }

    /// Ends it as an operator would, and starts it again.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(crate) fn restart(&mut self) -> Result<()> {
        for running in &mut self.programs {
            running.signal(Signal::TERM)?;
        }
        let begin = Instant::now();
        for running in &mut self.programs {
            while !running.has_exited() && begin.elapsed() < GRACE {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        self.programs.clear();
        self.run()
    }

    /// Waits until all of it answers.
    ///
    /// # Errors
    /// When it does not in time, or has ended; with the end of what it said.
    pub(crate) async fn ready(&mut self, python: &PythonClient) -> Result<()> {
        let begin = Instant::now();
        for (place, (name, topic)) in self.kind.programs.iter().enumerate() {
            while !pings(python, self.kind.exchange, topic).await? {
                let has_exited = self.programs.get_mut(place).is_none_or(Running::has_exited);
                if has_exited || begin.elapsed() > PATIENCE {
                    bail!("{name} does not answer\n{}", self.said(name));
                }
            }
        }
        Ok(())
    }

    fn run(&mut self) -> Result<()> {
        for (name, _) in self.kind.programs {
            let said = fs::File::create(self.folder.path().join(format!("{name}.out")))?;
            let child = self
                .command(name)?
                .stdout(said.try_clone()?)
                .stderr(said)
                // Its workers end with it.
                .process_group(0)
                .spawn()
                .with_context(|| format!("cannot run {name}"))?;
            self.programs.push(Running::with_group(child));
        }
        Ok(())
    }

    /// Makes the databases, or takes those that an earlier run has made.
    fn make_databases(&self) -> Result<()> {
        let here = |name: &str| self.folder.path().join(name).with_extension("sqlite");
        let there = |name: &str| kept(&format!("databases/{name}.sqlite"));
        for name in self.kind.databases {
            match fs::copy(there(name)?, here(name)) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return self.migrate(&here, &there);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn migrate(
        &self,
        here: &impl Fn(&str) -> PathBuf,
        there: &impl Fn(&str) -> Result<PathBuf>,
    ) -> Result<()> {
        for migration in self.kind.migrations {
            let (name, words) = migration.split_first().context("a program is named")?;
            output(self.command(name)?.args(words))?;
        }
        fs::create_dir_all(kept("databases")?)?;
        for name in self.kind.databases {
            let half = there(name)?.with_extension("half");
            fs::copy(here(name), &half)?;
            fs::rename(half, there(name)?)?;
        }
        Ok(())
    }

    fn command(&self, name: &str) -> Result<Command> {
        let in_python = Path::new(name).extension().is_some_and(|it| it == "py");
        let program = program(if in_python { "python" } else { name })?;
        let mut path = vec![program.parent().map(Path::to_owned).unwrap_or_default()];
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        let mut command = Command::new(program);
        if in_python {
            command.arg(data(name)).env("PYTHONDONTWRITEBYTECODE", "1");
        }
        command
            .arg("--config-file")
            .arg(self.configuration())
            .current_dir(&self.folder)
            .env("HOME", self.folder.path())
            .env("PATH", std::env::join_paths(path)?)
            .stdin(Stdio::null());
        Ok(command)
    }

    /// The end of what a program has said.
    fn said(&self, name: &str) -> String {
        let read = |file: &str| {
            let text = fs::read(self.folder.path().join(file)).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let lines: Vec<_> = text.lines().collect();
            lines[lines.len().saturating_sub(20)..].join("\n")
        };
        let log = format!("{}.log", self.kind.name);
        format!("{}\n{}", read(&format!("{name}.out")), read(&log))
    }
}

const GRACE: Duration = Duration::from_secs(5);
/// More than a service takes to start on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(180);
