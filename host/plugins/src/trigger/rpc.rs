//! Calls and casts to a target that a plugin serves.

use std::sync::Arc;

use oslo_messaging::Target;
use oslo_messaging_policy::Service;
use oslo_messaging_wasmtime::PluginEndpoints;

use super::Trigger;
use super::serving::{Server, serve};
use crate::statistics::StartedBy;
use crate::version::Shared;

pub(super) async fn start(shared: &Arc<Shared>, service: &Service) -> Result<Trigger, String> {
    let Service {
        exchange,
        server,
        topic,
        transport,
        ..
    } = service;
    let open = shared.transports.get(transport);
    let open = open
        .ok_or_else(|| format!("the transport `{transport}` is not open"))?
        .clone();
    let stores = Arc::clone(&shared.stores);
    let linked = shared.candidate.linked.clone();
    let endpoints = PluginEndpoints::new(linked, move || stores.store())
        .map_err(|error| error.to_string())?
        .instances(shared.instances())
        .places(shared.places())
        .time_limit(shared.time())
        .around(shared.started_by(StartedBy::Rpc));
    let endpoints = Arc::new(endpoints);
    let mut target = Target::topic(topic.as_str()).server(server.as_str());
    target.exchange = exchange
        .as_ref()
        .map(|exchange| exchange.as_str().to_owned());
    let address = format!("rpc `{topic}.{server}`");
    let (concurrency, grace) = (shared.concurrency(), shared.grace());
    let start = move || {
        let (endpoints, open, target) = (Arc::clone(&endpoints), open.clone(), target.clone());
        let starting = async move {
            let server = endpoints.server(&open, target).await?;
            let server = server.ping(true).concurrency(concurrency).grace(grace);
            Ok(Server::Rpc(server.start().await?))
        };
        Box::pin(starting) as _
    };
    serve(shared, address, start).await
}
