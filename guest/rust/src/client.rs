use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::client as wit;
use crate::error::Result;
use crate::poll::Pending;
use crate::prepare::Prepare;
use crate::request::Request;
use crate::serializer::{Plain, Serializer};
use crate::settings::Settings;
use crate::target::Target;

/// Calls methods of oslo.messaging servers.
///
/// Each verb comes in three forms, and one client has them all:
///
/// | | waits by itself | is awaited | is started, and waited for with others |
/// | --- | --- | --- | --- |
/// | a result comes back | [`call`](Self::call) | [`call_async`](Self::call_async) | [`start_call`](Self::start_call) |
/// | nothing comes back | [`cast`](Self::cast) | [`cast_async`](Self::cast_async) | [`start_cast`](Self::start_cast) |
///
/// The `async` forms are for exports that are `async func`s: a plain export that waits for one of
/// them traps. The started ones work in every export.
///
/// The host keeps the connections, so a client is cheap to make and to drop.
#[derive(Debug)]
pub struct Client<S = Plain> {
    pub(crate) raw: wit::Client,
    pub(crate) serializer: S,
}

impl Client {
    /// A client of the transport that the host granted under this name. Nothing is connected or
    /// sent yet.
    ///
    /// # Errors
    /// [`Error::AccessDenied`](crate::Error::AccessDenied) when the host granted no transport of
    /// this name, [`Error::LimitExceeded`](crate::Error::LimitExceeded) when the plugin has too many
    /// clients open, [`Error::InvalidArgument`](crate::Error::InvalidArgument) when the target's
    /// version is not `major.minor` or a text is too long.
    pub fn open(transport: &str, target: Target) -> Result<Self> {
        Self::open_with(transport, target, &Settings::new())
    }

    /// A client with settings of its own from the start, which win over what the target says.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`Error::InvalidArgument`](crate::Error::InvalidArgument) when
    /// a setting is unusable.
    pub fn open_with(transport: &str, target: Target, settings: &Settings) -> Result<Self> {
        let options = settings.options();
        Ok(Self {
            raw: wit::Client::open(transport, &target.into(), options.as_ref())?,
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
    pub const fn prepare(&self) -> Prepare<'_, S> {
        Prepare::new(self)
    }

    /// Calls a method and waits for its result.
    ///
    /// The context is what the method gets beside its arguments (in OpenStack: user, project,
    /// request id); the arguments are the fields of a struct or the entries of a map. `&()` stands
    /// for an empty one of either. The method is executed at most once.
    ///
    /// `serde_json` reads what is nested at most 128 levels deep; ask for a
    /// `Box<serde_json::value::RawValue>` where a result may be deeper.
    ///
    /// # Errors
    /// Every variant of [`Error`](crate::Error).
    pub fn call<R: DeserializeOwned>(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        self.prepare().call(context, method, args)
    }

    /// Asks for a method to be executed, and returns when the broker has the message.
    ///
    /// No result and no exception ever comes back, and success does not say that a server has seen
    /// it. With a fanout target every server of the topic gets it.
    ///
    /// # Errors
    /// Every variant of [`Error`](crate::Error) but `Remote`, `InvalidReply` and `UnexpectedReply`.
    pub fn cast(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        self.prepare().cast(context, method, args)
    }

    /// [`call`](Self::call) as an `async fn`, for many calls in flight.
    ///
    /// ```no_run
    /// use futures_util::future::try_join;
    /// use oslo_messaging_guest::{Client, Result, Target};
    ///
    /// async fn free_memory_of_two() -> Result<u64> {
    ///     let compute = Client::open("default", Target::topic("compute"))?;
    ///     let (one, two): (u64, u64) = try_join(
    ///         compute.prepare().server("host-1").call_async(&(), "free_memory", &()),
    ///         compute.prepare().server("host-2").call_async(&(), "free_memory", &()),
    ///     )
    ///     .await?;
    ///     Ok(one + two)
    /// }
    /// ```
    ///
    /// # Errors
    /// As `call`.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the call: its reply will be thrown away, and whether the method
    /// is executed is unknown.
    pub async fn call_async<R: DeserializeOwned>(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        self.prepare().call_async(context, method, args).await
    }

    /// [`cast`](Self::cast) as an `async fn`.
    ///
    /// # Errors
    /// As `cast`.
    ///
    /// # Cancel safety
    /// Dropping the future leaves unknown whether the message was sent.
    pub async fn cast_async(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        self.prepare().cast_async(context, method, args).await
    }

    /// Starts a [`call`](Self::call) and returns at once; see [`Pending`].
    ///
    /// # Errors
    /// What is known before anything is sent; the rest is in [`Pending`].
    pub fn start_call<R: DeserializeOwned>(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Pending<R, S>> {
        self.prepare().start_call(context, method, args)
    }

    /// Starts a [`cast`](Self::cast) and returns at once; see [`Pending`].
    ///
    /// # Errors
    /// What is known before anything is sent; the rest is in [`Pending`].
    pub fn start_cast(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Pending<()>> {
        self.prepare().start_cast(context, method, args)
    }

    /// One call for [`call_all`](crate::call_all).
    ///
    /// # Errors
    /// [`Error::Serialize`](crate::Error::Serialize).
    pub fn request(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Request<'_, S>> {
        self.prepare().request(context, method, args)
    }

    /// Whether a message of this version would pass the client's version cap; with `None`, the
    /// version of its target.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) when the version is not
    /// `major.minor`.
    pub fn can_send_version<'a>(&self, version: impl Into<Option<&'a str>>) -> Result<bool> {
        Ok(self.raw.can_send_version(version.into())?)
    }

    /// The name of the transport that it was opened with.
    #[must_use]
    pub fn transport(&self) -> String {
        self.raw.transport()
    }

    /// Where it sends, with everything that settings replaced.
    #[must_use]
    pub fn target(&self) -> Target {
        self.raw.target().into()
    }

    /// How long its calls and casts may take, the host's limit included.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_nanos(self.raw.timeout())
    }

    /// The highest version that it sends; none without a cap.
    #[must_use]
    pub fn version_cap(&self) -> Option<String> {
        self.raw.version_cap()
    }

    /// How many times a failed attempt to connect is repeated; none: until the timeout.
    #[must_use]
    pub fn retry(&self) -> Option<u32> {
        self.raw.retry()
    }

    /// How long its calls wait for a sign of life; none: they are not monitored.
    #[must_use]
    pub fn call_monitor_timeout(&self) -> Option<Duration> {
        self.raw.call_monitor_timeout().map(Duration::from_nanos)
    }

    /// Whether its messages fail at once when nobody is there; none: calls do and casts do not.
    #[must_use]
    pub fn mandatory(&self) -> Option<bool> {
        self.raw.mandatory()
    }

    /// The largest reply that it takes, in bytes of JSON text.
    #[must_use]
    pub fn reply_bytes(&self) -> u64 {
        self.raw.reply_bytes()
    }
}
