//! A private registry of OCI: Docker's own, in a folder of its own, at a port of 127.0.0.1.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, io};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::running::Running;

/// A running registry. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub struct Registry {
    // Stopped before its folder is removed.
    _server: Running,
    folder: TempDir,
    address: String,
}

/// What a registry wants of those who speak to it.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// A line of a file of `htpasswd`, whose password is hashed by bcrypt.
    pub login: Option<&'a str>,
    /// TLS, by a certificate and its key in PEM.
    pub tls: Option<(&'a str, &'a str)>,
}

impl Registry {
    /// Starts one that everybody may write to, without TLS.
    ///
    /// # Errors
    ///
    /// As [`start_with`](Self::start_with).
    pub fn start() -> Result<Self> {
        Self::start_with(&Wanted::default())
    }

    /// Starts one.
    ///
    /// # Errors
    ///
    /// Fails when the program is missing, or does not listen within half a minute; the message has what it said.
    pub fn start_with(wanted: &Wanted<'_>) -> Result<Self> {
        let program = program()?;
        // Somebody else may take the port before the registry does.
        let mut last = None;
        for _ in 0..5 {
            match Self::start_once(&program, wanted) {
                Err(error) if format!("{error:#}").contains("address already in use") => {
                    last = Some(error);
                }
                started => return started,
            }
        }
        Err(last.context("no port for a registry")?)
    }

    fn start_once(program: &Path, wanted: &Wanted<'_>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("registry-").tempdir()?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = free.local_addr()?.to_string();
        drop(free);
        let (settings, output) = (
            folder.path().join("config.yml"),
            folder.path().join("output"),
        );
        // JSON is YAML.
        fs::write(
            &settings,
            settings_of(folder.path(), &address, wanted)?.to_string(),
        )?;
        let said = fs::File::create(&output)?;
        let server = Command::new(program)
            .arg("serve")
            .arg(&settings)
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let mut server = Running::alone(server);
        let ends = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(&address).is_err() {
            if server.has_exited() || Instant::now() > ends {
                let said = fs::read_to_string(&output).unwrap_or_default();
                bail!("the registry does not listen at {address}: {said}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Self {
            _server: server,
            folder,
            address,
        })
    }

    /// Where it listens, as `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap_or_default()
    }

    /// The file in which it keeps what has this digest.
    #[must_use]
    pub fn blob(&self, digest: &str) -> PathBuf {
        let hash = digest.trim_start_matches("sha256:");
        let start = hash.get(..2).unwrap_or_default();
        self.blobs_folder().join(start).join(hash).join("data")
    }

    /// How many different things it keeps: components, configurations and manifests.
    ///
    /// # Errors
    ///
    /// Fails when its folder cannot be read.
    pub fn blobs(&self) -> io::Result<usize> {
        let mut found = 0;
        for start in fs::read_dir(self.blobs_folder())? {
            found += fs::read_dir(start?.path())?.count();
        }
        Ok(found)
    }

    fn blobs_folder(&self) -> PathBuf {
        let kept = self.folder.path().join("kept");
        kept.join("docker/registry/v2/blobs/sha256")
    }
}

fn settings_of(folder: &Path, address: &str, wanted: &Wanted<'_>) -> Result<Value> {
    let mut settings = json!({
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": true}},
        "storage": {"filesystem": {"rootdirectory": folder.join("kept")}},
        "http": {"addr": address, "secret": "the same after a restart"},
    });
    let written = |name: &str, text: &str| -> Result<PathBuf> {
        let path = folder.join(name);
        fs::write(&path, text)?;
        Ok(path)
    };
    if let Some(login) = wanted.login {
        let path = written("htpasswd", &format!("{login}\n"))?;
        settings["auth"] = json!({"htpasswd": {"realm": "tests", "path": path}});
    }
    if let Some((certificate, key)) = wanted.tls {
        settings["http"]["tls"] = json!({
            "certificate": written("certificate.pem", certificate)?,
            "key": written("key.pem", key)?,
        });
    }
    Ok(settings)
}

/// The registry's program: the machine's own, or what `cargo xtask registry` has unpacked.
///
/// # Errors
///
/// Fails when there is none; the message says what to do.
pub fn program() -> Result<PathBuf> {
    // Tests that begin at the same time would get it twice.
    let _one = GETTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = installed() {
        return Ok(found);
    }
    // `cargo xtask test` says which program can get it.
    if let Some(xtask) = env::var_os("OSLO_TEST_XTASK") {
        let got = Command::new(xtask).arg("registry").output();
        let got = got.context("cannot run the program that OSLO_TEST_XTASK names")?;
        if !got.status.success() {
            bail!("{}", String::from_utf8_lossy(&got.stderr));
        }
    }
    installed().with_context(|| {
        format!("{PROGRAM} is not installed: `cargo xtask registry` gets it on Debian, where the package is called so")
    })
}

/// The registry's program, if there is one.
#[must_use]
pub fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let unpacked = folder().join("usr/bin");
    let folders = env::split_paths(&path).chain([unpacked]);
    let mut programs = folders.map(|folder| folder.join(PROGRAM));
    programs.find(|program| program.is_file())
}

/// Where `cargo xtask registry` unpacks it.
#[must_use]
pub fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    // Beside this package, unless it is absolute.
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(target);
    target.join(PROGRAM)
}

static GETTING: Mutex<()> = Mutex::new(());

/// What the program and its package are called in Debian.
pub const PROGRAM: &str = "docker-registry";
