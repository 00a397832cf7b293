use serde_json::value::RawValue;

use crate::raw;

/// An exception raised by the called method, or by its server on its behalf
/// (upstream `oslo_messaging/_drivers/common.py`, `serialize_remote_exception`).
///
/// Class and module are what the server sent; nothing is imported or rebuilt from them. Upstream
/// makes an exception of a class whose module is in `allowed_remote_exmods`; here every module is
/// allowed, because naming one does nothing, and [`is`](Self::is) asks for one exception:
///
/// ```
/// use oslo_messaging::RemoteError;
///
/// let error = RemoteError::new("nova.exception", "InstanceNotFound", "no instance 7");
/// assert!(error.is("nova.exception", "InstanceNotFound"));
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("remote error: {class} {message}")]
pub struct RemoteError {
    /// The class, such as `ValueError`.
    pub class: String,
    /// The module that defines it, such as `builtins`.
    pub module: String,
    /// What the exception prints as.
    pub message: String,
    /// Its arguments: a JSON array.
    pub args: Box<RawValue>,
    /// Its `kwargs` attribute: a JSON object, empty if it has none.
    pub kwargs: Box<RawValue>,
    /// The remote traceback, in pieces that may hold several lines.
    pub traceback: Box<[String]>,
    pub(crate) expected: bool,
}

impl RemoteError {
    /// An exception for a [server](crate::RpcServer)'s method to raise, with the message as its
    /// only argument and no traceback.
    #[must_use]
    pub fn new(
        module: impl Into<String>,
        class: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self {
            class: class.into(),
            module: module.into(),
            args: serde_json::value::to_raw_value(&[&message])
                .unwrap_or_else(|_| raw::empty_array()),
            kwargs: raw::empty_object(),
            traceback: Box::default(),
            message,
            expected: false,
        }
    }

    /// The same as an exception that its method raises as a matter of course, which a server's log
    /// has no error for (upstream's `expected_exceptions`). Its caller sees no difference.
    #[must_use]
    pub const fn expected(mut self) -> Self {
        self.expected = true;
        self
    }

    /// Whether it is this exception, by module and class.
    #[must_use]
    pub fn is(&self, module: &str, class: &str) -> bool {
        self.module == module && self.class == class
    }
}
