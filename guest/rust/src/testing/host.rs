//! The interfaces of the package as the bindings have them, played.

#![expect(
    clippy::result_large_err,
    reason = "the bindings have the error by value, and these stand for them"
)]

pub(crate) use crate::bindings::generated::oslo::messaging::types;

pub(crate) mod client {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;

    use super::types::{
        AccessDeniedError, Error, InvalidArgumentError, InvalidTargetError, Target, VersionCapError,
    };
    use crate::error::Error as Told;
    use crate::testing::{GRANTED, Played, Sent, version};

    const DEFAULT_TIMEOUT: u64 = 60_000_000_000;
    const MOST_REPLY_BYTES: u64 = 64 * 1024 * 1024;

    type Change = Box<dyn Fn(&mut Settings)>;

    /// By the setter's name: the last one counts.
    pub(crate) struct Options(RefCell<BTreeMap<&'static str, Change>>);

    impl std::fmt::Debug for Options {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_set().entries(self.0.borrow().keys()).finish()
        }
    }

    #[derive(Clone, Debug)]
    struct Settings {
        target: Target,
        timeout: Option<u64>,
        version_cap: Option<String>,
        retry: Option<u32>,
        call_monitor_timeout: Option<u64>,
        mandatory: Option<bool>,
        reply_bytes: Option<u64>,
    }

    macro_rules! text {
        ($($set:ident $($field:ident).+;)*) => {
            $(
                pub(crate) fn $set(&self, value: Option<&str>) {
                    let value = value.map(ToOwned::to_owned);
                    let change = move |it: &mut Settings| it.$($field).+.clone_from(&value);
                    self.0.borrow_mut().insert(stringify!($set), Box::new(change));
                }
            )*
        };
    }

    macro_rules! value {
        ($($set:ident $field:ident $of:ty;)*) => {
            $(
                pub(crate) fn $set(&self, value: Option<$of>) {
                    let change = move |it: &mut Settings| it.$field = value;
                    self.0.borrow_mut().insert(stringify!($set), Box::new(change));
                }
            )*
        };
    }

    impl Options {
        pub(crate) fn new() -> Self {
            Self(RefCell::default())
        }

        text! {
            set_exchange target.exchange;
            set_topic target.topic;
            set_namespace target.namespace;
            set_version target.version;
            set_server target.server;
            set_version_cap version_cap;
        }

        value! {
            set_timeout timeout u64;
            set_retry retry u32;
            set_call_monitor_timeout call_monitor_timeout u64;
            set_mandatory mandatory bool;
            set_reply_bytes reply_bytes u64;
        }

        pub(crate) fn set_fanout(&self, value: Option<bool>) {
            let change = move |it: &mut Settings| it.target.fanout = value.unwrap_or_default();
            self.0.borrow_mut().insert("set_fanout", Box::new(change));
        }
    }

    #[derive(Clone, Debug)]
    pub(crate) struct Client {
        transport: String,
        played: Rc<Played>,
        settings: Settings,
    }

    impl Client {
        pub(crate) fn open(
            transport: &str,
            target: &Target,
            options: Option<&Options>,
        ) -> Result<Self, Error> {
            let played = played(transport)?;
            let settings = Settings {
                target: target.clone(),
                timeout: None,
                version_cap: None,
                retry: None,
                call_monitor_timeout: None,
                mandatory: None,
                reply_bytes: None,
            };
            let client = Self {
                transport: transport.to_owned(),
                played,
                settings,
            };
            client.with(options)
        }

        pub(crate) fn prepare(&self, options: &Options) -> Result<Self, Error> {
            self.clone().with(Some(options))
        }

        fn with(mut self, options: Option<&Options>) -> Result<Self, Error> {
            if let Some(Options(changes)) = options {
                changes
                    .borrow()
                    .values()
                    .for_each(|change| change(&mut self.settings));
            }
            let Settings {
                target,
                version_cap,
                ..
            } = &self.settings;
            for (argument, text) in [("version", &target.version), ("version-cap", version_cap)] {
                if let Some(text) = text {
                    read(argument, text)?;
                }
            }
            Ok(self)
        }

        pub(crate) fn can_send_version(&self, version: Option<&str>) -> Result<bool, Error> {
            let own = self.settings.target.version.as_deref();
            let version = version.or(own).map(|text| read("version", text));
            let version = version.transpose()?;
            Ok(match &self.settings.version_cap {
                Some(cap) => version::fits(read("version-cap", cap)?, version),
                None => true,
            })
        }

        pub(crate) fn transport(&self) -> String {
            self.transport.clone()
        }

        pub(crate) fn target(&self) -> Target {
            self.settings.target.clone()
        }

        pub(crate) fn timeout(&self) -> u64 {
            self.settings.timeout.unwrap_or(DEFAULT_TIMEOUT)
        }

        pub(crate) fn version_cap(&self) -> Option<String> {
            self.settings.version_cap.clone()
        }

        pub(crate) const fn retry(&self) -> Option<u32> {
            self.settings.retry
        }

        pub(crate) const fn call_monitor_timeout(&self) -> Option<u64> {
            self.settings.call_monitor_timeout
        }

        pub(crate) const fn mandatory(&self) -> Option<bool> {
            self.settings.mandatory
        }

        pub(crate) fn reply_bytes(&self) -> u64 {
            self.settings
                .reply_bytes
                .map_or(MOST_REPLY_BYTES, |asked| asked.min(MOST_REPLY_BYTES))
        }

        /// Sends a message to the played servers.
        pub(super) fn send(
            &self,
            is_call: bool,
            context: &str,
            method: &str,
            args: &str,
            options: Option<&Options>,
        ) -> Result<String, Error> {
            let client = self.clone().with(options)?;
            let target = client.target();
            let (context, args) = (object("context", context)?, object("args", args)?);
            let refuse = |message: &str| {
                Err(Error::InvalidTarget(InvalidTargetError {
                    message: message.to_owned(),
                }))
            };
            if target.topic.as_deref().unwrap_or_default().is_empty() {
                return refuse("a topic is required to send");
            }
            if is_call && target.fanout {
                return refuse("a call cannot be fanned out");
            }
            if let Some(version_cap) = client.version_cap()
                && !client.can_send_version(None)?
            {
                return Err(Error::VersionCap(VersionCapError {
                    message: format!("the version does not fit the cap {version_cap}"),
                    version: target.version,
                    version_cap,
                }));
            }
            let sent = Sent {
                is_call,
                target: target.into(),
                context,
                method: method.to_owned(),
                args,
                timeout: std::time::Duration::from_nanos(client.timeout()),
            };
            match client.played.take(sent) {
                Ok(result) if is_call => Ok(result.to_string()),
                Err(error) if is_call || !error.was_executed() => Err(error.into()),
                // Nothing of a cast comes back.
                Ok(_) | Err(_) => Ok("null".to_owned()),
            }
        }
    }

    fn read(argument: &str, text: &str) -> Result<(u64, u64), Error> {
        version::read(text).ok_or_else(|| {
            Error::InvalidArgument(InvalidArgumentError {
                argument: argument.to_owned(),
                message: format!("`{text}` is not `major.minor`"),
            })
        })
    }

    /// The transport of a name.
    pub(crate) fn played(transport: &str) -> Result<Rc<Played>, Error> {
        let played = GRANTED.with_borrow(|granted| granted.get(transport).cloned());
        played.ok_or_else(|| {
            Error::AccessDenied(AccessDeniedError {
                rule: "default".to_owned(),
                message: format!("no transport `{transport}` is granted"),
            })
        })
    }

    pub(crate) fn object(argument: &str, text: &str) -> Result<serde_json::Value, Error> {
        let refuse = |message: String| {
            Error::InvalidArgument(InvalidArgumentError {
                argument: argument.to_owned(),
                message,
            })
        };
        match serde_json::from_str(text) {
            Ok(value @ serde_json::Value::Object(_)) => Ok(value),
            Ok(_) => Err(refuse("it must be a JSON object, such as {}".to_owned())),
            Err(error) => Err(refuse(format!("it is not JSON: {error}"))),
        }
    }

    pub(crate) fn transports() -> Vec<String> {
        GRANTED.with_borrow(|granted| granted.keys().cloned().collect())
    }

    /// What the SDK says of an error is what the host says of it.
    impl From<Told> for Error {
        fn from(error: Told) -> Self {
            super::lower::error(error)
        }
    }
}

pub(crate) mod rpc {
    use super::client::{Client, Options};
    use super::types::Error;

    pub(crate) struct Request<'a> {
        pub(crate) client: &'a Client,
        pub(crate) context: String,
        pub(crate) method: String,
        pub(crate) args: String,
        pub(crate) options: Option<&'a Options>,
    }

    pub(crate) fn call(
        client: &Client,
        context: &str,
        method: &str,
        args: &str,
        options: Option<&Options>,
    ) -> Result<String, Error> {
        client.send(true, context, method, args, options)
    }

    pub(crate) fn cast(
        client: &Client,
        context: &str,
        method: &str,
        args: &str,
        options: Option<&Options>,
    ) -> Result<(), Error> {
        client
            .send(false, context, method, args, options)
            .map(|_| ())
    }

    pub(crate) fn call_all(requests: &[Request<'_>]) -> Vec<Result<String, Error>> {
        requests
            .iter()
            .map(|it| call(it.client, &it.context, &it.method, &it.args, it.options))
            .collect()
    }
}

pub(crate) mod rpc_async {
    use super::client::{Client, Options};
    use super::{rpc, types::Error};

    pub(crate) async fn call(
        client: &Client,
        context: String,
        method: String,
        args: String,
        options: Option<&Options>,
    ) -> Result<String, Error> {
        rpc::call(client, &context, &method, &args, options)
    }

    pub(crate) async fn cast(
        client: &Client,
        context: String,
        method: String,
        args: String,
        options: Option<&Options>,
    ) -> Result<(), Error> {
        rpc::cast(client, &context, &method, &args, options)
    }
}

pub(crate) mod rpc_poll {
    use std::cell::RefCell;

    use super::client::{Client, Options};
    use super::types::{Error, OtherError, Outcome};
    use super::wasi_poll::Pollable;

    /// One that has ended.
    pub(crate) struct Pending(RefCell<Option<Result<String, Error>>>);

    impl Pending {
        pub(crate) const fn subscribe(&self) -> Pollable {
            Pollable
        }

        pub(crate) fn take(&self) -> Option<Result<String, Error>> {
            Some(self.0.borrow_mut().take().unwrap_or_else(|| {
                Err(Error::Other(OtherError {
                    outcome: Outcome::Unknown,
                    message: "its end was taken before".to_owned(),
                }))
            }))
        }
    }

    pub(crate) fn start_call(
        client: &Client,
        context: &str,
        method: &str,
        args: &str,
        options: Option<&Options>,
    ) -> Result<Pending, Error> {
        start(client.send(true, context, method, args, options))
    }

    pub(crate) fn start_cast(
        client: &Client,
        context: &str,
        method: &str,
        args: &str,
        options: Option<&Options>,
    ) -> Result<Pending, Error> {
        start(client.send(false, context, method, args, options))
    }

    /// What is wrong with the message itself is known at once.
    fn start(result: Result<String, Error>) -> Result<Pending, Error> {
        match result {
            Err(error @ (Error::InvalidArgument(_) | Error::AccessDenied(_))) => Err(error),
            result => Ok(Pending(RefCell::new(Some(result)))),
        }
    }
}

pub(crate) mod wasi_poll {
    /// One that is ready.
    #[derive(Debug)]
    pub(crate) struct Pollable;

    impl Pollable {
        pub(crate) const fn ready(&self) -> bool {
            true
        }

        pub(crate) const fn block(&self) {}
    }

    pub(crate) fn poll(pollables: &[&Pollable]) -> Vec<u32> {
        (0..).take(pollables.len()).collect()
    }
}

/// The limits of a host whose operator set none.
pub(crate) mod limits {
    const MIB: u64 = 1024 * 1024;

    pub(crate) fn remaining() -> Option<u64> {
        let left = crate::testing::REMAINING.get();
        left.map(crate::settings::nanoseconds)
    }

    pub(crate) const fn request_bytes() -> u64 {
        16 * MIB
    }

    pub(crate) const fn reply_bytes() -> u64 {
        64 * MIB
    }

    pub(crate) const fn held_reply_bytes() -> u64 {
        128 * MIB
    }

    pub(crate) const fn calls_in_flight() -> u32 {
        128
    }

    pub(crate) const fn pending_calls() -> u32 {
        1024
    }

    pub(crate) const fn requests() -> u32 {
        1024
    }
}

mod lower {
    use super::types;
    use crate::error::{Error, Outcome, WaitingFor};
    use crate::settings::nanoseconds;

    pub(super) fn error(error: Error) -> types::Error {
        let message = error.to_string();
        match error {
            Error::Timeout {
                waiting_for: thing,
                outcome: known,
                limit,
                ..
            } => types::Error::Timeout(types::TimeoutError {
                waiting_for: waiting_for(thing),
                outcome: outcome(known),
                limit: nanoseconds(limit),
                message,
            }),
            Error::NoSuchTarget {
                exchange,
                routing_key,
                ..
            } => types::Error::NoSuchTarget(types::NoSuchTargetError {
                exchange,
                routing_key,
                message,
            }),
            Error::DeliveryFailure { outcome: known, .. } => {
                types::Error::DeliveryFailure(types::DeliveryError {
                    outcome: outcome(known),
                    message,
                })
            }
            Error::Remote(remote) => types::Error::Remote(types::RemoteError {
                type_name: remote.type_name,
                type_module: remote.type_module,
                message: remote.message,
                args: remote.args_text,
                kwargs: remote.kwargs_text,
                traceback: remote.traceback,
            }),
            Error::VersionCap {
                version,
                version_cap,
                ..
            } => types::Error::VersionCap(types::VersionCapError {
                version,
                version_cap,
                message,
            }),
            Error::InvalidTarget { .. } => {
                types::Error::InvalidTarget(types::InvalidTargetError { message })
            }
            Error::InvalidArgument { argument, .. } => {
                types::Error::InvalidArgument(types::InvalidArgumentError { argument, message })
            }
            Error::AccessDenied { rule, .. } => {
                types::Error::AccessDenied(types::AccessDeniedError { rule, message })
            }
            Error::LimitExceeded { limit, .. } => {
                types::Error::LimitExceeded(types::LimitExceededError { limit, message })
            }
            Error::InvalidReply { .. } => {
                types::Error::InvalidReply(types::InvalidReplyError { message })
            }
            error @ (Error::Other { .. }
            | Error::Serialize { .. }
            | Error::UnexpectedReply { .. }) => types::Error::Other(types::OtherError {
                outcome: outcome(error.outcome()),
                message,
            }),
        }
    }

    const fn outcome(outcome: Outcome) -> types::Outcome {
        match outcome {
            Outcome::NotExecuted => types::Outcome::NotExecuted,
            Outcome::Unknown => types::Outcome::Unknown,
            Outcome::Executed => types::Outcome::Executed,
        }
    }

    const fn waiting_for(waiting_for: WaitingFor) -> types::WaitingFor {
        match waiting_for {
            WaitingFor::Admission => types::WaitingFor::Admission,
            WaitingFor::Connection => types::WaitingFor::Connection,
            WaitingFor::Confirm => types::WaitingFor::Confirm,
            WaitingFor::Reply => types::WaitingFor::Reply,
            WaitingFor::Heartbeat => types::WaitingFor::Heartbeat,
            WaitingFor::Other => types::WaitingFor::Other,
        }
    }
}
