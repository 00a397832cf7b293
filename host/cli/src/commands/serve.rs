use oslo_messaging::Target;

use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::{demo, print, transports};

/// Never returns by itself.
pub(crate) async fn serve(args: ServeArgs) -> Result<u8, Failure> {
    let transport = transports::open(&args.over)?;
    let mut target = Target::topic(&args.topic);
    target.exchange = args.exchange;
    let _servers = demo::serve(&transport, &target, &args.servers).await?;
    print::line(format_args!(
        "serving topic {} as {}; Ctrl-C ends it",
        args.topic,
        args.servers.join(", ")
    ));
    std::future::pending().await
}
