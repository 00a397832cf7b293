//! Serving until the program is asked to stop.

use std::future::pending;

use oslo_messaging::{RpcServer, Target, Transport};

use super::serve_plugin;
use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::stop::Stop;
use crate::{demo, print, transports};

/// Returns when it is asked to stop.
pub(crate) async fn serve(args: ServeArgs, stop: &Stop) -> Result<u8, Failure> {
    // What the command line names is looked at before anything is connected.
    let plugin = serve_plugin::load(&args.plugin)?;
    let mut stop = stop.listen();
    let transport = transports::open(&args.over)?;
    let mut target = Target::topic(args.topic.as_deref().unwrap_or("demo"));
    target.exchange = args.exchange;
    let mut names = args.servers;
    if names.is_empty() {
        names.extend(["one", "two", "three"].map(str::to_owned));
    }
    let mut servers: Vec<RpcServer> = Vec::new();
    let serving = async {
        let transport: &Transport = &transport;
        match &plugin {
            Some(plugin) => {
                plugin
                    .serve(transport, &target, &names, &mut servers)
                    .await?
            }
            None => demo::serve(transport, &target, &names, &mut servers).await?,
        }
        print::line(format_args!(
            "serving topic {} as {}; Ctrl-C ends it",
            target.topic.as_deref().unwrap_or_default(),
            names.join(", ")
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
