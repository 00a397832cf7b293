//! What a plugin that nobody should trust tries, a method each, and what honest ones do beside it. It waits
//! with `async`.

#[path = "../../rust/src/attacks.rs"]
mod attacks;
#[path = "../../rust/src/honest.rs"]
mod honest;
#[path = "../../rust/src/surroundings.rs"]
mod surroundings;

use oslo_messaging_guest::serve::Endpoint;

fn endpoints() -> Vec<Endpoint> {
    vec![attacks::add(honest::add(Endpoint::new()))]
}

oslo_messaging_guest::serve_async!(endpoints);

/// What the twin does with plain functions.
mod verbs {
    use futures_util::future::{join_all, try_join_all};
    use oslo_messaging_guest::{Client, Result};
    use serde::Serialize;
    use serde_json::Value;
    use serde_json::value::RawValue;

    pub(crate) async fn call(
        client: &Client,
        context: &RawValue,
        method: &str,
        args: &impl Serialize,
    ) -> Result<Value> {
        client.call_async(context, method, args).await
    }

    pub(crate) async fn cast(client: &Client, method: &str, args: &impl Serialize) -> Result<()> {
        client.cast_async(&(), method, args).await
    }

    /// So many calls at the same time.
    pub(crate) async fn call_many(
        client: &Client,
        method: &str,
        args: &impl Serialize,
        count: usize,
    ) -> Vec<Result<Value>> {
        let calls = (0..count).map(|_| client.call_async(&(), method, args));
        join_all(calls).await
    }

    /// So many calls, of which some are in flight at the same time.
    pub(crate) async fn keep_in_flight(
        client: &Client,
        method: &str,
        args: &impl Serialize,
        at_once: usize,
        count: usize,
    ) -> Result<()> {
        let at_once = at_once.max(1);
        let workers = (0..at_once).map(|worker| async move {
            for _ in 0..(count + worker) / at_once {
                client.call_async::<Value>(&(), method, args).await?;
            }
            Ok(())
        });
        try_join_all(workers).await.map(drop)
    }
}
