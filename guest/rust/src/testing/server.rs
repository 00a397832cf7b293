//! Calls the methods that a plugin serves.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::version::{fits, read};
use crate::serve::{Endpoint, Exception, Request};
use crate::target::Target;

/// Plays the host that a plugin serves in: it finds methods as a server does, and raises what a
/// server raises for what is not there.
///
/// ```
/// use oslo_messaging_guest::serve::Endpoint;
/// use oslo_messaging_guest::testing::Server;
/// use serde_json::json;
///
/// fn endpoints() -> Vec<Endpoint> {
///     vec![Endpoint::new().version("1.5").method("whoami", |request, ()| {
///         Ok(request.served_by().server.clone())
///     })]
/// }
///
/// let server = Server::new(endpoints()).version("1.3");
/// assert_eq!(server.call("whoami", &json!({})).unwrap(), "server");
/// assert!(server.call("who", &json!({})).unwrap_err().message().contains("who"));
/// ```
#[derive(Debug)]
pub struct Server {
    endpoints: Vec<Endpoint>,
    namespace: Option<String>,
    version: Option<String>,
    context: Box<RawValue>,
    call_monitor_timeout: Option<Duration>,
}

impl Server {
    /// A server of these endpoints, for callers without namespace and version, with an empty context.
    #[must_use]
    pub fn new(endpoints: Vec<Endpoint>) -> Self {
        Self {
            endpoints,
            namespace: None,
            version: None,
            context: to_raw_value(&Value::Object(serde_json::Map::new()))
                .unwrap_or_else(|_| RawValue::NULL.to_owned()),
            call_monitor_timeout: None,
        }
    }

    /// The namespace that callers ask for from now on.
    #[must_use]
    pub fn namespace<'a>(mut self, namespace: impl Into<Option<&'a str>>) -> Self {
        self.namespace = namespace.into().map(ToOwned::to_owned);
        self
    }

    /// The version that callers say from now on.
    #[must_use]
    pub fn version<'a>(mut self, version: impl Into<Option<&'a str>>) -> Self {
        self.version = version.into().map(ToOwned::to_owned);
        self
    }

    /// The context of callers from now on.
    ///
    /// # Panics
    /// When it does not become JSON.
    #[must_use]
    #[expect(clippy::panic, reason = "a mistake in a test ends the test")]
    pub fn context(mut self, context: &impl Serialize) -> Self {
        match to_raw_value(context) {
            Ok(context) => self.context = context,
            Err(error) => panic!("the context does not become JSON: {error}"),
        }
        self
    }

    /// That callers monitor their calls from now on.
    #[must_use]
    pub const fn call_monitor_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.call_monitor_timeout = timeout;
        self
    }

    /// Calls a method. One that waits with `async` is waited for.
    ///
    /// # Errors
    /// What the method raises, and `NoSuchMethod` and `UnsupportedVersion` of the module
    /// `oslo_messaging.rpc.dispatcher`.
    pub fn call(&self, method: &str, args: &Value) -> Result<Value, Exception> {
        let requested = self.version.as_deref().unwrap_or("1.0");
        let is_for = |endpoint: &&Endpoint| {
            let own = endpoint.version.as_deref().unwrap_or("1.0");
            let named = endpoint.namespace == self.namespace
                || endpoint.legacy_namespaces.contains(&self.namespace);
            named && read(own).is_some_and(|own| fits(own, read(requested)))
        };
        let mut served = self.endpoints.iter().filter(is_for).peekable();
        let message = if served.peek().is_none() {
            format!("Endpoint does not support RPC version {requested}. Attempted method: {method}")
        } else {
            format!("Endpoint does not support RPC method {method}")
        };
        let class = if served.peek().is_none() {
            "UnsupportedVersion"
        } else {
            "NoSuchMethod"
        };
        let Some(run) = served.find_map(|endpoint| endpoint.methods.get(method)) else {
            return Err(Exception::new(
                "oslo_messaging.rpc.dispatcher",
                class,
                message,
            ));
        };
        let request = Request {
            method: method.to_owned(),
            context: self.context.clone(),
            namespace: self.namespace.clone(),
            version: self.version.clone(),
            call_monitor_timeout: self.call_monitor_timeout,
            message_id: Some("0123456789abcdef0123456789abcdef".to_owned()),
            served_by: Target::topic("topic").server("server"),
        };
        let result = wait_for(run(request, &args.to_string()))?;
        serde_json::from_str(&result)
            .map_err(|error| Exception::new("builtins", "ValueError", error.to_string()))
    }
}

/// Runs a future on this thread.
fn wait_for<T>(running: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let mut running = std::pin::pin!(running);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match running.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Transport, exception};
    use crate::{Client, Error};

    fn endpoints() -> Vec<Endpoint> {
        let echo = |_, args: Value| Ok(args);
        vec![
            Endpoint::new()
                .version("1.5")
                .method("echo", echo)
                .method("context", |request, ()| Ok(request.context().to_owned()))
                .method_async("relay", |request, args: Value| async move {
                    let other = Client::open("default", Target::topic("other"))?;
                    let result: Value = other.call_async(request.context(), "there", &args).await?;
                    Ok(result)
                }),
            Endpoint::new()
                .namespace("ns")
                .legacy_namespace(Some("old"))
                .version("2.0")
                .method("which", |request, ()| {
                    Ok(request.namespace().map(str::to_owned))
                }),
        ]
    }

    #[test]
    fn methods_are_found_as_a_server_finds_them() {
        let check = |namespace: Option<&str>, version: Option<&str>, method: &str, found: &str| {
            let server = Server::new(endpoints())
                .namespace(namespace)
                .version(version);
            let result = match server.call(method, &json!({})) {
                Ok(result) => result.to_string(),
                Err(exception) => exception.parts.type_name,
            };
            assert_eq!(result, found, "{namespace:?} {version:?} {method}");
        };
        check(None, None, "echo", "{}");
        check(None, Some("1.5"), "echo", "{}");
        check(None, Some("1.6"), "echo", "UnsupportedVersion");
        check(None, Some("2.0"), "which", "UnsupportedVersion");
        check(Some("ns"), Some("2.0"), "which", "\"ns\"");
        check(Some("old"), Some("2.0"), "which", "\"old\"");
        check(Some("ns"), Some("2.0"), "echo", "NoSuchMethod");
        check(None, Some("x"), "echo", "UnsupportedVersion");
    }

    #[test]
    fn arguments_that_do_not_fit_are_a_type_error() {
        let server = Server::new(endpoints());
        let exception = server.call("context", &json!({"a": 1})).unwrap_err();
        assert!(exception.is("builtins", "TypeError"), "{exception}");
        assert!(
            exception.message().starts_with("context(): "),
            "{exception}"
        );
    }

    #[test]
    fn a_method_calls_on_behalf_of_its_caller() {
        let transport = Transport::grant("default");
        transport.method("there", |sent| match sent.args["n"].as_u64() {
            Some(n) => Ok(json!(n + 1)),
            None => Err(exception("acme", "NoNumber", "n is none")),
        });
        let server = Server::new(endpoints()).context(&json!({"user": "me"}));
        assert_eq!(server.call("relay", &json!({"n": 1})).unwrap(), 2);
        assert_eq!(transport.sent()[0].context, json!({"user": "me"}));
        let exception = server.call("relay", &json!({})).unwrap_err();
        assert!(exception.is("acme", "NoNumber"), "{exception}");

        transport.method("there", |_| {
            Err(Error::NoSuchTarget {
                exchange: "openstack".to_owned(),
                routing_key: "other".to_owned(),
                message: "nobody".to_owned(),
            })
        });
        let exception = server.call("relay", &json!({})).unwrap_err();
        assert!(
            exception.is("oslo_messaging.exceptions", "MessageUndeliverable"),
            "{exception}"
        );
    }
}
