//! What an embedder puts around the invocations of a plugin that serves or listens.

use std::pin::Pin;
use std::sync::Arc;

/// An invocation that runs: from the wait for an instance to the end of its method. Dropped, the instance
/// that is at work is gone.
pub type Invocation<'a> = Pin<Box<dyn Future<Output = wasmtime::Result<End>> + Send + 'a>>;

/// Begins an invocation on behalf of somebody, of whom its [hooks](crate::MessagingHooks::invoked) are told.
pub type Begin<'a> = Box<dyn FnOnce(Origin) -> Invocation<'a> + Send + 'a>;

/// How an invocation ended that ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// It did not do what it was started for, and said so in another way than by an exception, as a
    /// command does by its exit code.
    Failed,
    /// With an exception, which its caller gets. A notification is wanted once more.
    Raised,
    /// With a result, or with nothing where nobody waits for one.
    Returned,
}

impl End {
    pub(crate) const fn of<T, E>(result: &Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Returned,
            Err(_) => Self::Raised,
        }
    }
}

/// What goes around each invocation: to count it, to bound it, or to refuse it before it begins.
///
/// ```
/// use oslo_messaging_wasmtime::{Around, Begin, Halt, Halted, Invocation, Origin};
///
/// struct Closed;
///
/// impl Around for Closed {
///     fn around<'a>(&'a self, _: Origin, _: Begin<'a>) -> Invocation<'a> {
///         Box::pin(async { Err(Halted::new(Halt::Paused, "closed on Sundays").into()) })
///     }
/// }
/// ```
pub trait Around: Send + Sync {
    /// The invocation, with whatever is around it. It ends with the invocation's own end, or with a
    /// [`Halted`] instead; any other error is what a trap is.
    ///
    /// It is begun with the origin, or with another one, as when its own span is what its calls are part of.
    ///
    /// The time limit of the invocation runs meanwhile, and when it is over this is dropped.
    fn around<'a>(&'a self, origin: Origin, begin: Begin<'a>) -> Invocation<'a>;
}

/// An invocation that its embedder refused or stopped. A caller is told so by an exception.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Halted {
    halt: Halt,
    why: String,
}

impl Halted {
    /// For this reason, and why in words, for people.
    #[must_use]
    pub fn new(halt: Halt, why: impl Into<String>) -> Self {
        Self {
            halt,
            why: why.into(),
        }
    }

    /// The reason.
    #[must_use]
    pub const fn halt(&self) -> Halt {
        self.halt
    }
}

/// Why an embedder refuses or stops an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Halt {
    /// There is no room for one more instance. It was not begun.
    NoRoom,
    /// It has used all of its time.
    OutOfTime,
    /// Its plugin is not started for now. It was not begun.
    Paused,
}

impl Halt {
    /// The class of Python's `builtins` that a caller gets.
    #[must_use]
    pub const fn exception(self) -> &'static str {
        match self {
            Self::NoRoom => "MemoryError",
            Self::OutOfTime => "TimeoutError",
            Self::Paused => "RuntimeError",
        }
    }
}

/// What an invocation is on behalf of, as the message says that it comes with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The method that is called; the type of the event of a notification. Its sender's.
    pub method: Option<String>,
    /// The `request_id` of its context, the name that OpenStack's logs know a request by.
    pub request_id: Option<String>,
    /// The `global_request_id` of its context: the name that the request had where it came from.
    pub global_request_id: Option<String>,
    /// The `traceparent` of its context.
    pub traceparent: Option<String>,
}

impl Origin {
    /// As the context of a message says.
    pub(crate) fn read(method: Option<&str>, read: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            method: method.map(ToOwned::to_owned),
            request_id: read("request_id"),
            global_request_id: read("global_request_id"),
            traceparent: read("traceparent"),
        }
    }
}

/// Runs an invocation with what its embedder has put around it.
pub(crate) async fn run<R: Send, F>(
    around: Option<&Arc<dyn Around>>,
    origin: Origin,
    begin: impl FnOnce(Origin) -> F + Send,
    end: impl Fn(&R) -> End + Send,
) -> wasmtime::Result<R>
where
    F: Future<Output = wasmtime::Result<R>> + Send,
{
    let Some(around) = around else {
        return begin(origin).await;
    };
    let mut returned = None;
    let slot = &mut returned;
    let begin: Begin<'_> = Box::new(move |origin| {
        Box::pin(async move {
            let value = begin(origin).await?;
            let ended = end(&value);
            *slot = Some(value);
            Ok(ended)
        })
    });
    around.around(origin, begin).await?;
    returned.ok_or_else(|| wasmtime::format_err!("what is around it left the invocation out"))
}
