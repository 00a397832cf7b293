//! Reading replies, without letting one keep the others waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::Replies;
use crate::wire::{
    CONTENT_TYPE, Decompressed, Malformed, Reply, ReplyResult, begin_decompressing, decode_reply,
    named_calls,
};

/// Compressed replies that take long, read one after the other: whoever can put messages into a
/// reply queue must not occupy more than one thread.
#[derive(Debug)]
pub(super) struct Backlog {
    turn: Arc<Semaphore>,
    bytes: AtomicUsize,
}

impl Default for Backlog {
    fn default() -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
            bytes: AtomicUsize::new(0),
        }
    }
}

pub(super) fn deliver(
    replies: &Arc<Replies>,
    content_type: Option<&str>,
    compression: Option<&str>,
    body: &Bytes,
) {
    if content_type != Some(CONTENT_TYPE) {
        tracing::warn!(?content_type, "dropped a reply of an unknown content type");
        return;
    }
    match compression {
        None if body.len() <= SHORT => read(replies, body),
        None => {
            if replies.waits_for_any(named_calls(body)) {
                let (replies, body) = (Arc::clone(replies), body.clone());
                tokio::task::spawn_blocking(move || read(&replies, &body));
            } else {
                tracing::debug!(bytes = body.len(), "dropped a reply nobody waits for");
            }
        }
        Some(method) => {
            // The beginning costs little, and tells nonsense from what may be a reply.
            let most = SHORT.min(replies.envelope_bytes());
            match begin_decompressing(
                Some(method),
                body.get(..LOOK.min(body.len())).unwrap_or_default(),
                most,
            ) {
                Ok(Decompressed::Whole(whole)) if body.len() <= LOOK => read(replies, &whole),
                Ok(Decompressed::Beginning(beginning)) if !may_be_object(&beginning) => {
                    malformed(Malformed::NOT_AN_OBJECT, body.len());
                }
                Err(error) if body.len() <= LOOK => malformed(error, body.len()),
                _ => queue(replies, method, body),
            }
        }
    }
}

/// Reads a compressed reply when its turn has come.
fn queue(replies: &Arc<Replies>, method: &str, body: &Bytes) {
    // A small one costs a task as well.
    let cost = body.len().max(LOOK);
    let before = replies.backlog.bytes.fetch_add(cost, Ordering::Relaxed);
    if before >= MOST_BYTES {
        replies.backlog.done(cost);
        tracing::warn!(
            bytes = body.len(),
            "dropped a compressed reply: too many wait to be read"
        );
        return;
    }
    let waiting = Waiting {
        backlog: Arc::clone(&replies.backlog),
        cost,
    };
    let (replies, method, body) = (Arc::clone(replies), method.to_owned(), body.clone());
    tokio::spawn(async move {
        let turn = Arc::clone(&replies.backlog.turn).acquire_owned().await;
        let reading = tokio::task::spawn_blocking(move || {
            let _waiting = waiting;
            match begin_decompressing(Some(&method), &body, replies.envelope_bytes()) {
                Ok(Decompressed::Whole(whole)) => read(&replies, &whole),
                Ok(Decompressed::Beginning(beginning)) => {
                    too_large(&replies, &beginning, beginning.len() as u64);
                }
                Err(error) => malformed(error, body.len()),
            }
        });
        // The runtime may be shutting down.
        let _ = reading.await;
        drop(turn);
    });
}

/// A reply that is to be read. Dropped, it is not any more, whether or not it was: its runtime may end.
struct Waiting {
    backlog: Arc<Backlog>,
    cost: usize,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.backlog.done(self.cost);
    }
}

impl Backlog {
    fn done(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Replies {
    /// The largest body that can hold a result of the size that is allowed: escaping doubles it at
    /// most, but for control characters.
    fn envelope_bytes(&self) -> usize {
        self.most_bytes.saturating_mul(2).saturating_add(SHORT)
    }
}

fn read(replies: &Replies, body: &[u8]) {
    match decode_reply(body) {
        Ok(reply) => replies.take(reply),
        Err(error) => malformed(error, body.len()),
    }
}

/// Tells the call that its reply, of at least so many bytes, cannot be taken, if the piece that there is
/// names it.
pub(super) fn too_large(replies: &Replies, piece: &[u8], bytes: u64) {
    let call = named_calls(piece).find(|call| replies.waits_for_any(std::iter::once(*call)));
    let Some(msg_id) = call else {
        tracing::warn!(bytes, "dropped a reply that is too large");
        return;
    };
    let most = replies.most_bytes;
    replies.take(Reply {
        msg_id,
        result: Some(ReplyResult::Invalid(format!(
            "the result has more bytes than the {most} that are allowed"
        ))),
        ending: true,
    });
}

fn malformed(error: Malformed, bytes: usize) {
    tracing::warn!(%error, bytes, "dropped a malformed reply");
}

fn may_be_object(beginning: &[u8]) -> bool {
    beginning.trim_ascii_start().starts_with(b"{")
}

/// Reading so much takes less than handing it to another thread.
const SHORT: usize = 64 * 1024;
/// So much of a compressed body is looked at first.
const LOOK: usize = 4 * 1024;
/// So many bytes of compressed replies wait to be read. Their number alone is no bound: when the network
/// has stood still, or many servers answer at once, each may be a call's.
const MOST_BYTES: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_runtime_leaves_unread_takes_no_room() {
        let replies = Arc::new(Replies::new(1024));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            queue(&replies, "application/x-gzip", &Bytes::from_static(b"none"));
        });
        assert_eq!(replies.backlog.bytes.load(Ordering::Relaxed), LOOK);
        drop(runtime);
        assert_eq!(replies.backlog.bytes.load(Ordering::Relaxed), 0);
    }
}
