//! Two calls at the same time: an instance runs one of them, and where there may be two instances each call
//! has its own.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{Endpoint, RpcClient, RpcServer, Target, Transport};
use oslo_messaging_tests::peer::unique_name;
use oslo_messaging_wasmtime::Instances;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::plugins::Plugins;

/// Has a method of a plugin call on behalf of two callers, and looks at how many of its calls are in flight.
pub(crate) async fn check(plugins: &Plugins, component: &str) -> Result<(), String> {
    // Where they meet they need no longer; an instance that has to start may take its time.
    for (instances, patience) in [(1, 1), (2, 40)] {
        let transport = Transport::memory();
        let there = unique_name("there");
        let _there = meeting(&transport, &there).await;
        let topic = unique_name(component);
        let kept = Instances::Kept(instances);
        let _server = plugins
            .serve_in(component, &transport, &topic, kept)
            .await?;
        let client = RpcClient::new(&transport, Target::topic(&topic)).timeout(Some(TIMEOUT));
        let context = json!({});
        let args = ["one", "other"].map(|who| {
            json!({"topic": there, "name": "meet", "args": {"who": who, "patience": patience}})
        });
        let [one, other] = args.each_ref().map(|args| {
            let called = client.call::<Value>(&context, "relay", args);
            async { called.await.map_err(|error| error.to_string()) }
        });
        let (one, other) = tokio::join!(one, other);
        let expected = |who: &str| json!([who, instances == 2]);
        for (who, answer) in [("one", one?), ("other", other?)] {
            if answer != expected(who) {
                return Err(format!("{instances}: {answer}, not {}", expected(who)));
            }
        }
    }
    Ok(())
}

/// A server whose method says whether two calls of it were in flight at the same time.
async fn meeting(transport: &Transport, topic: &str) -> RpcServer {
    let (in_flight, _) = watch::channel(0_u32);
    let in_flight = Arc::new(in_flight);
    let endpoint = Endpoint::new().method("meet", move |_, args: Value| {
        let in_flight = Arc::clone(&in_flight);
        async move {
            let mut others = in_flight.subscribe();
            in_flight.send_modify(|number| *number += 1);
            let patience = Duration::from_secs(args["patience"].as_u64().unwrap_or_default());
            let met = timeout(patience, others.wait_for(|number| *number > 1)).await;
            let has_met = met.is_ok_and(|it| it.is_ok());
            if !has_met {
                in_flight.send_modify(|number| *number -= 1);
            }
            Ok(json!([args["who"], has_met]))
        }
    });
    RpcServer::builder(transport, Target::topic(topic).server("there"))
        .endpoint(endpoint)
        .start()
        .await
        .expect("the transport is open")
}

const TIMEOUT: Duration = Duration::from_secs(60);
