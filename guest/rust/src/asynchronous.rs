//! The same client with `async fn`, so that one instance of a plugin can have many calls in flight.
//!
//! Use it only in an export that is itself an `async func`: a plain export that waits for one of
//! these traps. Futures are joined with any executor-free crate, such as `futures-util`; there is
//! no runtime to start.
//!
//! ```no_run
//! use futures_util::future::try_join;
//! use oslo_messaging_guest::asynchronous::Client;
//! use oslo_messaging_guest::{Result, Target};
//!
//! async fn free_memory_of_two() -> Result<u64> {
//!     let compute = Client::open("default", Target::topic("compute"))?;
//!     let (one, two): (u64, u64) = try_join(
//!         compute.prepare().server("host-1").call(&(), "free_memory", &()),
//!         compute.prepare().server("host-2").call(&(), "free_memory", &()),
//!     )
//!     .await?;
//!     Ok(one + two)
//! }
//! ```

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::rpc_client_async as wit;
use crate::error::Result;
use crate::message::Message;
use crate::prepare::Prepare;
use crate::serializer::{Plain, Serializer};
use crate::settings::Settings;
use crate::target::Target;

/// What is left of the time that the host gave to this invocation of the plugin; none when it set
/// no limit. A call never takes longer than this, whatever its timeout says.
#[must_use]
pub fn remaining() -> Option<Duration> {
    wit::remaining().map(Duration::from_nanos)
}

/// Calls methods of oslo.messaging servers, many at the same time.
#[derive(Debug)]
pub struct Client<S = Plain> {
    raw: wit::Client,
    serializer: S,
}

impl Client {
    /// A client of the transport that the host granted under this name; see
    /// [`Client::open`](crate::Client::open).
    ///
    /// # Errors
    /// As there.
    pub fn open(transport: &str, target: Target) -> Result<Self> {
        Self::open_with(transport, target, Settings::new())
    }

    /// A client with defaults of its own; see [`Client::open_with`](crate::Client::open_with).
    ///
    /// # Errors
    /// As there.
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

    /// Calls a method and waits for its result; see [`Client::call`](crate::Client::call).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the call: its reply will be thrown away, and whether the method
    /// is executed is unknown.
    pub async fn call<R: DeserializeOwned>(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        let (context, args, caller) =
            Message::encode(&self.serializer, context, args)?.into_parts();
        let reply = self.raw.call(context, method.to_owned(), args).await?;
        Message::decode(caller.as_ref(), &self.serializer, reply)
    }

    /// Asks for a method to be executed, and returns when the broker has the message; see
    /// [`Client::cast`](crate::Client::cast).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Dropping the future leaves unknown whether the message was sent.
    pub async fn cast(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        let (context, args, _) = Message::encode(&self.serializer, context, args)?.into_parts();
        Ok(self.raw.cast(context, method.to_owned(), args).await?)
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
}

impl<S: Serializer + Clone> Prepare<'_, Client<S>> {
    /// A client of its own with these settings.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) when a setting is unusable, such
    /// as a version that is not `major.minor`;
    /// [`Error::LimitExceeded`](crate::Error::LimitExceeded) when the plugin has too many clients
    /// open.
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
    ///
    /// # Cancel safety
    /// As [`Client::call`].
    pub async fn call<R: DeserializeOwned>(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        self.client()?.call(context, method, args).await
    }

    /// Casts with these settings; see [`Client::cast`].
    ///
    /// # Errors
    /// As [`Client::cast`] and [`client`](Self::client).
    ///
    /// # Cancel safety
    /// As [`Client::cast`].
    pub async fn cast(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        self.client()?.cast(context, method, args).await
    }
}
