//! A request on its way through an instance, and the answer to whatever comes of it.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{Context, RemoteError, Target};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};

use super::instance::Methods;
use crate::bindings::serving::Exception;
use crate::cut::{cut, cut_all};
use crate::error::remote_bytes;
use crate::instances::Pool;
use crate::serving::Asked;
use crate::{Around, End, Halted, MessagingView, Origin, invocation, time};

pub(super) struct Responder<T: Send + 'static> {
    pub(super) pool: Pool<T, Methods<T>>,
    pub(super) served_by: Arc<Target>,
    pub(super) time_limit: Duration,
    pub(super) around: Option<Arc<dyn Around>>,
}

impl<T: MessagingView + 'static> Responder<T> {
    /// Dropped, the instance that is at work is gone.
    pub(super) async fn respond(
        &self,
        endpoint: u32,
        context: Context,
        args: Box<RawValue>,
    ) -> Result<Box<RawValue>, RemoteError> {
        let ends = time::after(Instant::now(), self.time_limit);
        let asked = Arc::new(Asked {
            endpoint,
            context,
            args,
            served_by: Arc::clone(&self.served_by),
        });
        let origin = Origin::read(Some(asked.context.method()), |name| asked.context.get(name));
        let begin = |origin| self.run(&asked, origin, ends);
        let running = invocation::run(self.around.as_ref(), origin, begin, End::of);
        let Ok(ended) = timeout_at(ends, running).await else {
            let why = format!(
                "it was stopped after its time limit of {:?}",
                self.time_limit
            );
            return Err(asked.answered_for("TimeoutError", &why, ""));
        };
        ended.unwrap_or_else(|trap| {
            Err(match trap.downcast_ref::<Halted>() {
                Some(halted) => {
                    asked.answered_for(halted.halt().exception(), &halted.to_string(), "")
                }
                None => {
                    asked.answered_for("RuntimeError", "the plugin trapped", &format!("{trap:#}"))
                }
            })
        })
    }

    /// What the caller gets. It is made here, so that a result that cannot be sent counts as the exception that
    /// it becomes.
    async fn run(
        &self,
        asked: &Arc<Asked>,
        origin: Origin,
        ends: Instant,
    ) -> wasmtime::Result<Result<Box<RawValue>, RemoteError>> {
        let mut working = self.pool.take().await?;
        let left = ends.saturating_duration_since(Instant::now());
        let instance = &mut working.instance;
        let ended = instance.handle(Arc::clone(asked), &origin, left).await?;
        let most = working.instance.limits().reply_bytes;
        self.pool.give_back(working);
        Ok(match ended {
            Ok(result) => asked.result(result, most),
            Err(exception) => asked.raised(exception, most),
        })
    }
}

impl Asked {
    fn result(&self, text: String, most: usize) -> Result<Box<RawValue>, RemoteError> {
        if text.len() > most {
            let why = format!(
                "its result has {} bytes, and at most {most} are sent",
                text.len()
            );
            return Err(self.answered_for("ValueError", &why, ""));
        }
        RawValue::from_string(text).map_err(|error| {
            let why = format!("its result is not JSON: {error}");
            self.answered_for("ValueError", &why, "")
        })
    }

    fn raised(&self, exception: Exception, most: usize) -> Result<Box<RawValue>, RemoteError> {
        let Exception {
            type_name,
            type_module,
            message,
            args,
            kwargs,
            traceback,
            expected,
        } = exception;
        let json = |what: &str, text: String, opening: char| {
            let value = RawValue::from_string(text).ok();
            let value = value.filter(|value| value.get().starts_with(opening));
            value.ok_or_else(|| {
                let kind = if opening == '[' { "array" } else { "object" };
                let type_name = cut(&type_name);
                let why = format!("`{what}` of its {type_name} is not a JSON {kind}");
                // Its message is its caller's, and may be a secret.
                self.answered_for("ValueError", &why, "")
            })
        };
        let (args, kwargs) = (json("args", args, '[')?, json("kwargs", kwargs, '{')?);
        let mut error = RemoteError::new(type_module, type_name, message);
        error.args = args;
        error.kwargs = kwargs;
        error.traceback = traceback.into();
        let bytes = remote_bytes(&error, true);
        if bytes > most {
            let why = format!("its exception has {bytes} bytes, and at most {most} are sent");
            return Err(self.answered_for("ValueError", &why, ""));
        }
        if expected {
            return Err(error.expected());
        }
        let (method, traceback) = (self.context.method(), cut_all(&error.traceback));
        let (message_id, request_id) = self.ids();
        let (type_module, type_name) = (cut(&error.module), cut(&error.class));
        tracing::error!(
            method,
            message_id,
            request_id,
            type_module,
            type_name,
            traceback,
            "a method of the plugin raised an exception"
        );
        Err(error)
    }

    /// The exception that stands for what the plugin did, with the details that are for the log alone.
    fn answered_for(&self, type_name: &str, why: &str, details: &str) -> RemoteError {
        let method = self.context.method();
        let (message_id, request_id) = self.ids();
        let details = cut(details);
        tracing::error!(
            method,
            message_id,
            request_id,
            why,
            details,
            "a method of the plugin failed"
        );
        RemoteError::new("builtins", type_name, format!("{method}(): {why}"))
    }

    /// The message's id, and the name that OpenStack's logs know a request by. Both are its sender's.
    fn ids(&self) -> (Option<&str>, Option<String>) {
        let request_id = self.context.get::<String>("request_id");
        (
            self.context.unique_id().map(cut),
            request_id.map(|id| cut(&id).to_owned()),
        )
    }
}
