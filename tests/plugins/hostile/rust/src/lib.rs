//! What a plugin that nobody should trust tries, a method each, and what honest ones do beside it. It waits
//! with plain functions.

mod attacks;
mod honest;
mod surroundings;

use oslo_messaging_guest::serve::Endpoint;

fn endpoints() -> Vec<Endpoint> {
    vec![attacks::add(honest::add(Endpoint::new()))]
}

oslo_messaging_guest::serve!(endpoints);

/// What the twin with `async` awaits.
mod verbs {
    use oslo_messaging_guest::{Client, Result, call_all};
    use serde::Serialize;
    use serde_json::Value;
    use serde_json::value::RawValue;

    pub(crate) async fn call(
        client: &Client,
        context: &RawValue,
        method: &str,
        args: &impl Serialize,
    ) -> Result<Value> {
        client.call(context, method, args)
    }

    pub(crate) async fn cast(client: &Client, method: &str, args: &impl Serialize) -> Result<()> {
        client.cast(&(), method, args)
    }

    /// So many calls at the same time.
    pub(crate) async fn call_many(
        client: &Client,
        method: &str,
        args: &impl Serialize,
        count: usize,
    ) -> Vec<Result<Value>> {
        let requests = (0..count).map(|_| client.request(&(), method, args));
        match requests.collect::<Result<Vec<_>>>() {
            Ok(requests) => call_all(requests),
            Err(error) => vec![Err(error)],
        }
    }

    /// So many calls, of which some are in flight at the same time.
    pub(crate) async fn keep_in_flight(
        client: &Client,
        method: &str,
        args: &impl Serialize,
        at_once: usize,
        count: usize,
    ) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let some = left.min(at_once.max(1));
            for result in call_many(client, method, args, some).await {
                result?;
            }
            left -= some;
        }
        Ok(())
    }
}
