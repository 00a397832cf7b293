//! Signs of life while a method runs, for a caller that monitors its call.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::reply::Replier;
use crate::deadline::Deadline;
use crate::wire::ReplyTo;

/// Half of what the client allows in whole seconds, as upstream; none when it is below a second.
pub(super) fn interval(monitor: Duration) -> Option<Duration> {
    let every = Duration::from_secs(monitor.as_secs()) / 2;
    (every >= Duration::from_secs(1)).then_some(every)
}

/// Never ends.
pub(super) async fn send(replier: &Replier, reply_to: &ReplyTo, every: Duration) {
    // A peer may ask for any number of seconds.
    let first = Deadline::after(Instant::now(), every).instant();
    let mut ticks = interval_at(first, every.min(LONGEST_BEAT));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        replier.beat(reply_to).await;
    }
}

const LONGEST_BEAT: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_come_as_upstream_sends_them() {
        let check = |monitor_ms, every_ms: Option<u64>| {
            let every = interval(Duration::from_millis(monitor_ms));
            assert_eq!(every, every_ms.map(Duration::from_millis), "{monitor_ms}");
        };
        check(1000, None);
        check(1999, None);
        check(2000, Some(1000));
        check(2900, Some(1000));
        check(5000, Some(2500));
    }
}
