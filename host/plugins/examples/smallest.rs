//! The smallest host: runs the plugins of a policy file until its standard input ends.
//!
//! `cargo run --package oslo-messaging-plugins --example smallest -- plugins.toml`

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oslo_messaging_plugins::PluginHost;
use oslo_messaging_policy::Policy;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args_os().nth(1);
    let file = PathBuf::from(file.ok_or("name a policy file")?);
    run(&file, async |_| {
        let end = tokio::task::spawn_blocking(|| {
            std::io::copy(&mut std::io::stdin(), &mut std::io::sink())
        });
        end.await??;
        Ok(())
    })
    .await
}

/// Runs the plugins of a policy as long as something else lasts.
pub(crate) async fn run(
    file: &Path,
    meanwhile: impl AsyncFnOnce(&PluginHost) -> Result<()>,
) -> Result<()> {
    let policy = Policy::load(file)?;
    let host = Arc::new(PluginHost::new()?);
    let change = host.apply_all(&policy, file).await?;
    for problem in &change.problems {
        eprintln!("{problem}");
    }
    let ended = meanwhile(&host).await;
    // What runs may end.
    host.drain().await;
    ended
}
