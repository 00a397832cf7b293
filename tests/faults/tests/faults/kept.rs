//! A server of this crate that writes down what it was told, for what waits while it is gone.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use oslo_messaging::{Context, Endpoint, RpcServer, Target, Transport};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::scene::{PATIENCE, client};

/// Numbers, and the transport of the server that gets them. Its queues should be durable.
pub(crate) struct Kept {
    pub(crate) transport: Transport,
    numbers: Arc<Mutex<Vec<u64>>>,
}

impl Kept {
    pub(crate) fn new(url: &str) -> Result<Self> {
        Ok(Self {
            transport: Transport::new(url)?,
            numbers: Arc::default(),
        })
    }

    /// Starts the server. What it was told before comes to it now.
    pub(crate) async fn serve(&self) -> Result<RpcServer> {
        let numbers = Arc::clone(&self.numbers);
        let keep = move |_: Context, args: Value| {
            let numbers = Arc::clone(&numbers);
            async move {
                numbers.lock().await.extend(args["number"].as_u64());
                Ok(Value::Null)
            }
        };
        let target = Target::topic("kept").server("s1");
        let endpoint = Endpoint::new().version("1.0").method("keep", keep);
        let server = RpcServer::builder(&self.transport, target).endpoint(endpoint);
        Ok(server.start().await?)
    }

    /// Casts these numbers; every one is confirmed.
    pub(crate) async fn cast(&self, by: &Transport, numbers: Range<u64>) -> Result<()> {
        let casts = client(by).topic("kept").at_least_once(true);
        let casts = casts.timeout(PATIENCE);
        for number in numbers {
            let args = json!({"number": number});
            casts.cast(&json!({}), "keep", &args).await?;
        }
        Ok(())
    }

    /// Makes sure that the server has been told these numbers, each once.
    pub(crate) async fn ensure_executed(&self, expected: Range<u64>) -> Result<()> {
        let expected: Vec<u64> = expected.collect();
        let all = async {
            while self.numbers.lock().await.len() < expected.len() {
                sleep(Duration::from_millis(20)).await;
            }
            // Those that come twice have time to.
            sleep(Duration::from_millis(200)).await;
        };
        let came = timeout(PATIENCE, all).await;
        let mut numbers = self.numbers.lock().await.clone();
        numbers.sort_unstable();
        ensure!(came.is_ok() && numbers == expected, "{numbers:?}");
        Ok(())
    }
}
