//! One message from the shell.

use oslo_messaging::{Error, RpcClient, Target, Transport};

use super::message;
use crate::args::{CallArgs, CastArgs, PingArgs, TargetArgs};
use crate::failure::Failure;
use crate::stop::Stop;
use crate::{print, transports};

pub(crate) async fn call(args: CallArgs, stop: &Stop) -> Result<u8, Failure> {
    // What the command line says is checked before anything is connected.
    let context = message::object("the contents of --context", &args.message.context)?;
    let arguments = message::arguments(&args.message.arguments)?;
    let mut stop = stop.listen();
    let transport = transports::open(&args.to.over)?;
    let client = client(&transport, &args.to)
        .call_monitor_timeout(args.call_monitor_timeout)
        .at_least_once(!args.wait_for_target);
    let calling = async {
        let result = client.call_raw(&context, &args.message.method, &arguments);
        result.await.map_err(explained)
    };
    let result = stop.or(calling).await;
    transport.close().await;
    print::line(result?.get());
    Ok(0)
}

pub(crate) async fn cast(args: CastArgs, stop: &Stop) -> Result<u8, Failure> {
    let context = message::object("the contents of --context", &args.message.context)?;
    let arguments = message::arguments(&args.message.arguments)?;
    let mut stop = stop.listen();
    let transport = transports::open(&args.to.over)?;
    let client = client(&transport, &args.to)
        .fanout(args.fanout)
        .at_least_once(args.at_least_once);
    let casting = client.cast_raw(&context, &args.message.method, &arguments);
    let result = stop.or(casting).await;
    transport.close().await;
    result?;
    Ok(0)
}

pub(crate) async fn ping(args: PingArgs, stop: &Stop) -> Result<u8, Failure> {
    let mut stop = stop.listen();
    let transport = transports::open(&args.to.over)?;
    let client = client(&transport, &args.to);
    let started = std::time::Instant::now();
    let empty = serde_json::json!({});
    let pinging = client.call::<String>(&empty, "oslo_rpc_server_ping", &empty);
    let result = stop.or(pinging).await;
    let elapsed = started.elapsed();
    transport.close().await;
    print::line(format_args!(
        "{} in {:.1} ms",
        result?,
        elapsed.as_secs_f64() * 1000.0
    ));
    Ok(0)
}

fn client(transport: &Transport, args: &TargetArgs) -> RpcClient {
    RpcClient::new(transport, Target::topic(&args.topic))
        .exchange(args.exchange.as_deref())
        .server(args.server.as_deref())
        .namespace(args.namespace.as_deref())
        .version(args.rpc_version.as_deref())
        .version_cap(args.version_cap.as_deref())
        .timeout(args.timeout)
        .retry(args.retry)
}

/// An operator may see the remote traceback, and finds in it what went wrong.
fn explained(error: Error) -> Failure {
    let traceback = error.remote().map(|remote| remote.traceback.concat());
    let mut failure = Failure::from(error);
    if let Some(traceback) = traceback.filter(|traceback| !traceback.is_empty()) {
        failure.message = format!("{}\n{}", failure.message, traceback.trim_end());
    }
    failure
}
