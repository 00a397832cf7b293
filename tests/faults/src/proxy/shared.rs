//! What a proxy's connections share.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::{Ending, Flow};
use crate::frames::Kind;

#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    ToBroker,
    ToClient,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) accepted: AtomicU64,
    pub(super) bytes_to_broker: AtomicU64,
    pub(super) bytes_to_client: AtomicU64,
    pub(super) frames_to_client: AtomicU64,
    pub(super) lost_confirms: AtomicU64,
    pub(super) lost_deliveries: AtomicU64,
    pub(super) truncated: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) broker: SocketAddr,
    pub(super) flow: watch::Sender<Flow>,
    pub(super) connections: Mutex<BTreeMap<u64, mpsc::UnboundedSender<Ending>>>,
    pub(super) refuses: AtomicBool,
    pub(super) confirms_to_lose: AtomicU64,
    pub(super) deliveries_to_lose: AtomicU64,
    pub(super) truncate_to_broker: AtomicU64,
    pub(super) truncate_to_client: AtomicU64,
    pub(super) counters: Counters,
}

impl Shared {
    pub(super) fn connections(
        &self,
    ) -> MutexGuard<'_, BTreeMap<u64, mpsc::UnboundedSender<Ending>>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when bytes may travel in this direction.
    pub(super) async fn gate(&self, direction: Direction) {
        let mut flow = self.flow.subscribe();
        let delay = flow.borrow().delay;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        let stalls = |flow: &Flow| match direction {
            Direction::ToBroker => flow.stall_to_broker,
            Direction::ToClient => flow.stall_to_client,
        };
        // It fails when the proxy is gone, and then the connection is cut.
        let _ = flow.wait_for(|flow| !stalls(flow)).await;
    }

    pub(super) fn loses(&self, kind: Kind) -> bool {
        let (to_lose, lost) = match kind {
            Kind::Confirm => (&self.confirms_to_lose, &self.counters.lost_confirms),
            Kind::Deliver => (&self.deliveries_to_lose, &self.counters.lost_deliveries),
            _ => return false,
        };
        let loses = take_one(to_lose);
        if loses {
            lost.fetch_add(1, Ordering::SeqCst);
        }
        loses
    }
}

pub(super) fn take_one(counter: &AtomicU64) -> bool {
    let less = |count: u64| count.checked_sub(1);
    counter
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
        .is_ok()
}
