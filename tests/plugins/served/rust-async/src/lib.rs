//! Serves the methods of `tests/python/served_endpoints.py`, and waits with `async`.

#[path = "../../rust/src/methods.rs"]
mod methods;

use oslo_messaging_guest::serve::{Endpoint, Exception, Request};
use serde_json::Value;

use self::methods::{Relay, client};

fn endpoints() -> Vec<Endpoint> {
    let [first, second, third] = methods::endpoints();
    vec![first.method_async("relay", relay), second, third]
}

/// Calls on behalf of its caller.
async fn relay(request: Request, relay: Relay) -> Result<Value, Exception> {
    let client = client(&relay.topic)?;
    let calling = client.call_async(request.context(), &relay.name, &relay.args);
    Ok(calling.await?)
}

oslo_messaging_guest::serve_async!(endpoints);
