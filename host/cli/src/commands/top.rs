//! A view of what a daemon's plugins do.

mod fetch;
mod table;

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use self::fetch::fetch;
use self::table::{Earlier, table};
use crate::args::TopArgs;
use crate::failure::Failure;
use crate::print;
use crate::stop::Stop;

/// Once, or again and again until it is asked to stop.
pub(crate) async fn top(args: TopArgs, stop: &Stop, json: bool) -> Result<u8, Failure> {
    let mut stop = stop.listen();
    let address = &*args.address;
    let report = stop.or(fetch(address)).await?;
    if json {
        print::line(serde_json::json!(report));
        return Ok(0);
    }
    if args.once || !std::io::stdout().is_terminal() {
        print::line(table(&report, None));
        return Ok(0);
    }
    let mut shown = table(&report, None);
    let mut earlier = Earlier::new(Instant::now(), &report);
    loop {
        print::screen(&shown);
        let next = async {
            tokio::time::sleep(args.interval.max(SHORTEST)).await;
            fetch(address).await
        };
        let fetched = tokio::select! {
            fetched = next => fetched,
            _ = stop.asked() => return Ok(0),
        };
        // A daemon that starts again is seen again.
        shown = match fetched {
            Ok(report) => {
                let now = Instant::now();
                let shown = table(&report, Some((&earlier, now)));
                earlier = Earlier::new(now, &report);
                shown
            }
            Err(failure) => failure.message,
        };
    }
}

/// Whatever is asked for: a daemon has better things to do.
const SHORTEST: Duration = Duration::from_millis(100);
