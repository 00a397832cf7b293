//! From a message as it came to what it says, without holding up the runtime.

use bytes::Bytes;
use tokio::task::JoinError;

use crate::driver::Incoming;
use crate::wire::{CONTENT_TYPE, LARGEST, Malformed, decompress};

/// What a message says; none if it is not one, which is logged. `what` it should be is for the log.
///
/// # Errors
///
/// The runtime ends, and nobody has read it.
pub(crate) async fn read<T: Send + 'static>(
    message: Incoming,
    what: &'static str,
    decode: fn(&[u8]) -> Result<T, Malformed>,
) -> Result<Option<T>, JoinError> {
    let Incoming {
        content_type,
        compression,
        body,
    } = message;
    if content_type.as_deref() != Some(CONTENT_TYPE) {
        tracing::warn!(?content_type, "dropped a {what} of an unknown content type");
        return Ok(None);
    }
    let decode = move |compression: Option<&str>, body: &Bytes| {
        decode(&decompress(compression, body, LARGEST)?)
    };
    let read = if compression.is_none() && body.len() <= SHORT {
        decode(None, &body)
    } else {
        let decoding = tokio::task::spawn_blocking(move || decode(compression.as_deref(), &body));
        match decoding.await {
            Err(error) if error.is_panic() => Err(Malformed::UNREADABLE),
            read => read?,
        }
    };
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) => {
            tracing::warn!(%error, "dropped a malformed {what}");
            Ok(None)
        }
    }
}

/// Reading so much takes less than handing it to another thread.
const SHORT: usize = 64 * 1024;
