use oslo_messaging::{Target, Transport};

use crate::args::ServeArgs;
use crate::demo;
use crate::failure::Failure;
use crate::print;

/// Never returns by itself.
pub(crate) async fn serve(args: ServeArgs) -> Result<u8, Failure> {
    let transport = Transport::new(&args.transport)?;
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
