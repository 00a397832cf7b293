use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::rpc_client as wit;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::prepare::Prepare;
use crate::request::Request;
use crate::serializer::{Plain, Serializer};
use crate::settings::Settings;
use crate::target::Target;

/// Calls methods of oslo.messaging servers, and waits for each.
///
/// [`asynchronous::Client`](crate::asynchronous::Client) has the same methods as `async fn`. The
/// host keeps the connections, so a client is cheap to make and to drop.
#[derive(Debug)]
pub struct Client<S = Plain> {
    raw: wit::Client,
    serializer: S,
}

impl Client {
    /// A client of the transport that the host granted under this name. Nothing is connected or
    /// sent yet.
    ///
    /// # Errors
    /// [`Error::AccessDenied`] when the host granted no transport of this name,
    /// [`Error::LimitExceeded`] when the plugin has too many clients open.
    pub fn open(transport: &str, target: Target) -> Result<Self> {
        Self::open_with(transport, target, Settings::new())
    }

    /// A client with defaults of its own.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`Error::InvalidArgument`] when a setting is unusable.
    pub fn open_with(transport: &str, target: Target, settings: Settings) -> Result<Self> {
        let raw = wit::Client::open(transport, &target.into(), &settings.into_list())?;
        Ok(Self {
            raw,
            serializer: Plain,
        })
    }

    /// The same client with a serializer, which every client prepared from it inherits.
    #[must_use]
    pub fn with_serializer<S: Serializer + Clone>(self, serializer: S) -> Client<S> {
        Client {
            raw: self.raw,
            serializer,
        }
    }
}

impl<S: Serializer + Clone> Client<S> {
    /// Overrides settings for a message or for a client of its own; see [`Prepare`].
    pub const fn prepare(&self) -> Prepare<'_, Self> {
        Prepare::new(self)
    }

    /// Calls a method and waits for its result.
    ///
    /// The context is what the method gets beside its arguments (in OpenStack: user, project,
    /// request id); the arguments are the fields of a struct or the entries of a map. `&()` stands
    /// for an empty one of either. The method is executed at most once.
    ///
    /// # Errors
    /// Every variant of [`Error`].
    pub fn call<R: DeserializeOwned>(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        let (context, args, caller) =
            Message::encode(&self.serializer, context, args)?.into_parts();
        let reply = self.raw.call(&context, method, &args)?;
        Message::decode(caller.as_ref(), &self.serializer, reply)
    }

    /// Asks for a method to be executed, and returns when the broker has the message.
    ///
    /// No result and no exception ever comes back, and success does not say that a server has seen
    /// it. With a fanout target every server of the topic gets it.
    ///
    /// # Errors
    /// Every variant of [`Error`] but [`Error::Remote`], [`Error::InvalidReply`] and
    /// [`Error::UnexpectedReply`].
    pub fn cast(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        let message = Message::encode(&self.serializer, context, args)?;
        Ok(self.raw.cast(&message.context, method, &message.args)?)
    }

    /// One message for [`call_all`](Self::call_all).
    ///
    /// # Errors
    /// [`Error::Serialize`].
    pub fn request(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Request> {
        self.prepare().request(context, method, args)
    }

    /// Makes many calls at the same time and returns when the last one has ended: a result for
    /// each request, in the order of the requests. One failure does not touch the others.
    ///
    /// ```no_run
    /// # fn main() -> oslo_messaging_guest::Result<()> {
    /// use oslo_messaging_guest::{Client, Target};
    ///
    /// let compute = Client::open("default", Target::topic("compute"))?;
    /// let requests = ["host-1", "host-2"]
    ///     .map(|host| compute.prepare().server(host).request(&(), "free_memory", &()))
    ///     .into_iter()
    ///     .collect::<Result<Vec<_>, _>>()?;
    /// for free in compute.call_all::<u64>(requests) {
    ///     println!("{}", free?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the results say which calls failed"]
    pub fn call_all<R: DeserializeOwned>(
        &self,
        requests: impl IntoIterator<Item = Request>,
    ) -> Vec<Result<R>> {
        let (requests, callers): (Vec<_>, Vec<_>) =
            requests.into_iter().map(Request::into_parts).unzip();
        self.raw
            .call_all(&requests)
            .into_iter()
            .zip(callers)
            .map(|(reply, caller)| {
                Message::decode(
                    caller.as_ref(),
                    &self.serializer,
                    reply.map_err(Error::from)?,
                )
            })
            .collect()
    }

    /// Whether a message of this version would pass the client's version cap; with `None`, the
    /// version of its target.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the version is not `major.minor`.
    pub fn can_send_version<'a>(&self, version: impl Into<Option<&'a str>>) -> Result<bool> {
        Ok(self.raw.can_send_version(version.into())?)
    }
}

impl<S: Serializer + Clone> Prepare<'_, Client<S>> {
    /// A client of its own with these settings.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when a setting is unusable, such as a version that is not
    /// `major.minor`; [`Error::LimitExceeded`] when the plugin has too many clients open.
    pub fn client(self) -> Result<Client<S>> {
        let raw = self.client.raw.prepare(&self.settings.into_list())?;
        Ok(Client {
            raw,
            serializer: self.client.serializer.clone(),
        })
    }

    /// Calls a method with these settings; see [`Client::call`].
    ///
    /// # Errors
    /// As [`Client::call`] and [`client`](Self::client).
    pub fn call<R: DeserializeOwned>(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        self.client()?.call(context, method, args)
    }

    /// Casts with these settings; see [`Client::cast`].
    ///
    /// # Errors
    /// As [`Client::cast`] and [`client`](Self::client).
    pub fn cast(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        self.client()?.cast(context, method, args)
    }

    /// One message with these settings for [`Client::call_all`].
    ///
    /// # Errors
    /// [`Error::Serialize`].
    pub fn request(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Request> {
        let message = Message::encode(&self.client.serializer, context, args)?;
        Ok(Request::new(self.settings, method, message))
    }
}
