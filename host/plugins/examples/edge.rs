//! A server at the edge of a cloud: plugins answer HTTP requests, and reach the services behind it as far as a policy
//! lets them.
//!
//! `cargo run --package oslo-messaging-plugins --example edge -- 127.0.0.1:8080 rabbit://user:password@host
//! hello=hello.wasm` answers requests for `/hello`, and all paths below it, with the component `hello.wasm`, until its
//! standard input ends.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use oslo_messaging::Transport;
use oslo_messaging_plugins::PluginHost;
use oslo_messaging_policy::Policy;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let listen = words.next().ok_or("name the address to listen at")?;
    let broker = words.next().ok_or("name the broker's URL")?;
    let plugins: Vec<_> = words.collect();
    let (address, host) = start(&listen, &Transport::new(&broker)?, &plugins).await?;
    println!("http://{address}/");
    let end =
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    end.await??;
    host.drain().await;
    Ok(())
}

/// Answers requests with these plugins, each `path=component`, and says where.
pub(crate) async fn start(
    listen: &str,
    transport: &Transport,
    plugins: &[String],
) -> Result<(SocketAddr, Arc<PluginHost>)> {
    // A request has a second, and what it asks of others is read alone.
    let mut policy = format!(
        "[transports.default]\nurl = \"memory://\"\n\
         [http]\nlisten = \"{listen}\"\n\
         [limits]\ntime = \"1s\"\ncpu = \"100ms\"\nmemory = \"16MiB\"\n"
    );
    for plugin in plugins {
        let (path, component) = plugin.split_once('=').ok_or("say PATH=COMPONENT")?;
        // It is told what is wrong with a text that is no name or path.
        policy += &format!(
            "[plugins.\"{path}\"]\ncomponent = '{component}'\n\
             instances = {{ reuse = \"pooled\" }}\n\
             [[plugins.\"{path}\".on]]\nhttp = {{ path = \"/{path}\" }}\n\
             [[plugins.\"{path}\".allow]]\nname = \"reads\"\nkind = \"call\"\n\
             topic = \"*\"\nmethods = [\"get_*\", \"list_*\"]\n"
        );
    }
    // In its place, so that relative names are what they are for whoever started this.
    let file = Path::new("edge.toml");
    let policy = Policy::parse("edge.toml", &policy)?;
    let host = PluginHost::builder()
        .transport("default", transport.clone())
        .build()?;
    let host = Arc::new(host);
    let change = host.apply_all(&policy, file).await?;
    if let Some(problem) = change.problems.first() {
        return Err(problem.to_string().into());
    }
    let address = host.http_address().ok_or("nothing is listened at")?;
    Ok((address, host))
}
