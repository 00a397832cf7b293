//! A view of what a daemon's plugins do.

mod fetch;
mod table;

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use self::fetch::fetch;
use self::table::{Earlier, fit, table};
use crate::args::TopArgs;
use crate::failure::{Exit, Failure};
use crate::print;
use crate::status::report::Report;
use crate::stop::Stop;

/// Once, or again and again until it is asked to stop.
pub(crate) async fn top(args: TopArgs, stop: &Stop, json: bool) -> Result<u8, Failure> {
    let mut stop = stop.listen();
    let address = &*args.address;
    let report = stop.or(fetch(address)).await?;
    if args.ready {
        return ready(&report, json);
    }
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
        print::screen(&fit(&shown, height()));
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

/// For whoever asks whether it may be relied on.
fn ready(report: &Report, json: bool) -> Result<u8, Failure> {
    if !report.ready {
        // A file or a broker may have chosen what is in it.
        let missing = report.missing.join("; ").escape_debug().to_string();
        return Err(Failure::new(Exit::NotReady, missing));
    }
    if json {
        print::line(serde_json::json!({"ready": true}));
    } else {
        print::line("all plugins are started and served");
    }
    Ok(0)
}

/// Of the terminal, without the line on which its cursor is left.
fn height() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    match size.map(|size| size.ws_row) {
        // Some say that they have none.
        Ok(0) | Err(_) => usize::MAX,
        Ok(rows) => usize::from(rows) - 1,
    }
}

/// Whatever is asked for: a daemon has better things to do.
const SHORTEST: Duration = Duration::from_millis(100);
