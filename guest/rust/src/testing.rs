//! Plays the host, so that a plugin is tested natively, without a component and a broker. With the
//! feature `testing`; what is compiled to WebAssembly never has it.
//!
//! A [`Transport`] stands for one that an operator granted. Its methods are canned, and what was
//! sent to it can be looked at:
//!
//! ```
//! use oslo_messaging_guest::testing::{Transport, exception};
//! use oslo_messaging_guest::{Client, Error, Target};
//! use serde_json::json;
//!
//! /// What is tested.
//! fn free(client: &Client, host: &str) -> Result<u64, Error> {
//!     client.prepare().server(host).call(&json!({}), "free_memory", &json!({"unit": "MiB"}))
//! }
//!
//! let transport = Transport::grant("default");
//! transport.method("free_memory", |sent| match sent.target.server.as_deref() {
//!     Some("host-1") => Ok(json!(512)),
//!     _ => Err(exception("nova.exception", "HostNotFound", "there is no such host")),
//! });
//!
//! let client = Client::open("default", Target::topic("compute")).unwrap();
//! assert_eq!(free(&client, "host-1").unwrap(), 512);
//! assert!(free(&client, "host-2").unwrap_err().was_executed());
//! assert_eq!(transport.sent()[0].args, json!({"unit": "MiB"}));
//! ```
//!
//! It refuses what a host refuses before it sends: transports that were not granted, targets without
//! a topic, calls with fanout, versions above a cap, arguments that are no object. Nothing takes
//! time: a handler that is to time out returns [`Error::Timeout`].
//!
//! Transports are those of the thread that granted them, so that tests do not meet.

pub(crate) mod host;
pub(crate) mod notifier;
mod server;
mod version;

pub use self::server::Server;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::finite::Finite;
use crate::remote::RemoteError;
use crate::target::Target;

pub use self::notifier::{Notified, notification};

/// A transport that is granted for as long as this value lives.
#[derive(Debug)]
#[must_use = "it is taken away when it is dropped"]
pub struct Transport {
    name: String,
    played: Rc<Played>,
}

impl Transport {
    /// Grants a transport of this name, in place of an earlier one.
    pub fn grant(name: &str) -> Self {
        let played = Rc::new(Played::default());
        GRANTED.with_borrow_mut(|granted| granted.insert(name.to_owned(), Rc::clone(&played)));
        Self {
            name: name.to_owned(),
            played,
        }
    }

    /// Serves a method: the handler gives its result, or how the call fails. What a handler of a
    /// cast gives is lost, but for the errors that are known before a server has it, such as
    /// [`Error::NoSuchTarget`].
    pub fn method(
        &self,
        name: &str,
        handler: impl FnMut(&Sent) -> Result<Value, Error> + 'static,
    ) -> &Self {
        let handler: Handler = Box::new(handler);
        let mut methods = self.played.methods.borrow_mut();
        methods.insert(name.to_owned(), Rc::new(RefCell::new(handler)));
        self
    }

    /// Serves a method that always returns this.
    ///
    /// # Panics
    /// When it does not become JSON.
    #[expect(clippy::panic, reason = "a mistake in a test ends the test")]
    pub fn answers(&self, name: &str, result: impl Serialize) -> &Self {
        match serde_json::to_value(Finite(&result)) {
            Ok(result) => self.method(name, move |_| Ok(result.clone())),
            Err(error) => panic!("the result of `{name}` does not become JSON: {error}"),
        }
    }

    /// What was sent so far, in the order in which it was.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.played.sent.borrow().clone()
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        GRANTED.with_borrow_mut(|granted| {
            if granted
                .get(&self.name)
                .is_some_and(|it| Rc::ptr_eq(it, &self.played))
            {
                granted.remove(&self.name);
            }
        });
    }
}

/// A message that a plugin sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// Whether it was a call; else it was a cast.
    pub is_call: bool,
    /// Where it went, with everything that settings replaced.
    pub target: Target,
    /// The context.
    pub context: Value,
    /// The method.
    pub method: String,
    /// The arguments.
    pub args: Value,
    /// How long it might have taken.
    pub timeout: Duration,
}

/// An exception for a handler to raise, with its message as its only argument.
#[must_use]
pub fn exception(type_module: &str, type_name: &str, message: &str) -> Error {
    let args = Value::from(vec![message]);
    Error::Remote(Box::new(RemoteError {
        type_name: type_name.to_owned(),
        type_module: type_module.to_owned(),
        message: message.to_owned(),
        args_text: args.to_string(),
        args: vec![Value::from(message)],
        kwargs: Map::new(),
        kwargs_text: "{}".to_owned(),
        traceback: Vec::new(),
    }))
}

/// What [`remaining`](crate::remaining) says from now on, on this thread; at first none.
pub fn set_remaining(left: Option<Duration>) {
    REMAINING.set(left);
}

type Handler = Box<dyn FnMut(&Sent) -> Result<Value, Error>>;

#[derive(Default)]
pub(crate) struct Played {
    methods: RefCell<BTreeMap<String, Rc<RefCell<Handler>>>>,
    sent: RefCell<Vec<Sent>>,
    notified: RefCell<Vec<Notified>>,
    notifications_fail: RefCell<Option<Failing>>,
}

type Failing = Rc<dyn Fn(&Notified) -> Option<Error>>;

impl std::fmt::Debug for Played {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Played").finish_non_exhaustive()
    }
}

impl Played {
    /// What a server makes of a message.
    fn take(&self, sent: Sent) -> Result<Value, Error> {
        let handler = self.methods.borrow().get(&sent.method).cloned();
        self.sent.borrow_mut().push(sent.clone());
        match handler {
            // A handler that calls its own method finds it at work.
            Some(handler) => match handler.try_borrow_mut() {
                Ok(mut handler) => handler(&sent),
                Err(_) => Err(exception(
                    "builtins",
                    "RecursionError",
                    "the handler is at work already",
                )),
            },
            None => Err(exception(
                "oslo_messaging.rpc.dispatcher",
                "NoSuchMethod",
                &format!("Endpoint does not support RPC method {}", sent.method),
            )),
        }
    }
}

thread_local! {
    static GRANTED: RefCell<BTreeMap<String, Rc<Played>>> = RefCell::default();
    static REMAINING: std::cell::Cell<Option<Duration>> = const { std::cell::Cell::new(None) };
}

#[cfg(test)]
mod tests;
