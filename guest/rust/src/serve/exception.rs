use std::fmt;

use serde_json::{Map, Value};

use crate::error::Error;

/// An exception that a method raises. Its caller gets it as one of a Python server.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// Elsewhere, because every method returns it.
    pub(crate) parts: Box<Parts>,
}

/// What it is made of; `args` and `kwargs` are JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parts {
    pub(crate) type_module: String,
    pub(crate) type_name: String,
    pub(crate) message: String,
    pub(crate) args: String,
    pub(crate) kwargs: String,
    pub(crate) expected: bool,
}

impl Exception {
    /// An exception of this class, with its message as its only argument. `builtins` is the module of
    /// Python's own, such as `ValueError`.
    #[must_use]
    pub fn new(
        type_module: impl Into<String>,
        type_name: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        let parts = Parts {
            type_module: type_module.into(),
            type_name: type_name.into(),
            args: Value::from(vec![message.as_str()]).to_string(),
            kwargs: "{}".to_owned(),
            expected: false,
            message,
        };
        Self {
            parts: Box::new(parts),
        }
    }

    /// The arguments, in the place of the message. A Python caller makes the exception again with
    /// them.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = Value>) -> Self {
        self.parts.args = Value::from_iter(args).to_string();
        self
    }

    /// The keyword arguments.
    #[must_use]
    pub fn kwargs(mut self, kwargs: Map<String, Value>) -> Self {
        self.parts.kwargs = Value::from(kwargs).to_string();
        self
    }

    /// Says that the method raises it as a matter of course, as `expected_exceptions` does in Python:
    /// it is no error in the host's log.
    #[must_use]
    pub fn expected(mut self) -> Self {
        self.parts.expected = true;
        self
    }

    /// Whether it is this exception, by module and class.
    #[must_use]
    pub fn is(&self, type_module: &str, type_name: &str) -> bool {
        self.parts.type_module == type_module && self.parts.type_name == type_name
    }

    /// What it prints as.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.parts.message
    }
}

/// As a Python traceback ends.
impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            type_module,
            type_name,
            message,
            ..
        } = &*self.parts;
        write!(f, "{type_module}.{type_name}: {message}")
    }
}

impl std::error::Error for Exception {}

/// What a call of the method's own has met. A remote exception goes on to the caller as it is;
/// everything else is the exception that a Python server's client would raise.
impl From<Error> for Exception {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let (module, class) = match error {
            Error::Remote(remote) => {
                let mut exception = Self::new(remote.type_module, remote.type_name, remote.message);
                exception.parts.args = remote.args_text;
                exception.parts.kwargs = remote.kwargs_text;
                return exception;
            }
            Error::Timeout { .. } => ("oslo_messaging.exceptions", "MessagingTimeout"),
            Error::InvalidTarget { .. } => ("oslo_messaging.exceptions", "InvalidTarget"),
            Error::NoSuchTarget { .. } => ("oslo_messaging.exceptions", "MessageUndeliverable"),
            Error::DeliveryFailure { .. } => {
                ("oslo_messaging.exceptions", "MessageDeliveryFailure")
            }
            Error::VersionCap { .. } => ("oslo_messaging.rpc.client", "RPCVersionCapError"),
            _ => ("builtins", "RuntimeError"),
        };
        Self::new(module, class, message)
    }
}
