use serde::de::DeserializeOwned;

use crate::bindings::rpc;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::serializer::{Plain, Serializer};
use crate::settings::Settings;

/// One call of [`call_all`], made by [`Client::request`] or
/// [`Prepare::request`](crate::Prepare::request). It goes where its own client sends, and its reply
/// is read as that client reads.
#[derive(Debug)]
#[must_use = "nothing is sent until `call_all`"]
pub struct Request<'c, S = Plain> {
    client: &'c Client<S>,
    settings: Settings,
    method: String,
    message: Message,
}

impl<'c, S> Request<'c, S> {
    pub(crate) fn new(
        client: &'c Client<S>,
        settings: Settings,
        method: &str,
        message: Message,
    ) -> Self {
        Self {
            client,
            settings,
            method: method.to_owned(),
            message,
        }
    }
}

/// Makes many calls at the same time and returns when the last one has ended: a result for each
/// request, in the order of the requests. One failure does not touch the others. They may be of
/// several clients.
///
/// ```no_run
/// # fn main() -> oslo_messaging_guest::Result<()> {
/// use oslo_messaging_guest::{Client, Target, call_all};
///
/// let compute = Client::open("default", Target::topic("compute"))?;
/// let requests = ["host-1", "host-2"]
///     .map(|host| compute.prepare().server(host).request(&(), "free_memory", &()))
///     .into_iter()
///     .collect::<Result<Vec<_>, _>>()?;
/// for free in call_all::<u64, _>(requests) {
///     println!("{}", free?);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "the results say which calls failed"]
pub fn call_all<'c, R: DeserializeOwned, S: Serializer + 'c>(
    requests: impl IntoIterator<Item = Request<'c, S>>,
) -> Vec<Result<R>> {
    let requests: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let (context, args, caller) = request.message.into_parts();
            let options = request.settings.options();
            (
                request.client,
                request.method,
                context,
                args,
                options,
                caller,
            )
        })
        .collect();
    let sent: Vec<_> = requests
        .iter()
        .map(|(client, method, context, args, options, _)| rpc::Request {
            client: &client.raw,
            context: context.clone(),
            method: method.clone(),
            args: args.clone(),
            options: options.as_ref(),
        })
        .collect();
    let replies = rpc::call_all(&sent);
    replies
        .into_iter()
        .zip(&requests)
        .map(|(reply, (client, .., caller))| {
            let reply = reply.map_err(Error::from)?;
            Message::decode(caller.as_ref(), &client.serializer, reply)
        })
        .collect()
}
