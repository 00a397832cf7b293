use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use oslo_messaging::{Endpoint, RemoteError, RpcClient, RpcServer, Target, Transport};
use serde_json::{Value, json};

/// Two transports that reach each other (two connections to one broker; in memory there is but
/// one), and a topic and an exchange that no other test uses.
pub(crate) struct Fixture {
    pub(crate) client: Transport,
    pub(crate) server: Transport,
    pub(crate) topic: String,
    pub(crate) exchange: String,
}

impl Fixture {
    pub(crate) fn memory() -> Self {
        let transport = Transport::memory();
        Self::new(transport.clone(), transport)
    }

    #[cfg(feature = "broker-tests")]
    pub(crate) fn rabbit() -> Self {
        let url = std::env::var("OSLO_TEST_TRANSPORT_URL")
            .expect("the feature broker-tests needs OSLO_TEST_TRANSPORT_URL: the URL of a broker");
        Self::new(Transport::new(&url).unwrap(), Transport::new(&url).unwrap())
    }

    fn new(client: Transport, server: Transport) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let id = format!(
            "{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        Self {
            client,
            server,
            topic: format!("topic-{id}"),
            exchange: format!("exchange-{id}"),
        }
    }

    pub(crate) fn target(&self) -> Target {
        Target::topic(&self.topic).exchange(&self.exchange)
    }

    pub(crate) fn client(&self) -> RpcClient {
        RpcClient::new(&self.client, self.target().version("2.0")).timeout(Duration::from_secs(10))
    }

    /// A server, and what its method `remember` was given.
    pub(crate) async fn serve(&self, server: &str) -> (RpcServer, Seen) {
        let seen = Seen::default();
        let server = RpcServer::builder(&self.server, self.target().server(server))
            .endpoint(endpoint(seen.clone()))
            .start()
            .await
            .unwrap();
        (server, seen)
    }

    pub(crate) async fn check_nothing_left(&self) {
        assert_eq!(self.client.waiting_calls(), 0, "calls still wait");
        assert_eq!(self.server.waiting_calls(), 0, "calls still wait");
        self.client.close().await;
        self.server.close().await;
    }
}

/// The values that a server's method `remember` was given.
pub(crate) type Seen = Arc<parking_lot::Mutex<Vec<Value>>>;

/// Waits until a condition holds that other tasks bring about.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within 5 s: {what}");
}

fn endpoint(seen: Seen) -> Endpoint {
    Endpoint::new()
        .version("2.5")
        .method("echo", |_, EchoArgs { value }: EchoArgs| async move {
            Ok(value)
        })
        .method("raise", |_, _: Value| async {
            let mut error = RemoteError::new("builtins", "ValueError", "('boom', 42)");
            error.args = serde_json::value::to_raw_value(&json!(["boom", 42])).unwrap();
            error.traceback = Box::new(["line 1\n".to_owned()]);
            Err::<(), _>(error)
        })
        .method("panic", |_, _: Value| async {
            if true {
                panic!("on purpose");
            }
            Ok(())
        })
        .method("sleep", |_, SleepArgs { seconds }: SleepArgs| async move {
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
            Ok(seconds)
        })
        .method("remember", move |_, EchoArgs { value }: EchoArgs| {
            seen.lock().push(serde_json::from_str(value.get()).unwrap());
            async { Ok(()) }
        })
}

#[derive(serde::Deserialize)]
struct EchoArgs {
    value: Box<serde_json::value::RawValue>,
}

#[derive(serde::Deserialize)]
struct SleepArgs {
    seconds: f64,
}
