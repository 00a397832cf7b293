use std::fmt;

use serde_json::{Map, Value};

use crate::bindings::types;

/// An exception that the called method raised, or that its server raised for it.
///
/// Type and module are what the server sent; match on the pair with [`is`](Self::is). A server
/// without the method raises `NoSuchMethod`, one without the version or namespace
/// `UnsupportedVersion`, both of the module `oslo_messaging.rpc.dispatcher`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RemoteError {
    /// The name of the exception's class, such as `ValueError`.
    pub type_name: String,
    /// The module the class is defined in, such as `builtins`.
    pub type_module: String,
    /// What the exception prints as.
    pub message: String,
    /// The exception's arguments. Empty when it has none, and when [`args_text`](Self::args_text) is
    /// not what a [`Value`] can hold; integers beyond 64 bits lose digits.
    pub args: Vec<Value>,
    /// The exception's arguments as they came: a JSON array.
    pub args_text: String,
    /// The exception's `kwargs` attribute. Empty when it has none, and when
    /// [`kwargs_text`](Self::kwargs_text) is not what a [`Value`] can hold.
    pub kwargs: Map<String, Value>,
    /// The exception's `kwargs` attribute as it came: a JSON object.
    pub kwargs_text: String,
    /// The remote traceback, a piece of text per entry. Empty unless the host grants it.
    pub traceback: Vec<String>,
}

impl RemoteError {
    /// Whether it is this exception, by module and class.
    #[must_use]
    pub fn is(&self, type_module: &str, type_name: &str) -> bool {
        self.type_module == type_module && self.type_name == type_name
    }
}

/// As a Python traceback ends: the class, with its module unless it is a built-in one, and what
/// the exception prints as.
impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            type_name,
            type_module,
            message,
            ..
        } = self;
        if !matches!(type_module.as_str(), "" | "builtins") {
            write!(f, "{type_module}.")?;
        }
        f.write_str(type_name)?;
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
            type_name: error.type_name,
            type_module: error.type_module,
            message: error.message,
            // What `Value` cannot hold (a number too great for it, half a surrogate pair, more than
            // 128 levels) must not hide the exception.
            args: serde_json::from_str(&error.args).unwrap_or_default(),
            args_text: error.args,
            kwargs: serde_json::from_str(&error.kwargs).unwrap_or_default(),
            kwargs_text: error.kwargs,
            traceback: error.traceback,
        }
    }
}
