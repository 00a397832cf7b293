//! The demo's methods for the shell.

use std::future::pending;

use oslo_messaging::Target;

use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::stop::Stop;
use crate::{demo, print, transports};

/// Returns when it is asked to stop.
pub(crate) async fn serve(args: ServeArgs, stop: &Stop) -> Result<u8, Failure> {
    let mut stop = stop.listen();
    let transport = transports::open(&args.over)?;
    let mut target = Target::topic(&args.topic);
    target.exchange = args.exchange;
    let mut servers = Vec::new();
    let serving = async {
        demo::serve(&transport, &target, &args.servers, &mut servers).await?;
        print::line(format_args!(
            "serving topic {} as {}; Ctrl-C ends it",
            args.topic,
            args.servers.join(", ")
        ));
        pending().await
    };
    let ended = tokio::select! {
        ended = serving => ended,
        _ = stop.asked() => Ok(0),
    };
    demo::stop(servers).await;
    transport.close().await;
    ended
}
