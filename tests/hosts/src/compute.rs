//! What plugins call: a service they may call, others that they may not, and a referee who sees what arrives.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::join_all;
use oslo_messaging::{Context, Endpoint, RemoteError, RpcServer, Target, Transport};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

/// The servers.
pub struct Compute {
    servers: Vec<RpcServer>,
    /// Who sees what arrives.
    pub referee: Arc<Referee>,
}

/// What has arrived.
#[derive(Debug, Default)]
pub struct Referee {
    executions: Mutex<HashMap<String, u64>>,
    forbidden: Mutex<BTreeSet<String>>,
    gatherings: Mutex<HashMap<String, Arc<watch::Sender<u64>>>>,
    echoes: AtomicU64,
    last_echo: Mutex<Option<Instant>>,
}

impl Compute {
    /// Starts them.
    ///
    /// # Errors
    ///
    /// When one does not start.
    pub async fn start(transport: &Transport) -> Result<Self> {
        let referee = Arc::<Referee>::default();
        let start = |target: Target, endpoints: Vec<Endpoint>| async move {
            let mut server = RpcServer::builder(transport, target).concurrency(AT_ONCE);
            for endpoint in endpoints {
                server = server.endpoint(endpoint);
            }
            server.start().await
        };
        let any = || vec![echoing(&referee)];
        let more = vec![
            work(&referee),
            echoing(&referee).version("2.0"),
            echoing(&referee).namespace("admin"),
        ];
        let on = |topic: &str, server: &str| Target::topic(topic).server(server);
        let servers = vec![
            start(on("compute", "host-1"), more).await?,
            start(on("storage", "host-1"), any()).await?,
            start(on("storage", "host-2"), any()).await?,
            start(on("identity", "host-1"), any()).await?,
            start(on("elsewhere", "host-1").exchange("other"), any()).await?,
        ];
        Ok(Self { servers, referee })
    }

    /// Lets what runs end.
    pub async fn stop(self) {
        join_all(self.servers.into_iter().map(RpcServer::stop)).await;
    }
}

impl Referee {
    /// How often each id was counted.
    #[must_use]
    pub fn executions(&self) -> HashMap<String, u64> {
        locked(&self.executions).clone()
    }

    /// What arrived that nobody may send, by where it arrived.
    #[must_use]
    pub fn forbidden(&self) -> BTreeSet<String> {
        locked(&self.forbidden).clone()
    }

    /// How many calls of `echo` there were.
    #[must_use]
    pub fn echoes(&self) -> u64 {
        self.echoes.load(Ordering::Relaxed)
    }

    /// When the last call of `echo` came.
    #[must_use]
    pub fn last_echo(&self) -> Option<Instant> {
        *locked(&self.last_echo)
    }

    fn count(&self, id: &str) {
        *locked(&self.executions).entry(id.to_owned()).or_default() += 1;
    }

    fn echo(&self, context: &Context, args: &Value) {
        self.echoes.fetch_add(1, Ordering::Relaxed);
        *locked(&self.last_echo) = Some(Instant::now());
        if args["value"] == "forbidden" {
            locked(&self.forbidden).insert(context.method().to_owned());
        }
    }

    /// Waits until so many are there with this id.
    async fn gather(&self, id: &str, count: u64) {
        let there = {
            let mut gatherings = locked(&self.gatherings);
            let there = gatherings.entry(id.to_owned());
            Arc::clone(there.or_insert_with(|| Arc::new(watch::Sender::new(0))))
        };
        there.send_modify(|there| *there += 1);
        // The sender is here.
        let _ = there.subscribe().wait_for(|there| *there >= count).await;
        locked(&self.gatherings).remove(id);
    }
}

/// What plugins may call.
fn work(referee: &Arc<Referee>) -> Endpoint {
    let [counting, gathering] = [referee, referee].map(Arc::clone);
    echoing(referee)
        .version("1.5")
        .method("context", |context: Context, _: Value| async move {
            let values = context.iter();
            let values: Map<_, _> = values
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect();
            Ok::<_, RemoteError>(values)
        })
        .method("count", move |_, args: Value| {
            let referee = Arc::clone(&counting);
            async move {
                let id = args["id"].as_str().unwrap_or_default();
                referee.count(id);
                sleep(Duration::from_millis(
                    args["pause_ms"].as_u64().unwrap_or_default(),
                ))
                .await;
                Ok::<_, RemoteError>(json!({"id": id}))
            }
        })
        .method("gather", move |_, args: Value| {
            let referee = Arc::clone(&gathering);
            async move {
                let id = args["id"].as_str().unwrap_or_default();
                let count = args["count"].as_u64().unwrap_or_default();
                referee.gather(id, count).await;
                Ok::<_, RemoteError>("all are there")
            }
        })
        .method("hold", |_, _: Value| async {
            sleep(HOLD).await;
            Ok::<_, RemoteError>("held")
        })
}

/// `echo` and `reboot`, which give back what they get.
fn echoing(referee: &Arc<Referee>) -> Endpoint {
    ["echo", "reboot"]
        .into_iter()
        .fold(Endpoint::new(), |endpoint, method| {
            let referee = Arc::clone(referee);
            endpoint.method(method, move |context: Context, args: Value| {
                referee.echo(&context, &args);
                async move { Ok::<_, RemoteError>(args) }
            })
        })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// More than plugins may have in flight together.
const AT_ONCE: usize = 4096;
/// How long the method of this name takes.
const HOLD: Duration = Duration::from_millis(50);
