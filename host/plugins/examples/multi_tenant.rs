//! A host for tenants who do not trust each other. Each has a folder with a policy file and components, and a
//! virtual host of the broker. Where messages go is the operator's to say, and so is how much a tenant can have.
//!
//! `cargo run --package oslo-messaging-plugins --example multi_tenant -- FOLDER rabbit://user:password@host`
//! runs `FOLDER/<tenant>/plugins.toml` over the virtual host `<tenant>`, until its standard input ends.

use std::error::Error;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use oslo_messaging::Transport;
use oslo_messaging_plugins::PluginHost;
use oslo_messaging_policy::Policy;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args_os().skip(1);
    let folder = PathBuf::from(words.next().ok_or("name the folder of the tenants")?);
    let broker = words.next().and_then(|url| url.into_string().ok());
    let broker = broker.ok_or("name the broker's URL, without a virtual host")?;
    let mut tenants = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let folder = entry?.path();
        let name = folder.file_name().and_then(OsStr::to_str);
        let name = name.ok_or("a tenant's name is not UTF-8")?;
        let transport = Transport::new(&format!("{broker}/{name}"))?;
        match start(&folder, &transport).await {
            Ok(host) => tenants.push(host),
            // It is this tenant's trouble alone.
            Err(error) => eprintln!("{name}: {error}"),
        }
    }
    let end =
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    end.await??;
    for host in tenants {
        host.drain().await;
    }
    Ok(())
}

/// Runs the plugins of one tenant, whose messages all go by this transport.
pub(crate) async fn start(folder: &Path, transport: &Transport) -> Result<Arc<PluginHost>> {
    let file = folder.join("plugins.toml");
    let policy = Policy::load(&file)?;
    check(&policy)?;
    // It stands for `default`, whatever the tenant's file says that this is.
    let host = PluginHost::builder()
        .transport("default", transport.clone())
        .calls_in_flight(MOST_CALLS)
        .build()?;
    let host = Arc::new(host);
    let change = host.apply_all(&policy, &file).await?;
    match change.problems.first() {
        None => Ok(host),
        Some(problem) => Err(problem.to_string().into()),
    }
}

/// What a policy can say that is not a tenant's to say.
fn check(policy: &Policy) -> Result<()> {
    let mut transports = policy.transports().map(|transport| transport.name());
    if let Some(other) = transports.find(|name| *name != "default") {
        return Err(format!("the transport `{other}` is not yours; `default` is").into());
    }
    if policy.plugins().count() > MOST_PLUGINS {
        return Err(format!("there are more than {MOST_PLUGINS} plugins").into());
    }
    for plugin in policy.plugins() {
        let name = plugin.name();
        let mut parts = plugin.component().components();
        if !parts.all(|part| matches!(part, Component::Normal(_))) {
            return Err(format!("the component of `{name}` is not in your folder").into());
        }
        if plugin.limits().memory.bytes() > MOST_MEMORY {
            return Err(format!("`{name}` has more than {MOST_MEMORY} bytes of memory").into());
        }
    }
    Ok(())
}

const MOST_CALLS: usize = 64;
const MOST_MEMORY: u64 = 128 << 20;
const MOST_PLUGINS: usize = 16;
