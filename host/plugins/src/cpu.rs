//! Processor time of an invocation.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use oslo_messaging_wasmtime::{End, Halted, Invocation};
use rustix::time::{ClockId, clock_gettime};

/// Runs an invocation until it ends or has used more processor time than this.
///
/// A guest computes inside a poll, which a tick ends, so that adding up the thread's own clock over the
/// polls counts what the guest takes, and neither what it waits for nor what others do.
pub(crate) async fn within(
    limit: Duration,
    mut invocation: Invocation<'_>,
) -> wasmtime::Result<End> {
    let mut used = Duration::ZERO;
    poll_fn(|cx| {
        let before = thread_time();
        let polled = invocation.as_mut().poll(cx);
        used += thread_time().saturating_sub(before);
        if polled.is_pending() && used > limit {
            return Poll::Ready(Err(halted(limit).into()));
        }
        polled
    })
    .await
}

fn halted(limit: Duration) -> Halted {
    let why = format!("it was stopped after {limit:?} of processor time, its limit");
    Halted::new("TimeoutError", why)
}

fn thread_time() -> Duration {
    // Both parts are positive, and the clock is there on every system that this runs on.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin(length: Duration) {
        let start = thread_time();
        while thread_time() - start < length {
            std::hint::spin_loop();
        }
    }

    #[tokio::test]
    async fn what_computes_is_stopped_and_what_waits_is_not() {
        let limit = Duration::from_millis(20);
        let spinning = async {
            loop {
                spin(Duration::from_millis(2));
                tokio::task::yield_now().await;
            }
        };
        let error = within(limit, Box::pin(spinning)).await.unwrap_err();
        let says = "it was stopped after 20ms of processor time, its limit";
        assert_eq!(error.to_string(), says);

        let waiting = async {
            for _ in 0..10 {
                spin(Duration::from_micros(100));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(End::Returned)
        };
        let ended = within(limit, Box::pin(waiting)).await;
        assert_eq!(ended.unwrap(), End::Returned);
    }
}
