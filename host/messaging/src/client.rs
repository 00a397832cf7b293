//! Calls and casts.

pub(crate) mod send;
mod setting;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

pub use self::setting::Setting;

use self::send::Time;
use crate::error::{Error, Result};
use crate::serializer::Serializer;
use crate::target::Target;
use crate::transport::Transport;
use crate::version::{self, InvalidVersion, Version};
use crate::wire::ContextFields;

/// Sends messages to one target (upstream `oslo_messaging/rpc/client.py`).
///
/// [`prepare`](Self::prepare) gives a copy to override settings on. Each setting has three states:
/// not touched keeps what the client has, a value replaces it, and `None` goes back to the default.
/// Copies share the transport, and are cheap.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> oslo_messaging::Result<()> {
/// use std::time::Duration;
///
/// use oslo_messaging::{Context, Endpoint, RpcClient, RpcServer, Target, Transport};
/// use serde_json::json;
///
/// let transport = Transport::memory();
/// #[derive(serde::Deserialize)]
/// struct Add {
///     a: i64,
///     b: i64,
/// }
/// let add = |_: Context, Add { a, b }: Add| async move { Ok(a + b) };
/// let server = RpcServer::builder(&transport, Target::topic("compute").server("host-1"))
///     .endpoint(Endpoint::new().version("2.5").method("add", add))
///     .start()
///     .await?;
///
/// let client = RpcClient::new(&transport, Target::topic("compute").version("2.5"));
/// let sum: i64 = client
///     .prepare()
///     .timeout(Duration::from_secs(5))
///     .call(&json!({"user": "alice"}), "add", &json!({"a": 40, "b": 2}))
///     .await?;
/// assert_eq!(sum, 42);
/// # server.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RpcClient {
    transport: Transport,
    serializer: Option<Arc<dyn Serializer>>,
    target: Target,
    /// That of the target, read when it was set and not for each message.
    version: VersionRead,
    timeout: Option<Duration>,
    version_cap: Option<String>,
    version_cap_read: VersionRead,
    retry: Option<u32>,
    call_monitor_timeout: Option<Duration>,
    at_least_once: Option<bool>,
}

impl RpcClient {
    /// A client with default settings. It connects when it first sends.
    #[must_use]
    pub fn new(transport: &Transport, target: Target) -> Self {
        Self {
            transport: transport.clone(),
            serializer: None,
            version: read_version(target.version.as_deref()),
            target,
            timeout: None,
            version_cap: None,
            version_cap_read: None,
            retry: None,
            call_monitor_timeout: None,
            at_least_once: None,
        }
    }

    /// A client that converts arguments, contexts and results. Its servers need the same
    /// serializer, and the clients prepared from it have it.
    #[must_use]
    pub fn with_serializer(
        transport: &Transport,
        target: Target,
        serializer: impl Serializer + 'static,
    ) -> Self {
        Self {
            serializer: Some(Arc::new(serializer)),
            ..Self::new(transport, target)
        }
    }

    /// A copy to override settings on.
    #[must_use]
    pub fn prepare(&self) -> Self {
        self.clone()
    }

    /// Where it sends.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The exchange of the target, or the transport's default. A fanout cast uses neither.
    #[must_use]
    pub fn effective_exchange(&self) -> &str {
        let own = self.target.exchange.as_deref();
        own.filter(|exchange| !exchange.is_empty())
            .unwrap_or_else(|| self.transport.control_exchange())
    }

    /// How long a call or cast may take.
    #[must_use]
    pub fn effective_timeout(&self) -> Duration {
        self.timeout
            .unwrap_or_else(|| self.transport.rpc_response_timeout())
    }

    /// Says whether the settings can be used, without sending anything; sending says so as well.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when the version or the version cap is not `major.minor`, when
    /// the monitor timeout is below 2 s (servers beat every half of it, and never more often than
    /// once a second), or when a name is longer than AMQP can carry.
    pub fn validate(&self) -> Result<()> {
        usable("version", &self.version)?;
        usable("version-cap", &self.version_cap_read)?;
        if self
            .call_monitor_timeout
            .is_some_and(|timeout| timeout < LEAST_MONITOR_TIMEOUT)
        {
            return Err(Error::invalid_argument(
                "call-monitor-timeout",
                "servers send a sign of life at most once a second, so it must be at least 2 s",
            ));
        }
        self.check_lengths()
    }

    /// Whether a message of this version would pass the version cap; with none, the target's.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when the version or the cap is not `major.minor`.
    pub fn can_send_version(&self, version: Option<&str>) -> Result<bool> {
        let cap = usable("version-cap", &self.version_cap_read)?;
        let version = match version {
            None => usable("version", &self.version)?,
            Some(_) => usable("version", &read_version(version))?,
        };
        Ok(version::fits_cap(cap, version))
    }

    /// Calls a method and waits for its result. `context` and `args` must become JSON objects.
    ///
    /// The method is executed at most once; [`Error::may_have_been_executed`] tells when that is
    /// unknown.
    ///
    /// Integers beyond 64 bits, which Python sends as they are, lose digits in a
    /// [`Value`](serde_json::Value): `serde_json` makes floats of them. A result of the type
    /// `Box<RawValue>` has every digit, and one of the type `u128` as many as it takes.
    ///
    /// # Errors
    ///
    /// Every variant of [`Error`] but `InvalidUrl`.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the call is forgotten: its reply is thrown away, and the method may be executed.
    pub async fn call<R: DeserializeOwned>(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<R> {
        let (context, args) = (to_raw("context", context)?, to_raw("args", args)?);
        let result = self.call_raw(&context, method, &args).await?;
        serde_json::from_str(result.get()).map_err(|error| Error::InvalidReply {
            reason: format!(
                "the result of `{method}` does not fit {}: {error}",
                std::any::type_name::<R>()
            ),
        })
    }

    /// [`call`](Self::call) with JSON texts, which are passed on untouched.
    ///
    /// # Errors
    ///
    /// As `call`.
    ///
    /// # Cancel safety
    ///
    /// As `call`.
    pub async fn call_raw(
        &self,
        context: &RawValue,
        method: &str,
        args: &RawValue,
    ) -> Result<Box<RawValue>> {
        let context = send::Context::Object(context);
        send::call(self, Time::of(self), context, method, args).await
    }

    /// [`call_raw`](Self::call_raw) that ends by a deadline, or earlier, when the client's timeout is
    /// over: for whoever has spent a part of the time already.
    ///
    /// # Errors
    ///
    /// As `call`.
    ///
    /// # Cancel safety
    ///
    /// As `call`.
    pub async fn call_raw_by(
        &self,
        deadline: std::time::Instant,
        context: &RawValue,
        method: &str,
        args: &RawValue,
    ) -> Result<Box<RawValue>> {
        let context = send::Context::Object(context);
        send::call(self, Time::until(self, deadline), context, method, args).await
    }

    /// [`call_raw_by`](Self::call_raw_by) with a context that is written already, and is not read again.
    ///
    /// # Errors
    ///
    /// As `call`.
    ///
    /// # Cancel safety
    ///
    /// As `call`.
    pub async fn call_written_by(
        &self,
        deadline: std::time::Instant,
        context: &ContextFields,
        method: &str,
        args: &RawValue,
    ) -> Result<Box<RawValue>> {
        let context = send::Context::Written(context);
        send::call(self, Time::until(self, deadline), context, method, args).await
    }

    /// Asks for a method to be executed, and returns when the broker has the message. With a
    /// fanout target every server of the topic gets it.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call), without `Remote` and `InvalidReply`.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it is unknown whether the message was sent.
    pub async fn cast(
        &self,
        context: &(impl Serialize + ?Sized),
        method: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        self.cast_raw(&to_raw("context", context)?, method, &to_raw("args", args)?)
            .await
    }

    /// [`cast`](Self::cast) with JSON texts, which are passed on untouched.
    ///
    /// # Errors
    ///
    /// As `cast`.
    ///
    /// # Cancel safety
    ///
    /// As `cast`.
    pub async fn cast_raw(&self, context: &RawValue, method: &str, args: &RawValue) -> Result<()> {
        let context = send::Context::Object(context);
        send::cast(self, Time::of(self), context, method, args).await
    }

    /// [`cast_raw`](Self::cast_raw) that ends by a deadline, as [`call_raw_by`](Self::call_raw_by).
    ///
    /// # Errors
    ///
    /// As `cast`.
    ///
    /// # Cancel safety
    ///
    /// As `cast`.
    pub async fn cast_raw_by(
        &self,
        deadline: std::time::Instant,
        context: &RawValue,
        method: &str,
        args: &RawValue,
    ) -> Result<()> {
        let context = send::Context::Object(context);
        send::cast(self, Time::until(self, deadline), context, method, args).await
    }

    /// [`cast_raw_by`](Self::cast_raw_by) with a context that is written already.
    ///
    /// # Errors
    ///
    /// As `cast`.
    ///
    /// # Cancel safety
    ///
    /// As `cast`.
    pub async fn cast_written_by(
        &self,
        deadline: std::time::Instant,
        context: &ContextFields,
        method: &str,
        args: &RawValue,
    ) -> Result<()> {
        let context = send::Context::Written(context);
        send::cast(self, Time::until(self, deadline), context, method, args).await
    }

    fn check_version_cap(&self) -> Result<()> {
        match &self.version_cap {
            Some(cap) if !self.can_send_version(None)? => Err(Error::VersionCap {
                version: self.target.version.clone(),
                version_cap: cap.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn check_lengths(&self) -> Result<()> {
        let Target {
            exchange,
            topic,
            namespace: _,
            version: _,
            server,
            fanout: _,
        } = &self.target;
        let length = |name: &Option<String>| name.as_ref().map_or(0, String::len);
        let (exchange, topic, server) = (length(exchange), length(topic), length(server));
        // A fanout exchange is named `<topic>_fanout`, a server's queue `<topic>.<server>`.
        let suffix = if self.target.fanout {
            "_fanout".len()
        } else {
            0
        };
        for (argument, bytes) in [
            ("exchange", exchange),
            ("topic", topic + suffix),
            ("server", if server > 0 { topic + 1 + server } else { 0 }),
        ] {
            if bytes > LONGEST_NAME {
                return Err(Error::invalid_argument(
                    argument,
                    format!("AMQP names have at most {LONGEST_NAME} bytes, this one makes {bytes}"),
                ));
            }
        }
        Ok(())
    }
}

/// A version as it was read, if there is one.
type VersionRead = Option<Result<Version, InvalidVersion>>;

fn read_version(text: Option<&str>) -> VersionRead {
    text.map(str::parse)
}

fn usable(argument: &'static str, version: &VersionRead) -> Result<Option<Version>> {
    match version {
        None => Ok(None),
        Some(Ok(version)) => Ok(Some(*version)),
        Some(Err(error)) => Err(Error::invalid_argument(argument, error.to_string())),
    }
}

pub(crate) fn to_raw(
    argument: &'static str,
    value: &(impl Serialize + ?Sized),
) -> Result<Box<RawValue>> {
    to_raw_value(value).map_err(|error| Error::invalid_argument(argument, error.to_string()))
}

const LEAST_MONITOR_TIMEOUT: Duration = Duration::from_secs(2);
const LONGEST_NAME: usize = 255;
