//! What the faults happen in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use oslo_messaging_tests::broker::Broker;
use tokio::time::{sleep, timeout};

use crate::counting::CountingServer;
use crate::fault::{on_thread, our_connections, reply_queues, waiting_messages};
use crate::proxy::Proxy;

/// A virtual host with counting servers, and two ways to it.
#[derive(Debug)]
pub struct World {
    /// The broker.
    pub broker: Arc<Broker>,
    /// The virtual host.
    pub virtual_host: String,
    /// The two hosts of [`url`](Self::url).
    pub proxies: [Proxy; 2],
    /// The servers of [`TOPIC`].
    pub servers: Vec<CountingServer>,
}

impl World {
    /// Makes the virtual host and starts so many servers.
    ///
    /// # Errors
    ///
    /// Fails when something does not start.
    pub async fn new(broker: &Arc<Broker>, servers: usize) -> Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let virtual_host = format!("faults-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let name = virtual_host.clone();
        on_thread(broker, move |broker| broker.add_virtual_host(&name)).await?;
        let proxies = [
            Proxy::start(broker.port()).await?,
            Proxy::start(broker.port()).await?,
        ];
        let mut world = Self {
            broker: Arc::clone(broker),
            virtual_host,
            proxies,
            servers: Vec::new(),
        };
        let url = broker.url(&world.virtual_host);
        for number in 0..servers {
            let server = format!("server-{number}");
            world
                .servers
                .push(CountingServer::start(&url, TOPIC, &server).await?);
        }
        Ok(world)
    }

    /// A transport URL with both hosts.
    #[must_use]
    pub fn url(&self) -> String {
        let url = self.broker.url(&self.virtual_host);
        let (scheme_and_user, host) = url.split_once('@').unwrap_or_default();
        let user = scheme_and_user.trim_start_matches("rabbit://");
        let (_, path) = host.split_once('/').unwrap_or_default();
        let [first, second] = self.proxies.each_ref().map(Proxy::port);
        format!(
            "rabbit://{user}@127.0.0.1:{first},{user}@127.0.0.1:{second}/{path}?{}",
            format_args!(
                "amqp_durable_queues=true&rabbit_retry_interval=1&rabbit_retry_backoff=0\
                 &heartbeat_timeout_threshold={}",
                HEARTBEAT.as_secs()
            )
        )
    }

    /// Returns when the servers have taken all there is, and have had time to execute it.
    ///
    /// # Errors
    ///
    /// Fails when they do not within half a minute.
    pub async fn settle(&self) -> Result<()> {
        let empty = async {
            while waiting_messages(&self.broker, &self.virtual_host, TOPIC).await? != Some(0) {
                sleep(Duration::from_millis(100)).await;
            }
            anyhow::Ok(())
        };
        timeout(SETTLE_LIMIT, empty)
            .await
            .context("the servers do not take what is there")??;
        sleep(LONGEST_EXECUTION).await;
        Ok(())
    }

    /// Reply queues and connections of ours that are there though the transport was closed. They
    /// have a moment: the broker learns of a lost connection later than we do.
    ///
    /// # Errors
    ///
    /// Fails when the broker does not say.
    pub async fn leftovers(&self) -> Result<(u64, u64)> {
        let mut found = (0, 0);
        for _ in 0..5 {
            let queues = reply_queues(&self.broker, &self.virtual_host).await?.len();
            let connections = our_connections(&self.broker, &self.virtual_host).await?;
            found = (queues as u64, connections as u64);
            if found == (0, 0) {
                break;
            }
            sleep(Duration::from_millis(300)).await;
        }
        Ok(found)
    }
}

/// The servers' topic.
pub const TOPIC: &str = "counted";

/// How often the broker and we give a sign of life.
pub const HEARTBEAT: Duration = Duration::from_secs(10);
const LONGEST_EXECUTION: Duration = Duration::from_millis(500);
const SETTLE_LIMIT: Duration = Duration::from_secs(30);
