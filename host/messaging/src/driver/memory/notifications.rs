//! Notifications in memory: kept until they are settled.

use std::sync::Arc;

use crate::mutex::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use super::Memory;
use super::queues::{Consumer, Key, Queues, Stored};
use crate::driver::{
    NotificationListening, NotificationSubscription, Receipt, Settlement, TransportError,
    Unsettled, inbox,
};

impl Memory {
    pub(super) fn subscribe_to_notifications(
        &self,
        subscription: &NotificationSubscription,
    ) -> Result<NotificationListening, TransportError> {
        let id = crate::id::random();
        let (dealing, mut dealt) = mpsc::unbounded_channel();
        let mut keys: Vec<Key> = Vec::new();
        {
            let now = Instant::now();
            let mut queues = self.queues.lock();
            queues.check_open()?;
            for source in &subscription.sources {
                let name = subscription.queue(source);
                queues.bind(&source.exchange, &source.routing_key, name);
                let key = Key::Topic(name.to_owned());
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            for key in &keys {
                let consumer = Consumer::new(id, dealing.clone(), PREFETCH);
                queues.subscribe(key, consumer, now);
            }
        }
        drop(dealing);
        let (inbox, incoming) = inbox();
        let (leaving, left) = oneshot::channel();
        let queues = Arc::clone(&self.queues);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    next = dealt.recv() => {
                        let Some((key, stored)) = next else { break };
                        inbox.put(unsettled(&queues, key, id, stored));
                    }
                    () = inbox.closed() => break,
                }
            }
            {
                let mut queues = queues.lock();
                for key in &keys {
                    queues.unsubscribe(key, id);
                }
            }
            // Nobody deals any more.
            while let Ok((key, stored)) = dealt.try_recv() {
                drop(unsettled(&queues, key, id, stored));
            }
            drop(leaving);
        });
        Ok(NotificationListening { incoming, left })
    }
}

fn unsettled(queues: &Arc<Mutex<Queues>>, key: Key, consumer: Uuid, stored: Stored) -> Unsettled {
    Unsettled {
        incoming: stored.incoming.clone(),
        redelivered: stored.redelivered,
        receipt: Box::new(Kept {
            queues: Arc::clone(queues),
            key,
            consumer,
            message: stored,
            comes_again: true,
        }),
    }
}

/// A message that was handed out.
#[derive(Debug)]
struct Kept {
    queues: Arc<Mutex<Queues>>,
    key: Key,
    consumer: Uuid,
    message: Stored,
    comes_again: bool,
}

impl Receipt for Kept {
    fn is_valid(&self) -> bool {
        true
    }

    fn settle(mut self: Box<Self>, settlement: Settlement) {
        self.comes_again = settlement == Settlement::Requeued;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let mut message = self.message.clone();
        message.redelivered = true;
        let now = Instant::now();
        let mut queues = self.queues.lock();
        queues.settle(&self.key, self.consumer, message, self.comes_again, now);
    }
}

/// How many messages of a queue may be handed out to a listener without their being settled, as over
/// RabbitMQ: a slow one must not collect what others could do.
const PREFETCH: usize = 100;
