//! What every test needs.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use libtest_mimic::Trial;
use oslo_messaging::{Endpoint, RpcClient, RpcServer, Target, Transport, TransportOptions};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep, timeout};

use super::node::Login;

/// The tests of a module, under its name.
macro_rules! trials {
    ($($test:ident),+ $(,)?) => {
        pub(crate) fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$(crate::case::trial(
                concat!(module_path!(), "::", stringify!($test)),
                || Box::pin($test()),
            )),+]
        }
    };
}
pub(crate) use trials;

/// One test, with a runtime of its own and an end.
pub(crate) fn trial(path: &str, test: fn() -> Pin<Box<dyn Future<Output = ()>>>) -> Trial {
    let name = path.split_once("::").map_or(path, |(_, name)| name);
    Trial::test(name, move || {
        let runtime = Runtime::new()?;
        let outcome = runtime.block_on(async { timeout(LONGEST, test()).await });
        runtime.shutdown_timeout(Duration::from_secs(5));
        outcome.map_err(|_| format!("it does not end within {LONGEST:?}").into())
    })
}

/// A transport to the tests' node.
pub(crate) fn transport() -> Transport {
    transport_with("")
}

/// A transport to the tests' node with options such as `a=1&b=2`.
pub(crate) fn transport_with(options: &str) -> Transport {
    Transport::new(&Login::of_the_node().url(options)).unwrap()
}

/// A transport to a port of this machine.
pub(crate) fn transport_at(port: u16, options: &str) -> Transport {
    Transport::new(&Login::of_the_node().at(port).url(options)).unwrap()
}

/// A transport to the tests' node whose replies have so many bytes at most.
pub(crate) fn transport_with_reply_bytes(bytes: usize) -> Transport {
    let mut options = TransportOptions::default();
    options.reply_bytes = bytes;
    let url = Login::of_the_node().url("").parse().unwrap();
    Transport::with_options(&url, options).unwrap()
}

/// A server of one topic that answers `echo`.
pub(crate) async fn echo_server(transport: &Transport, topic: &str) -> RpcServer {
    let echo = |_, args: Value| async move { Ok(args) };
    serve(transport, topic, Endpoint::new().method("echo", echo)).await
}

pub(crate) async fn serve(transport: &Transport, topic: &str, endpoint: Endpoint) -> RpcServer {
    RpcServer::builder(transport, Target::topic(topic).server("host-1"))
        .endpoint(endpoint)
        .start()
        .await
        .unwrap()
}

pub(crate) fn client(transport: &Transport, topic: &str) -> RpcClient {
    RpcClient::new(transport, Target::topic(topic)).timeout(LIMIT)
}

pub(crate) async fn echo(client: &RpcClient) -> oslo_messaging::Result<Value> {
    client.call(&json!({}), "echo", &json!({"a": 1})).await
}

/// Calls a method without arguments.
pub(crate) async fn call(client: &RpcClient, method: &str) -> oslo_messaging::Result<Value> {
    client.call(&json!({}), method, &json!({})).await
}

/// Casts without arguments.
pub(crate) async fn cast(client: &RpcClient) -> oslo_messaging::Result<()> {
    client.cast(&json!({}), "m", &json!({})).await
}

/// A name that no other test has.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}-{:016x}", fastrand::u64(..))
}

/// Waits until something is so, and says whether it became so in time.
pub(crate) async fn becomes(limit: Duration, mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let until = Instant::now() + limit;
    loop {
        if is_so().await {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Far longer than anything takes that works.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
const LONGEST: Duration = Duration::from_secs(60);
