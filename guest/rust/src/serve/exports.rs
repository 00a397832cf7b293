//! Behind the macros: the exports of a plugin that serves, which know only what the bindings have.

#![expect(
    clippy::result_large_err,
    reason = "the bindings have the exception by value"
)]

use std::cell::OnceCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::value::RawValue;

use super::endpoint::Answer;
use super::exception::Parts;
use super::{Endpoint, Exception, Request};
use crate::bindings::generated::oslo::messaging::serving as wit;

/// What the plugin serves.
pub fn endpoints(make: fn() -> Vec<Endpoint>) -> Vec<wit::Endpoint> {
    let described = |endpoint: &Endpoint| wit::Endpoint {
        namespace: endpoint.namespace.clone(),
        legacy_namespaces: endpoint.legacy_namespaces.clone(),
        version: endpoint.version.clone(),
        methods: endpoint.methods.keys().cloned().collect(),
    };
    served(make).iter().map(described).collect()
}

/// Runs a method that does not wait with `async`.
pub fn handle(
    make: fn() -> Vec<Endpoint>,
    request: &wit::Request,
) -> Result<String, wit::Exception> {
    let mut running = start(make, request);
    match running
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(result) => result.map_err(raised),
        Poll::Pending => Err(raised(Exception::new(
            "builtins",
            "RuntimeError",
            format!(
                "{}() waits with `async`, and the plugin exports its methods with `serve!`: export \
                 them with `serve_async!`",
                request.method()
            ),
        ))),
    }
}

/// Runs a method.
pub async fn handle_async(
    make: fn() -> Vec<Endpoint>,
    request: &wit::Request,
) -> Result<String, wit::Exception> {
    start(make, request).await.map_err(raised)
}

fn start(make: fn() -> Vec<Endpoint>, request: &wit::Request) -> Answer {
    let endpoints = served(make);
    let method = request.method();
    let index = usize::try_from(request.endpoint()).unwrap_or(usize::MAX);
    let found = endpoints.get(index).and_then(|it| it.methods.get(&method));
    let Some(run) = found else {
        // The host has asked another plugin, or it has a mistake.
        let message = format!("there is no endpoint {index} with a method `{method}`");
        return Box::pin(std::future::ready(Err(Exception::new(
            "builtins",
            "RuntimeError",
            message,
        ))));
    };
    let context = RawValue::from_string(request.context());
    let told = Request {
        context: context.unwrap_or_else(|_| RawValue::NULL.to_owned()),
        namespace: request.namespace(),
        version: request.version(),
        call_monitor_timeout: request.call_monitor_timeout().map(Duration::from_nanos),
        message_id: request.message_id(),
        served_by: request.served_by().into(),
        method,
    };
    run(told, &request.args())
}

fn raised(exception: Exception) -> wit::Exception {
    let Parts {
        type_module,
        type_name,
        message,
        args,
        kwargs,
        expected,
    } = *exception.parts;
    wit::Exception {
        type_name,
        type_module,
        message,
        args,
        kwargs,
        traceback: Vec::new(),
        expected,
    }
}

/// The endpoints of this instance, made when they are first asked for.
fn served(make: fn() -> Vec<Endpoint>) -> Rc<[Endpoint]> {
    thread_local! {
        static SERVED: OnceCell<Rc<[Endpoint]>> = const { OnceCell::new() };
    }
    SERVED.with(|served| Rc::clone(served.get_or_init(|| make().into())))
}
