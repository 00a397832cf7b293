//! Which RabbitMQ a node runs, and where its programs are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fmt, fs, iter};

use anyhow::{Context, Result};

/// A RabbitMQ of this machine: what the distribution has installed, or what `cargo xtask` has
/// unpacked beside it, with an Erlang and a C library of its own.
#[derive(Clone, Debug)]
pub struct Installed {
    version: Version,
    /// With the server and its tools. The wrappers in `/usr/sbin` are no use: they change to the
    /// system's user and its configuration.
    programs: PathBuf,
    unpacked: Option<Unpacked>,
}

/// What is found by itself only where a package manager puts it.
#[derive(Clone, Debug)]
struct Unpacked {
    /// With `erl` and `epmd`.
    erlang: PathBuf,
    plugins: PathBuf,
}

/// Such as 3.10.8. Versions are compared as numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u32>);

impl Version {
    /// The first number.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(u32::to_string).collect();
        formatter.write_str(&numbers.join("."))
    }
}

impl Installed {
    /// The variable that names the major version of the nodes.
    pub const CHOICE: &str = "OSLO_TEST_RABBITMQ";

    /// Of the major version that [`CHOICE`](Self::CHOICE) names, or what the machine has.
    ///
    /// # Errors
    ///
    /// Fails when it is not installed; the message says what to do.
    pub fn chosen() -> Result<Self> {
        match env::var(Self::CHOICE) {
            Ok(major) => {
                let number = major.parse();
                Self::of(number.with_context(|| format!("{}={major}", Self::CHOICE))?)
            }
            Err(_) => Self::of_the_machine().context(
                "RabbitMQ is not installed: apt-get install -y --no-install-recommends \
                 rabbitmq-server",
            ),
        }
    }

    /// Of this major version.
    ///
    /// # Errors
    ///
    /// Fails when it is not installed; the message says what to do.
    pub fn of(major: u32) -> Result<Self> {
        let right = |found: &Self| found.version.major() == major;
        let machine = Self::of_the_machine().filter(right);
        machine
            .or_else(|| Self::unpacked(&Self::folder(major)).filter(right))
            .with_context(|| {
                format!(
                    "RabbitMQ {major} is not installed: `cargo xtask test --rabbitmq {major}` \
                     does it on Debian"
                )
            })
    }

    /// What the machine's own package manager has installed.
    #[must_use]
    pub fn of_the_machine() -> Option<Self> {
        Self::at(Path::new("/"))
    }

    /// What is in a folder that packages were unpacked into.
    #[must_use]
    pub fn unpacked(root: &Path) -> Option<Self> {
        let erlang = fs::read_dir(root.join("usr/lib/erlang")).ok()?;
        let mut folders = erlang.flatten().map(|entry| entry.path());
        let runtime = folders.find(|folder| folder.to_string_lossy().contains("/erts-"))?;
        let mut found = Self::at(root)?;
        let server = fs::canonicalize(found.programs.join("rabbitmq-server")).ok()?;
        found.unpacked = Some(Unpacked {
            erlang: runtime.join("bin"),
            plugins: server.parent()?.with_file_name("plugins"),
        });
        Some(found)
    }

    /// Where `cargo xtask` unpacks a major version that the machine does not have.
    #[must_use]
    pub fn folder(major: u32) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        // Beside this package, unless it is absolute.
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(target);
        target.join(format!("rabbitmq-{major}"))
    }

    fn at(root: &Path) -> Option<Self> {
        let programs = root.join("usr/lib/rabbitmq/bin");
        // A link into a folder that has the version in its name.
        let server = fs::canonicalize(programs.join("rabbitmq-server")).ok()?;
        let mut folders = server.iter().filter_map(|folder| folder.to_str());
        let version = folders.find_map(|folder| folder.strip_prefix("rabbitmq_server-"))?;
        let numbers = version.split('.').map(str::parse);
        Some(Self {
            version: Version(numbers.collect::<Result<_, _>>().ok()?),
            programs,
            unpacked: None,
        })
    }

    /// Which it is.
    #[must_use]
    pub const fn version(&self) -> &Version {
        &self.version
    }

    /// A program of RabbitMQ's, such as `rabbitmqctl`.
    pub(super) fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }

    /// Erlang's port mapper.
    pub(super) fn mapper(&self) -> Command {
        match &self.unpacked {
            Some(unpacked) => Command::new(unpacked.erlang.join("epmd")),
            None => Command::new("epmd"),
        }
    }

    /// The variables with which RabbitMQ's programs find the right Erlang and their plugins.
    pub(super) fn environment(&self) -> Result<Vec<(&'static str, String)>> {
        let Some(Unpacked { erlang, plugins }) = &self.unpacked else {
            return Ok(Vec::new());
        };
        let others = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(iter::once(erlang.clone()).chain(env::split_paths(&others)))?;
        let path = path.into_string();
        let path = path.map_err(|path| anyhow::anyhow!("not UTF-8: {}", path.display()))?;
        Ok(vec![
            ("PATH", path),
            ("RABBITMQ_PLUGINS_DIR", plugins.display().to_string()),
        ])
    }
}
