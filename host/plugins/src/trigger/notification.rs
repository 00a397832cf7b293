//! Notifications that a plugin is given.

use std::sync::Arc;

use oslo_messaging::{Notification, NotificationListener, Priority, Target};
use oslo_messaging_policy::{Priority as Told, Subscription};
use oslo_messaging_wasmtime::PluginNotifications;

use super::Trigger;
use super::serving::{Server, serve};
use crate::statistics::StartedBy;
use crate::version::Shared;

pub(super) async fn start(
    shared: &Arc<Shared>,
    subscription: &Subscription,
) -> Result<Trigger, String> {
    let Subscription {
        event_types,
        exchange,
        pool,
        priorities,
        requeue,
        topic,
        transport,
        ..
    } = subscription.clone();
    let open = shared.transports.get(&transport);
    let open = open
        .ok_or_else(|| format!("the transport `{transport}` is not open"))?
        .clone();
    let stores = Arc::clone(&shared.stores);
    let linked = shared.candidate.linked.clone();
    let priorities: Result<Vec<Priority>, String> = priorities.into_iter().map(native).collect();
    let wanted = move |notification: &Notification| {
        let event_type = notification.event_type.as_deref().unwrap_or_default();
        event_types.is_empty() || event_types.iter().any(|it| it.matches(event_type))
    };
    let plugin = PluginNotifications::new(linked, move || stores.store())
        .map_err(|error| error.to_string())?
        .instances(shared.instances())
        .places(shared.places())
        .time_limit(shared.time())
        .only(priorities?, wanted)
        .around(shared.started_by(StartedBy::Notification));
    let plugin = Arc::new(plugin);
    let mut target = Target::topic(topic.as_str());
    target.exchange = exchange.map(|exchange| exchange.as_str().to_owned());
    let pool = pool.map(|pool| pool.as_str().to_owned());
    let address = format!("notifications of `{topic}`");
    let (concurrency, grace) = (shared.concurrency(), shared.grace());
    let start = move || {
        let (plugin, open) = (Arc::clone(&plugin), open.clone());
        let (target, pool) = (target.clone(), pool.clone());
        let starting = async move {
            let endpoint = plugin.endpoint().await?;
            let listener = NotificationListener::builder(&open, [target])
                .endpoint(endpoint)
                .pool(pool.as_deref())
                .allow_requeue(requeue)
                .concurrency(concurrency)
                .grace(grace)
                .start()
                .await?;
            Ok(Server::Listener(listener))
        };
        Box::pin(starting) as _
    };
    serve(shared, address, start).await
}

fn native(priority: Told) -> Result<Priority, String> {
    Ok(match priority {
        Told::Audit => Priority::Audit,
        Told::Critical => Priority::Critical,
        Told::Debug => Priority::Debug,
        Told::Error => Priority::Error,
        Told::Info => Priority::Info,
        Told::Sample => Priority::Sample,
        Told::Warn => Priority::Warn,
        other => return Err(format!("this host does not know the priority {other:?}")),
    })
}
