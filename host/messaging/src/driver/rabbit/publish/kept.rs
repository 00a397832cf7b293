//! The queues that keep notifications until somebody listens (upstream
//! `Connection._publish_and_creates_default_queue`).

use std::collections::HashMap;
use std::sync::Arc;

use crate::mutex::Mutex;
use tokio::sync::OnceCell;

use super::publisher::{LANE_LIMIT, Publisher};
use crate::config::RabbitOptions;
use crate::driver::TransportError;
use crate::driver::rabbit::topology::{Exchange, Queue};

/// Those that were declared on this connection, by exchange and name.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<HashMap<(String, String), Declared>>);

type Declared = Arc<OnceCell<()>>;

impl Kept {
    fn place(&self, exchange: &Exchange, queue: &str) -> Declared {
        let mut known = self.0.lock();
        if known.len() >= MOST {
            known.clear();
        }
        let place = (exchange.name().to_owned(), queue.to_owned());
        Arc::clone(known.entry(place).or_default())
    }
}

impl Publisher {
    /// Makes the exchange and the queue, bound to each other by the queue's name, once.
    pub(super) async fn keep(
        &self,
        exchange: &Exchange,
        queue: &str,
        options: &RabbitOptions,
    ) -> Result<(), TransportError> {
        let place = self.kept.place(exchange, queue);
        if place.initialized() {
            return Ok(());
        }
        let declare = async || {
            let (exchange, line) = (exchange.clone(), Arc::clone(&self.line));
            let queue = Queue::shared(queue.to_owned(), options);
            // In a task, which whoever stops waiting does not stop: it would leave a channel open.
            let declaring = tokio::spawn(async move {
                let declaring = async {
                    exchange.declare(&line).await?;
                    queue.declare(&line).await?;
                    queue.bind(&line, &exchange, queue.name()).await
                };
                line.within(LANE_LIMIT, declaring).await
            });
            // It is never aborted: the runtime is shutting down.
            declaring.await.map_err(|_| TransportError::closed())?
        };
        place.get_or_try_init(declare).await.map(|_| ())
    }

    /// Something was deleted since: everything is declared again.
    pub(super) fn forget_kept(&self) {
        self.kept.0.lock().clear();
    }
}

/// More places are declared again now and then.
const MOST: usize = 1000;
