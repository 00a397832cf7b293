//! Serves the methods of `tests/python/served_endpoints.py`.

mod methods;

use oslo_messaging_guest::serve::{Endpoint, Exception, Request};
use serde_json::Value;

use self::methods::{Relay, client};

fn endpoints() -> Vec<Endpoint> {
    let [first, second, third] = methods::endpoints();
    vec![first.method("relay", relay), second, third]
}

/// Calls on behalf of its caller.
fn relay(request: Request, relay: Relay) -> Result<Value, Exception> {
    let client = client(&relay.topic)?;
    Ok(client.call(request.context(), &relay.name, &relay.args)?)
}

oslo_messaging_guest::serve!(endpoints);
