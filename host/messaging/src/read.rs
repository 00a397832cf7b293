//! From a message as it came to what it says, without holding up the runtime and without filling its
//! memory.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, spawn_blocking};

use crate::driver::Incoming;
use crate::wire::{
    CONTENT_TYPE, Decompressed, LARGEST, Malformed, begin_decompressing, decompress,
};

/// Reads messages, of whose compressed bodies so much is there at a time, however many are read and
/// however small they were when they came: a kilobyte may become a megabyte.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// Of bytes that came out of compressed bodies.
    room: Arc<Semaphore>,
    /// The most that may come out of one.
    largest: u32,
}

/// What a message says.
#[derive(Debug)]
pub(crate) struct Read<T> {
    pub(crate) said: T,
    /// To be dropped with what it says.
    pub(crate) room: Room,
}

/// The room that a message takes. Dropped, others have it.
#[derive(Debug)]
pub(crate) struct Room {
    _bytes: Option<OwnedSemaphorePermit>,
}

type Decode<T> = fn(&[u8]) -> Result<T, Malformed>;

impl Default for Reader {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(2 * LARGEST)),
            largest: u32::try_from(LARGEST).unwrap_or(u32::MAX),
        }
    }
}

impl Reader {
    /// What a message says; none if it is not one, which is logged. `what` it should be is for the log.
    ///
    /// One out of which much comes waits until there is room.
    ///
    /// # Errors
    ///
    /// The runtime ends, and nobody has read it.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        message: Incoming,
        what: &'static str,
        decode: Decode<T>,
    ) -> Result<Option<Read<T>>, JoinError> {
        let Incoming {
            content_type,
            compression,
            body,
        } = message;
        if content_type.as_deref() != Some(CONTENT_TYPE) {
            tracing::warn!(?content_type, "dropped a {what} of an unknown content type");
            return Ok(None);
        }
        let read = match compression {
            None if body.len() <= SHORT => decode(&body).map(Read::of),
            None => elsewhere(move || decode(&body).map(Read::of)).await?,
            Some(method) => self.decompress(method, body, decode).await?,
        };
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) => {
                tracing::warn!(%error, "dropped a malformed {what}");
                Ok(None)
            }
        }
    }

    async fn decompress<T: Send + 'static>(
        &self,
        method: String,
        body: Bytes,
        decode: Decode<T>,
    ) -> Result<Result<Read<T>, Malformed>, JoinError> {
        // What is small, as most are, waits for nobody.
        let small = {
            let (method, body) = (method.clone(), body.clone());
            let begin = move || match begin_decompressing(Some(&method), &body, SHORT)? {
                Decompressed::Whole(body) => decode(&body).map(Some),
                Decompressed::Beginning(_) => Ok(None),
            };
            elsewhere(begin).await?
        };
        match small {
            Ok(None) => {}
            Ok(Some(said)) => return Ok(Ok(Read::of(said))),
            Err(error) => return Ok(Err(error)),
        }
        let room = Arc::clone(&self.room)
            .acquire_many_owned(self.largest)
            .await;
        // It is never closed.
        let Ok(mut room) = room else {
            return Ok(Err(Malformed::UNREADABLE));
        };
        let most = self.largest as usize;
        elsewhere(move || {
            let whole = decompress(Some(&method), &body, most)?;
            let bytes = room.split(whole.len());
            // Before it takes the time that decoding takes.
            drop(room);
            Ok(Read {
                said: decode(&whole)?,
                room: Room { _bytes: bytes },
            })
        })
        .await
    }
}

impl<T> Read<T> {
    const fn of(said: T) -> Self {
        Self {
            said,
            room: Room { _bytes: None },
        }
    }
}

/// Does what takes long on another thread.
async fn elsewhere<T: Send + 'static>(
    reading: impl FnOnce() -> Result<T, Malformed> + Send + 'static,
) -> Result<Result<T, Malformed>, JoinError> {
    match spawn_blocking(reading).await {
        Err(error) if error.is_panic() => Ok(Err(Malformed::UNREADABLE)),
        read => read,
    }
}

/// Reading so much takes less than handing it to another thread.
const SHORT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn compressed(bytes: usize) -> Incoming {
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&vec![b'x'; bytes]).unwrap();
        Incoming {
            content_type: Some(CONTENT_TYPE.into()),
            compression: Some("application/x-gzip".to_owned()),
            body: encoder.finish().unwrap().into(),
        }
    }

    #[tokio::test]
    async fn what_comes_out_of_compressed_bodies_waits_for_room() {
        const MIB: usize = 1024 * 1024;
        let reader = Reader {
            room: Arc::new(Semaphore::new(3 * MIB)),
            largest: 2 * MIB as u32,
        };
        let read = async |bytes| {
            let reading = reader.read(compressed(bytes), "request", |body| Ok(body.len()));
            reading.await.unwrap()
        };
        let first = read(MIB + 1).await.unwrap();
        assert_eq!(first.said, MIB + 1);
        let mut second = std::pin::pin!(read(2 * MIB));
        let early = timeout(Duration::from_millis(300), &mut second).await;
        assert!(early.is_err(), "{early:?}");
        // It does not keep others from what needs no room.
        assert_eq!(read(SHORT).await.unwrap().said, SHORT);
        drop(first);
        let second = second.await.unwrap();
        assert_eq!(second.said, 2 * MIB);
        assert_eq!(reader.room.available_permits(), MIB);
        drop(second);
        // What is too large takes none.
        assert!(read(2 * MIB + 1).await.is_none());
        assert_eq!(reader.room.available_permits(), 3 * MIB);
    }
}
