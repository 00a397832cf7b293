//! The methods that the demo and the example plugins call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use oslo_messaging::{Context, Endpoint, RemoteError, Result, RpcServer, Target, Transport};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Starts one server per name. Those that have started are among `servers` even if one does not.
pub(crate) async fn serve(
    transport: &Transport,
    target: &Target,
    names: &[String],
    servers: &mut Vec<RpcServer>,
) -> Result<()> {
    for name in names {
        let server = RpcServer::builder(transport, target.clone().server(name))
            .endpoint(public(name))
            .endpoint(admin(name))
            .ping(true)
            .grace(GRACE)
            .start()
            .await?;
        servers.push(server);
    }
    Ok(())
}

/// Stops them in good order, for which they have three seconds.
pub(crate) async fn stop(servers: Vec<RpcServer>) {
    let stopping: JoinSet<()> = servers.into_iter().map(RpcServer::stop).collect();
    stopping.join_all().await;
}

/// What everybody may call, version 1.5.
fn public(name: &str) -> Endpoint {
    let name: Arc<str> = name.into();
    let words = Arc::new(parking_lot::Mutex::new(Vec::<String>::new()));
    let remembered = Arc::clone(&words);
    let requests = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&requests);
    Endpoint::new()
        .version("1.5")
        .method("echo", move |_, Echo { value }: Echo| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move { Ok(value) }
        })
        .method("count", move |_, _: Value| {
            let count = requests.load(Ordering::Relaxed);
            async move { Ok(count) }
        })
        .method("add", |_, Add { a, b }: Add| async move {
            a.checked_add(b)
                .ok_or_else(|| RemoteError::new("builtins", "OverflowError", "beyond 64 bits"))
        })
        .method("divide", |_, Divide { a, b }: Divide| async move {
            if b == 0.0 {
                return Err(RemoteError::new(
                    "builtins",
                    "ZeroDivisionError",
                    "division by zero",
                ));
            }
            Ok(a / b)
        })
        .method("sleep", |_, Sleep { seconds }: Sleep| async move {
            tokio::time::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default()).await;
            Ok(seconds)
        })
        .method("whoami", move |_, _: Value| {
            let name = Arc::clone(&name);
            async move { Ok(name.to_string()) }
        })
        .method("context", |context: Context, _: Value| async move {
            let values = context
                .iter()
                .map(|(name, value)| (name.to_owned(), json!(value)));
            Ok(values.collect::<serde_json::Map<_, _>>())
        })
        .method("remember", move |_, Remember { word }: Remember| {
            let mut words = remembered.lock();
            // A demo that runs for weeks must not grow.
            if words.len() == 1000 {
                words.remove(0);
            }
            words.push(word);
            async { Ok(()) }
        })
        .method("recall", move |_, _: Value| {
            let words = words.lock().clone();
            async move { Ok(words) }
        })
}

/// Another namespace, with a version of its own.
fn admin(name: &str) -> Endpoint {
    let name = name.to_owned();
    Endpoint::new()
        .namespace("admin")
        .version("2.0")
        .method("status", move |_, _: Value| {
            let status = json!({"server": name, "healthy": true});
            async move { Ok(status) }
        })
}

#[derive(Deserialize)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize)]
struct Divide {
    a: f64,
    b: f64,
}

#[derive(Deserialize)]
struct Echo {
    value: Box<RawValue>,
}

#[derive(Deserialize)]
struct Remember {
    word: String,
}

#[derive(Deserialize)]
struct Sleep {
    seconds: f64,
}

/// With the transport's closing behind it, less than the ten seconds that containers have to stop.
pub(crate) const GRACE: Duration = Duration::from_secs(3);
