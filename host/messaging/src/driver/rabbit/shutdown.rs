//! The end in good order, whatever state the connection is in by then.

use std::time::Duration;

use tokio::time::timeout;

use super::connect::{Line, Settings};
use super::topology::{Queue, delete_all};
use crate::driver::TransportError;
use crate::observe::Purpose;

/// Deletes the queues and closes the line. There may be no line, because the transport is closed
/// while it is lost, and the one that there is may be dead without knowing: what is left then is
/// tried once more on a new connection, in [`AGAIN_LIMIT`]. Beyond that it is left to its expiry.
pub(super) async fn leave(
    settings: &Settings,
    purpose: Purpose,
    line: Option<&Line>,
    mut queues: Vec<Queue>,
) {
    if let Some(line) = line {
        delete_all(&mut queues, line).await;
    }
    let close = async {
        if let Some(line) = line {
            line.close().await;
        }
    };
    let again = async {
        if queues.is_empty() {
            return Ok(());
        }
        let line = settings.connect(purpose).await?;
        delete_all(&mut queues, &line).await;
        line.close().await;
        Ok::<_, TransportError>(())
    };
    match tokio::join!(close, timeout(AGAIN_LIMIT, again)) {
        ((), Ok(Ok(()))) => {}
        ((), Ok(Err(error))) => tracing::debug!(%error, %purpose, "{LEFT}"),
        ((), Err(_)) => tracing::debug!(%purpose, "{LEFT}"),
    }
}

const LEFT: &str = "queues are left to their expiry";
const AGAIN_LIMIT: Duration = Duration::from_secs(3);
