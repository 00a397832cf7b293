//! A server of this crate that writes down what it was told, for what waits while it is gone.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use oslo_messaging::{Context, Endpoint, Error, RpcServer, Target, Transport};
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
        for number in numbers {
            cast(by, number).await?;
        }
        Ok(())
    }

    /// Casts numbers from this one on until one is confirmed, and returns that one. Nobody knows
    /// what became of those before it.
    pub(crate) async fn cast_until_confirmed(&self, by: &Transport, first: u64) -> Result<u64> {
        for number in first.. {
            match cast(by, number).await {
                Ok(()) => return Ok(number),
                Err(error) if error.may_have_been_executed() => {}
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!("there is no other number")
    }

    /// Makes sure that the server has been told these numbers, each once.
    pub(crate) async fn ensure_executed(&self, expected: Range<u64>) -> Result<()> {
        self.ensure_executed_but(expected, 0..0).await
    }

    /// As [`ensure_executed`](Self::ensure_executed), but some may be missing.
    pub(crate) async fn ensure_executed_but(
        &self,
        expected: Range<u64>,
        perhaps: Range<u64>,
    ) -> Result<()> {
        let all = async {
            while !self
                .has(expected.clone().filter(|it| !perhaps.contains(it)))
                .await
            {
                sleep(Duration::from_millis(20)).await;
            }
            // Those that come twice have time to.
            sleep(Duration::from_millis(200)).await;
        };
        let came = timeout(PATIENCE, all).await;
        let mut numbers = self.numbers.lock().await.clone();
        numbers.sort_unstable();
        let twice = numbers.windows(2).any(|pair| pair[0] == pair[1]);
        let strange = numbers.iter().any(|number| !expected.contains(number));
        ensure!(came.is_ok() && !twice && !strange, "{numbers:?}");
        Ok(())
    }

    async fn has(&self, mut expected: impl Iterator<Item = u64>) -> bool {
        let numbers = self.numbers.lock().await;
        expected.all(|number| numbers.contains(&number))
    }
}

async fn cast(by: &Transport, number: u64) -> Result<(), Error> {
    let casts = client(by).topic("kept").at_least_once(true);
    let args = json!({"number": number});
    casts
        .timeout(PATIENCE)
        .cast(&json!({}), "keep", &args)
        .await
}
