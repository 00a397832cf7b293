//! The embedder hears of whatever is refused, and of nothing twice.

use std::sync::{Arc, Mutex};

use oslo_messaging_wasmtime::bindings::client::HostClient as _;
use oslo_messaging_wasmtime::bindings::rpc::{Host as _, Request};
use oslo_messaging_wasmtime::bindings::types::Host as _;
use oslo_messaging_wasmtime::{Denied, Limits, MessagingHooks, MessagingView as _};
use wasmtime::component::Resource;

use crate::guest::{State, topic, world};

/// Denies everything, as the default does.
struct Hear(Arc<Mutex<Vec<String>>>);

impl MessagingHooks for Hear {
    fn refused(&mut self, denied: &Denied) {
        self.0.lock().unwrap().push(denied.to_string());
    }
}

#[tokio::test]
async fn every_refusal_is_heard_of_once() {
    let (_transport, _server, ctx) = world().await;
    let mut limits = Limits::default();
    (limits.clients, limits.requests) = (1, 1);
    let mut state = State::new(ctx.limits(limits));
    let heard = Arc::new(Mutex::new(Vec::new()));
    state.hooks = Box::new(Hear(Arc::clone(&heard)));
    let mut view = state.messaging();
    let mut open = |name: &str| view.open(name.to_owned(), topic("compute"), None);
    let refusals = [open("nowhere"), open("main"), open("main")];
    let [Err(nowhere), Ok(client), Err(second)] = refusals else {
        panic!("{refusals:?}")
    };
    for failure in [nowhere, second] {
        view.convert_error(failure).unwrap();
    }
    let request = |method: &str| Request {
        client: Resource::new_borrow(client.rep()),
        context: "{}".to_owned(),
        method: method.to_owned(),
        args: "{}".to_owned(),
        options: None,
    };
    let Request {
        client: borrowed,
        context,
        method,
        args,
        options,
    } = request("alone");
    let alone = view.call(borrowed, context, method, args, options).await;
    view.convert_error(alone.unwrap_err()).unwrap();
    for requests in [vec![request("one")], vec![request("two"), request("many")]] {
        let results = view.call_all(requests).await.unwrap();
        assert!(results.iter().all(Result::is_err), "{results:?}");
    }
    let heard = heard.lock().unwrap();
    let expected = [
        "denied by default: no transport `nowhere` is granted",
        "limit clients exceeded: at most 1 ",
        "denied by default: this host has no policy, so that no call is allowed, nor that of `alone`",
        "denied by default: this host has no policy, so that no call is allowed, nor that of `one`",
        "limit requests exceeded: ",
    ];
    assert_eq!(heard.len(), expected.len(), "{heard:#?}");
    for (heard, start) in heard.iter().zip(expected) {
        assert!(heard.starts_with(start), "{heard}\nis not\n{start}");
    }
}
