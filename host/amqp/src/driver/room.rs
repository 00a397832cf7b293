//! How many bytes of messages may be on their way at the same time.

use std::sync::Arc;

use super::inbox::Shared;

/// Room for one message, from before it is handed over until the broker has it. Dropping it gives the
/// room back.
#[derive(Debug)]
pub struct Room {
    shared: Arc<Shared>,
    bytes: u32,
}

impl Room {
    /// Waits until so many bytes may be on their way as well. A message larger than everything that is
    /// allowed gets all of it.
    pub(super) async fn wait(shared: &Arc<Shared>, bytes: usize, most: usize) -> Self {
        let bytes = u32::try_from(bytes.min(most)).unwrap_or(u32::MAX);
        if let Ok(permit) = shared.room.acquire_many(bytes).await {
            permit.forget();
        }
        Self {
            shared: Arc::clone(shared),
            bytes,
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.shared.room.add_permits(self.bytes as usize);
    }
}
