//! The connection that publishes.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::classify::operation_error;
use super::connect::{Line, short};
use super::exchange::Exchange;
use super::lane::Lane;
use super::queue::Queue;
use super::supervisor::{Session, Settings};
use crate::error::TransportError;

/// A connection for publishing, with a lane for each exchange. Broker flow control stalls the
/// whole connection, so replies are not consumed on it.
#[derive(Debug)]
pub(super) struct Publisher {
    line: Line,
    lanes: Mutex<HashMap<String, Arc<Slot>>>,
}

/// A lane, or the place where it is being opened by one of those who want it.
#[derive(Debug, Default)]
struct Slot {
    open: Mutex<Option<Lane>>,
    opening: tokio::sync::Mutex<()>,
}

impl Publisher {
    /// The lane to an exchange; none is the default exchange. Declares the exchange and opens the
    /// channel unless both are there.
    pub(super) async fn lane(&self, exchange: Option<&Exchange>) -> Result<Lane, TransportError> {
        let name = exchange.map_or("", Exchange::name);
        let slot = self.slot(name);
        if let Some(lane) = slot.working() {
            return Ok(lane);
        }
        let _opening = slot.opening.lock().await;
        if let Some(lane) = slot.working() {
            return Ok(lane);
        }
        let short_name = short(name)?;
        let open = async {
            if let Some(exchange) = exchange {
                exchange.declare(&self.line).await?;
            }
            Lane::open(&self.line, short_name)
                .await
                .map_err(|error| operation_error(&self.line.peer, "a channel", &error))
        };
        let lane = self.line.unless_lost(open).await?;
        *slot.open.lock() = Some(lane.clone());
        Ok(lane)
    }

    fn slot(&self, name: &str) -> Arc<Slot> {
        let mut lanes = self.lanes.lock();
        if let Some(slot) = lanes.get(name) {
            return Arc::clone(slot);
        }
        // The broker allows a connection so many channels and no more. A lane that is dropped
        // finishes what it has in flight.
        if lanes.len() >= LANES {
            lanes.clear();
        }
        let slot = Arc::new(Slot::default());
        lanes.insert(name.to_owned(), Arc::clone(&slot));
        slot
    }
}

impl Slot {
    fn working(&self) -> Option<Lane> {
        self.open
            .lock()
            .as_ref()
            .filter(|lane| lane.is_open())
            .cloned()
    }
}

impl Session for Publisher {
    type Memory = ();

    const PURPOSE: &'static str = "publish";

    async fn open(_: &Settings, line: Line, (): &mut ()) -> Result<Self, TransportError> {
        Ok(Self {
            line,
            lanes: Mutex::new(HashMap::new()),
        })
    }

    async fn run(&self, (): &mut ()) -> TransportError {
        self.line.lost().await
    }

    fn line(&self) -> &Line {
        &self.line
    }

    fn leftovers((): ()) -> Vec<Queue> {
        Vec::new()
    }
}

/// Brokers allow 2047 channels by default; a lane being replaced counts twice for a moment.
const LANES: usize = 500;
