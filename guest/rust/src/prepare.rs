use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::{rpc, rpc_async, rpc_poll};
use crate::client::Client;
use crate::error::Result;
use crate::message::Message;
use crate::poll::Pending;
use crate::request::Request;
use crate::serializer::{Plain, Serializer};
use crate::settings::{Setting, Settings, setters};

/// Settings on top of a client's own, for one message or for a client that is used again; made by
/// [`Client::prepare`].
///
/// Each setting has three states: not called inherits, a value replaces, and the method named
/// `default_…` goes back to what is said there. When one is called twice, the last one counts.
#[derive(Clone, Debug)]
#[must_use = "nothing happens until a message is sent or a client is made"]
pub struct Prepare<'c, S = Plain> {
    client: &'c Client<S>,
    settings: Settings,
}

impl<'c, S> Prepare<'c, S> {
    pub(crate) const fn new(client: &'c Client<S>) -> Self {
        Self {
            client,
            settings: Settings::new(),
        }
    }

    setters!();

    /// Adds settings that were made elsewhere, which win over those of before.
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = self.settings.and(settings);
        self
    }

    fn set(mut self, setting: Setting) -> Self {
        self.settings = self.settings.set(setting);
        self
    }
}

impl<'c, S: Serializer + Clone> Prepare<'c, S> {
    /// A client of its own with these settings.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) when a setting is unusable, such as
    /// a version that is not `major.minor`; [`Error::LimitExceeded`](crate::Error::LimitExceeded)
    /// when the plugin has too many clients open.
    pub fn client(self) -> Result<Client<S>> {
        let options = self.settings.options().unwrap_or_default();
        Ok(Client {
            raw: self.client.raw.prepare(&options)?,
            serializer: self.client.serializer.clone(),
        })
    }

    /// Calls a method with these settings; see [`Client::call`].
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`](crate::Error::InvalidArgument) when a setting is
    /// unusable.
    pub fn call<R: DeserializeOwned>(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        let Client { raw, serializer } = self.client;
        let (context, args, caller) = Message::encode(serializer, context, args)?.into_parts();
        let options = self.settings.options();
        let reply = rpc::call(raw, &context, method, &args, options.as_ref())?;
        Message::decode(caller.as_ref(), serializer, reply)
    }

    /// Casts with these settings; see [`Client::cast`].
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`](crate::Error::InvalidArgument) when a setting is
    /// unusable.
    pub fn cast(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        let Client { raw, serializer } = self.client;
        let (context, args, _) = Message::encode(serializer, context, args)?.into_parts();
        let options = self.settings.options();
        Ok(rpc::cast(raw, &context, method, &args, options.as_ref())?)
    }

    /// Calls a method with these settings; see [`Client::call_async`].
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`](crate::Error::InvalidArgument) when a setting is
    /// unusable.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the call: its reply will be thrown away, and whether the method
    /// is executed is unknown.
    pub async fn call_async<R: DeserializeOwned>(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        let Client { raw, serializer } = self.client;
        let (context, args, caller) = Message::encode(serializer, context, args)?.into_parts();
        // The host has it on loan until the call has ended.
        let options = self.settings.options();
        let method = method.to_owned();
        let reply = rpc_async::call(raw, context, method, args, options.as_ref()).await?;
        Message::decode(caller.as_ref(), serializer, reply)
    }

    /// Casts with these settings; see [`Client::cast_async`].
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`](crate::Error::InvalidArgument) when a setting is
    /// unusable.
    ///
    /// # Cancel safety
    /// Dropping the future leaves unknown whether the message was sent.
    pub async fn cast_async(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        let Client { raw, serializer } = self.client;
        let (context, args, _) = Message::encode(serializer, context, args)?.into_parts();
        let options = self.settings.options();
        let method = method.to_owned();
        Ok(rpc_async::cast(raw, context, method, args, options.as_ref()).await?)
    }

    /// Starts a call with these settings; see [`Client::start_call`].
    ///
    /// # Errors
    /// What is known before anything is sent; the rest is in [`Pending`].
    pub fn start_call<R: DeserializeOwned>(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Pending<R, S>> {
        let Client { raw, serializer } = self.client;
        let (context, args, caller) = Message::encode(serializer, context, args)?.into_parts();
        let options = self.settings.options();
        let pending = rpc_poll::start_call(raw, &context, method, &args, options.as_ref())?;
        Ok(Pending::new(pending, serializer.clone(), caller))
    }

    /// Starts a cast with these settings; see [`Client::start_cast`].
    ///
    /// # Errors
    /// What is known before anything is sent; the rest is in [`Pending`].
    pub fn start_cast(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Pending<()>> {
        let Client { raw, serializer } = self.client;
        let (context, args, _) = Message::encode(serializer, context, args)?.into_parts();
        let options = self.settings.options();
        let pending = rpc_poll::start_cast(raw, &context, method, &args, options.as_ref())?;
        // What a cast gives, `null`, is `()`, whatever the client's serializer makes of results.
        Ok(Pending::new(pending, Plain, None))
    }

    /// One call with these settings for [`call_all`](crate::call_all).
    ///
    /// # Errors
    /// [`Error::Serialize`](crate::Error::Serialize).
    pub fn request(
        self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Request<'c, S>> {
        let message = Message::encode(&self.client.serializer, context, args)?;
        Ok(Request::new(self.client, self.settings, method, message))
    }
}
