//! Notifications in memory: kept until they are settled.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::Memory;
use super::queues::{Consumer, Key, Queues, Stored};
use crate::driver::{
    NotificationListening, NotificationSubscription, Receipt, Settlement, TransportError, Unsettled,
};

impl Memory {
    pub(super) fn subscribe_to_notifications(
        &self,
        subscription: &NotificationSubscription,
    ) -> Result<NotificationListening, TransportError> {
        let id = crate::id::random();
        let (inbox, mut dealt) = mpsc::unbounded_channel();
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
                let inbox = inbox.clone();
                queues.subscribe(key, Consumer { id, inbox }, now);
            }
        }
        let (sender, incoming) = mpsc::unbounded_channel();
        let (leaving, left) = oneshot::channel();
        let queues = Arc::clone(&self.queues);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    next = dealt.recv() => {
                        let Some((key, stored)) = next else { break };
                        // If nobody takes it any more, its receipt gives it back.
                        let _ = sender.send(unsettled(&queues, key, stored));
                    }
                    () = sender.closed() => break,
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
                drop(unsettled(&queues, key, stored));
            }
            drop(leaving);
        });
        Ok(NotificationListening { incoming, left })
    }
}

fn unsettled(queues: &Arc<Mutex<Queues>>, key: Key, stored: Stored) -> Unsettled {
    Unsettled {
        incoming: stored.incoming.clone(),
        redelivered: stored.redelivered,
        receipt: Box::new(Kept {
            queues: Arc::clone(queues),
            message: Some((key, stored)),
        }),
    }
}

/// A message that was handed out. Dropped, it goes back.
#[derive(Debug)]
struct Kept {
    queues: Arc<Mutex<Queues>>,
    message: Option<(Key, Stored)>,
}

impl Receipt for Kept {
    fn is_valid(&self) -> bool {
        true
    }

    fn settle(mut self: Box<Self>, settlement: Settlement) {
        match settlement {
            Settlement::Handled | Settlement::Rejected => self.message = None,
            Settlement::Requeued => {}
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some((key, mut message)) = self.message.take() {
            message.redelivered = true;
            self.queues.lock().give_back(&key, message, Instant::now());
        }
    }
}
