//! A host over a transport, in memory unless told otherwise, a folder with its policy and components, and what plugins call.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use oslo_messaging::{Error, RpcClient, Target, Transport};
use oslo_messaging_plugins::{Change, Kept, PluginHost, Statistics};
use oslo_messaging_policy::Policy;
use oslo_messaging_tests::peer::compiled;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::compute::Compute;
use crate::plugin::{Plugin, Surface, file_of};

/// All of it.
pub struct World {
    folder: TempDir,
    /// The host.
    pub host: Arc<PluginHost>,
    /// What its policies call `default`.
    pub transport: Transport,
    /// What its plugins call.
    pub compute: Compute,
    /// Where no plugin may get to.
    bait: TcpListener,
}

impl World {
    /// Without plugins, with the components of all surfaces in its folder, and with places for so many
    /// calls at the same time of all plugins together.
    ///
    /// # Errors
    ///
    /// When the components are not built, or something does not start.
    pub async fn new(calls_in_flight: usize) -> Result<Self> {
        Self::over(Transport::memory(), calls_in_flight).await
    }

    /// As [`new`](Self::new), over another transport than one in memory, which ends with it.
    ///
    /// # Errors
    ///
    /// As `new`.
    pub async fn over(transport: Transport, calls_in_flight: usize) -> Result<Self> {
        let folder = TempDir::new()?;
        for surface in [Surface::Asynchronous, Surface::Plain, Surface::Text] {
            write(folder.path(), &file_of(surface), &surface.component()?)?;
        }
        let bait = TcpListener::bind("127.0.0.1:0")?;
        bait.set_nonblocking(true)?;
        write(folder.path(), BAIT, b"nothing for a plugin")?;
        Ok(Self {
            bait,
            host: Arc::new(host(&transport, calls_in_flight)?),
            compute: Compute::start(&transport).await?,
            folder,
            transport,
        })
    }

    /// A file and an address that are there, for a plugin that looks around.
    #[must_use]
    pub fn bait(&self) -> Value {
        let file = self.folder.path().join(BAIT);
        let address = self.bait.local_addr().map(|it| it.to_string());
        json!({"file": file, "address": address.unwrap_or_default()})
    }

    /// Fails if a plugin got to the address, or left something in the folder.
    ///
    /// # Errors
    ///
    /// When it did.
    pub fn is_untouched(&self) -> Result<()> {
        let came = self.bait.accept().map_err(|error| error.kind());
        let nobody = matches!(came, Err(ErrorKind::WouldBlock));
        ensure!(nobody, "somebody connected: {came:?}");
        let made = self.folder.path().join("made-by-a-plugin");
        ensure!(!made.exists(), "a plugin made a file");
        Ok(())
    }

    /// Writes a file beside the policy, at once.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write(self.folder.path(), name, bytes)
    }

    /// The policy's file, which is only a name for messages.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("plugins.toml")
    }

    /// A policy of these plugins.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn policy(&self, plugins: &[Plugin]) -> Result<Policy> {
        let mut text = "[transports.default]\nurl = \"memory://\"\n".to_owned();
        for plugin in plugins {
            write!(text, "{plugin}")?;
        }
        let policy = Policy::parse("plugins.toml", &text);
        policy.map_err(|problems| anyhow!("{problems}"))
    }

    /// Runs these plugins and no others.
    ///
    /// # Errors
    ///
    /// When something is wrong with the policy itself; the change has the rest.
    pub async fn change(&self, plugins: &[Plugin]) -> Result<Change> {
        Ok(self.host.apply(&self.policy(plugins)?, &self.file()).await)
    }

    /// Runs these plugins and no others, with which nothing may be wrong.
    ///
    /// # Errors
    ///
    /// When something is wrong.
    pub async fn apply(&self, plugins: &[Plugin]) -> Result<Change> {
        let change = self.change(plugins).await?;
        ensure!(change.problems.is_empty(), "{:?}", change.problems);
        Ok(change)
    }

    /// A client of a plugin.
    #[must_use]
    pub fn client(&self, plugin: &str) -> RpcClient {
        RpcClient::new(&self.transport, Target::topic(plugin))
            .prepare()
            .timeout(PATIENCE)
    }

    /// Calls a plugin.
    ///
    /// # Errors
    ///
    /// As a call has them.
    pub async fn call(&self, plugin: &str, method: &str, args: &Value) -> Result<Value, Error> {
        self.client(plugin).call(&json!({}), method, args).await
    }

    /// What has happened to a plugin.
    ///
    /// # Errors
    ///
    /// When there is none of this name.
    pub fn statistics(&self, plugin: &str) -> Result<Statistics> {
        let mut plugins = self.host.plugins().into_iter();
        let found = plugins.find(|it| it.name == plugin);
        let found = found.with_context(|| format!("there is no plugin `{plugin}`"))?;
        Ok(found.statistics)
    }

    /// Drains the host and closes everything.
    ///
    /// # Errors
    ///
    /// When it takes longer than what runs may take.
    pub async fn end(self) -> Result<()> {
        let ending = async {
            self.host.drain().await;
            self.compute.stop().await;
            self.transport.close().await;
        };
        timeout(PATIENCE, ending)
            .await
            .context("the host does not end")
    }
}

/// A host with compiled code kept from one to the next.
///
/// # Errors
///
/// When it does not start.
pub fn host(transport: &Transport, calls_in_flight: usize) -> Result<PluginHost> {
    let kept = Kept::in_folder(&compiled()?).map_err(|error| anyhow!("{error:#}"))?;
    let host = PluginHost::builder()
        .kept(kept)
        .calls_in_flight(calls_in_flight)
        .instances(INSTANCES)
        .transport("default", transport.clone());
    Ok(host.build()?)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let new = path.with_extension("new");
    fs::write(&new, bytes)?;
    Ok(fs::rename(new, path)?)
}

/// More than any measurement has.
const INSTANCES: u32 = 1200;

/// The name of a file that is no plugin's.
const BAIT: &str = "secret.txt";

/// How long a caller waits, much longer than any plugin may take.
const PATIENCE: Duration = Duration::from_secs(30);
