use std::fmt;

use serde_json::{Map, Value};

use crate::bindings::types;

/// An exception that the called method raised, or that its server raised for it.
///
/// Class and module are what the server sent; match on the pair with [`is`](Self::is). A server
/// without the method raises `NoSuchMethod`, one without the version or namespace
/// `UnsupportedVersion`, both of the module `oslo_messaging.rpc.dispatcher`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RemoteError {
    /// The class, such as `ValueError`.
    pub class: String,
    /// The module the class is defined in, such as `builtins`.
    pub module: String,
    /// What the exception prints as.
    pub message: String,
    /// The exception's arguments. Integers beyond 64 bits lose digits here.
    pub args: Vec<Value>,
    /// The exception's `kwargs` attribute, empty when it has none.
    pub kwargs: Map<String, Value>,
    /// The remote traceback, a piece of text per entry. Empty unless the host grants it.
    pub traceback: Vec<String>,
}

impl RemoteError {
    /// Whether it is this exception, by module and class.
    #[must_use]
    pub fn is(&self, module: &str, class: &str) -> bool {
        self.module == module && self.class == class
    }
}

/// As a Python traceback ends: the class, with its module unless it is a built-in one, and what
/// the exception prints as.
impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            class,
            module,
            message,
            ..
        } = self;
        if !matches!(module.as_str(), "" | "builtins") {
            write!(f, "{module}.")?;
        }
        f.write_str(class)?;
        if message.is_empty() {
            Ok(())
        } else {
            write!(f, ": {message}")
        }
    }
}

impl std::error::Error for RemoteError {}

impl From<types::RemoteError> for RemoteError {
    fn from(error: types::RemoteError) -> Self {
        Self {
            class: error.class,
            module: error.module,
            message: error.message,
            // What `Value` cannot hold (a number too great for it, half a surrogate pair) must not
            // hide the exception: it is kept as the text it came in.
            args: serde_json::from_str(&error.args)
                .unwrap_or_else(|_| vec![Value::String(error.args)]),
            kwargs: serde_json::from_str(&error.kwargs).unwrap_or_else(|_| {
                Map::from_iter([("kwargs".to_owned(), Value::String(error.kwargs))])
            }),
            traceback: error.traceback,
        }
    }
}
