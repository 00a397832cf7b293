//! A request on its way through an instance, and the answer to whatever comes of it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{Context, RemoteError, Target};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};

use super::pool::Pool;
use crate::bindings::serving::Exception;
use crate::serving::Asked;
use crate::{Around, Halted, MessagingView, invocation, time};

pub(super) struct Responder<T: 'static> {
    pub(super) pool: Pool<T>,
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
        let running = invocation::run(self.around.as_ref(), self.run(&asked, ends));
        let Ok(ended) = timeout_at(ends, running).await else {
            let why = format!(
                "it was stopped after its time limit of {:?}",
                self.time_limit
            );
            return Err(asked.answered_for("TimeoutError", &why, &""));
        };
        match ended {
            Ok((Ok(result), most)) => asked.result(result, most),
            Ok((Err(exception), _)) => asked.raised(exception),
            Err(trap) => Err(match trap.downcast_ref::<Halted>() {
                Some(halted) => asked.answered_for(halted.exception(), &halted.to_string(), &""),
                None => asked.answered_for(
                    "RuntimeError",
                    "the plugin trapped",
                    &format_args!("{trap:#}"),
                ),
            }),
        }
    }

    /// What comes of the method, and the largest result that it may have.
    async fn run(
        &self,
        asked: &Arc<Asked>,
        ends: Instant,
    ) -> wasmtime::Result<(Result<String, Exception>, usize)> {
        let mut working = self.pool.take().await?;
        let left = ends.saturating_duration_since(Instant::now());
        let ended = working.instance.handle(Arc::clone(asked), left).await?;
        let most = working.instance.reply_bytes();
        self.pool.give_back(working);
        Ok((ended, most))
    }
}

impl Asked {
    fn result(&self, text: String, most: usize) -> Result<Box<RawValue>, RemoteError> {
        if text.len() > most {
            let why = format!(
                "its result has {} bytes, and at most {most} are sent",
                text.len()
            );
            return Err(self.answered_for("ValueError", &why, &""));
        }
        RawValue::from_string(text).map_err(|error| {
            self.answered_for(
                "ValueError",
                &format!("its result is not JSON: {error}"),
                &"",
            )
        })
    }

    fn raised(&self, exception: Exception) -> Result<Box<RawValue>, RemoteError> {
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
                let why = format!("`{what}` of its {type_name} is not a JSON {kind}");
                self.answered_for("ValueError", &why, &message)
            })
        };
        let (args, kwargs) = (json("args", args, '[')?, json("kwargs", kwargs, '{')?);
        if !expected {
            let (method, traceback) = (self.context.method(), traceback.concat());
            let (message_id, request_id) = (self.context.unique_id(), self.request_id());
            tracing::error!(
                method,
                message_id,
                request_id,
                type_module,
                type_name,
                traceback,
                "a method of the plugin raised an exception"
            );
        }
        let mut error = RemoteError::new(type_module, type_name, message);
        error.args = args;
        error.kwargs = kwargs;
        error.traceback = traceback.into();
        Err(if expected { error.expected() } else { error })
    }

    /// The exception that stands for what the plugin did, with the details that are for the log alone.
    fn answered_for(&self, type_name: &str, why: &str, details: &dyn fmt::Display) -> RemoteError {
        let method = self.context.method();
        let (message_id, request_id) = (self.context.unique_id(), self.request_id());
        let details = details.to_string();
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

    /// The name that OpenStack's logs know a request by.
    fn request_id(&self) -> Option<String> {
        self.context.get("request_id")
    }
}
