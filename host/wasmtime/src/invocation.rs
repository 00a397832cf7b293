//! What an embedder puts around the invocations of a plugin that serves or listens.

use std::pin::Pin;
use std::sync::Arc;

use crate::MessagingHooks;

/// An invocation that runs: from the wait for an instance to the end of its method. Dropped, the instance
/// that is at work is gone.
pub type Invocation<'a> = Pin<Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'a>>;

/// What goes around each invocation: to count it, to bound it, or to refuse it before it begins.
///
/// ```
/// use oslo_messaging_wasmtime::{Around, Halted, Invocation};
///
/// struct Closed;
///
/// impl Around for Closed {
///     fn around<'a>(&'a self, _: Invocation<'a>) -> Invocation<'a> {
///         Box::pin(async { Err(Halted::new("RuntimeError", "closed on Sundays").into()) })
///     }
/// }
/// ```
pub trait Around: Send + Sync {
    /// The invocation, with whatever is around it. It ends with the invocation's own end, or with a
    /// [`Halted`] instead; any other error is what a trap is.
    ///
    /// The time limit of the invocation runs meanwhile, and when it is over this is dropped.
    fn around<'a>(&'a self, invocation: Invocation<'a>) -> Invocation<'a>;
}

/// An invocation that its embedder refused or stopped. A caller is told so by this exception.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Halted {
    exception: &'static str,
    why: String,
}

impl Halted {
    /// With the class of Python's `builtins` that a caller gets, and why, for people.
    #[must_use]
    pub fn new(exception: &'static str, why: impl Into<String>) -> Self {
        Self {
            exception,
            why: why.into(),
        }
    }

    /// The class of Python's `builtins` that a caller gets.
    #[must_use]
    pub const fn exception(&self) -> &'static str {
        self.exception
    }
}

/// What an invocation is on behalf of, as the message says that it comes with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The `request_id` of its context, the name that OpenStack's logs know a request by.
    pub request_id: Option<String>,
    /// The `global_request_id` of its context: the name that the request had where it came from.
    pub global_request_id: Option<String>,
    /// The `traceparent` of its context.
    pub traceparent: Option<String>,
}

/// Runs an invocation with what its embedder has put around it.
pub(crate) async fn run<R: Send>(
    around: Option<&Arc<dyn Around>>,
    running: impl Future<Output = wasmtime::Result<R>> + Send,
) -> wasmtime::Result<R> {
    let Some(around) = around else {
        return running.await;
    };
    let mut returned = None;
    let invocation = async {
        returned = Some(running.await?);
        Ok(())
    };
    around.around(Box::pin(invocation)).await?;
    returned.ok_or_else(|| wasmtime::format_err!("what is around it left the invocation out"))
}

/// Tells the hooks that another invocation begins.
pub(crate) fn begin(hooks: &mut dyn MessagingHooks, read: impl Fn(&str) -> Option<String>) {
    hooks.invoked(&Origin {
        request_id: read("request_id"),
        global_request_id: read("global_request_id"),
        traceparent: read("traceparent"),
    });
}
