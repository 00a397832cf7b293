//! Plugins that handle notifications and send some themselves, in each language that has both, over
//! memory and over a broker. Each is a relay: it tells the topic that a notification names of it.

#[path = "serving/component.rs"]
mod component;

use std::time::Duration;

use oslo_messaging::{
    Notification, NotificationEndpoint, NotificationListener, NotificationResult, Notifier,
    Priority, Target, Transport,
};
use oslo_messaging_tests::peer::{transport_url, unique_name};
use oslo_messaging_wasmtime::PluginNotifications;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use self::component::Components;

const PLUGINS: [&str; 2] = ["notified-javascript", "notified-go"];

#[tokio::test(flavor = "multi_thread")]
async fn over_memory() {
    for plugin in PLUGINS {
        relays(plugin, &Transport::memory()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_broker() {
    let transport = Transport::new(&transport_url().unwrap()).unwrap();
    for plugin in PLUGINS {
        relays(plugin, &transport).await;
    }
}

async fn relays(plugin: &str, transport: &Transport) {
    let relay = Relay::start(plugin, transport).await;
    let user = json!({"user": "me"});
    let heard = |priority: &str, redelivered: bool, payload: &Value| {
        json!({
            "priority": priority, "publisherId": "compute.host-1", "redelivered": redelivered,
            "payload": payload,
        })
    };

    let mut from = relay;
    let payload = from.payload(json!({"id": 9_007_199_254_740_993_u64, "text": "zażółć"}));
    from.send(Priority::Info, &user, "instance.made", &payload)
        .await;
    let it = from.next(plugin).await;
    assert_eq!(it.priority, Priority::Warn, "{plugin}");
    assert_eq!(it.publisher_id.as_deref(), Some("plugin.host-1"));
    assert_eq!(it.event_type.as_deref(), Some("heard.instance.made"));
    assert_eq!(it.context::<String>("user").as_deref(), Some("me"));
    assert_eq!(it.payload(), Some(heard("info", false, &payload)));

    // Its filter lets none of these through, and there is no method for the last one.
    from.send(Priority::Info, &user, "image.made", &payload)
        .await;
    from.send(Priority::Info, &json!({}), "instance.made", &payload)
        .await;
    from.send(Priority::Debug, &user, "instance.made", &payload)
        .await;
    // The first comes again because it is asked for, the second because its method fails.
    for (priority, name) in [(Priority::Error, "error"), (Priority::Critical, "critical")] {
        from.send(priority, &user, "instance.lost", &payload).await;
        let it = from.next(plugin).await;
        assert_eq!(it.payload(), Some(heard(name, true, &payload)), "{plugin}");
    }

    from.send(Priority::Audit, &user, "instance.audit", &payload)
        .await;
    let it = from.next(plugin).await;
    assert_eq!(it.priority, Priority::Sample);
    let mistakes = json!([
        "priority",
        "context",
        "eventtype",
        "payload",
        "payload",
        "topics"
    ]);
    assert_eq!(it.payload(), Some(mistakes), "{plugin}");
    from.stop().await;
}

/// A plugin between a notifier and a listener.
struct Relay {
    notifier: Notifier,
    to: String,
    heard: mpsc::UnboundedReceiver<Notification>,
    listeners: [NotificationListener; 2],
}

impl Relay {
    async fn start(plugin: &str, transport: &Transport) -> Self {
        let (from, to) = (unique_name("from"), unique_name("to"));
        let components = Components::new();
        let linked = components.linked(plugin).unwrap();
        let endpoints = PluginNotifications::new(linked, components.stores(transport)).unwrap();
        let endpoint = endpoints.kept(1).endpoint().await;
        let endpoint = endpoint.unwrap_or_else(|error| panic!("{plugin}: {error}"));
        let relay = NotificationListener::builder(transport, [Target::topic(from.as_str())])
            .allow_requeue(true)
            .endpoint(endpoint)
            .start()
            .await
            .unwrap();
        let (sender, heard) = mpsc::unbounded_channel();
        let endpoint = NotificationEndpoint::new().on_each(Priority::ALL, move |notification| {
            let _ = sender.send(notification);
            async { NotificationResult::Handled }
        });
        let listener = NotificationListener::builder(transport, [Target::topic(to.as_str())])
            .endpoint(endpoint)
            .start()
            .await
            .unwrap();
        Self {
            notifier: Notifier::new(transport, "compute.host-1").topics([from]),
            to,
            heard,
            listeners: [relay, listener],
        }
    }

    fn payload(&self, mut payload: Value) -> Value {
        payload["to"] = json!(self.to);
        payload
    }

    async fn send(&self, priority: Priority, context: &Value, event_type: &str, payload: &Value) {
        self.notifier
            .notify(priority, context, event_type, payload)
            .await
            .unwrap();
    }

    async fn next(&mut self, plugin: &str) -> Notification {
        let next = timeout(Duration::from_secs(20), self.heard.recv()).await;
        next.unwrap_or_else(|_| panic!("{plugin}: nothing came"))
            .unwrap()
    }

    async fn stop(self) {
        for listener in self.listeners {
            listener.stop().await;
        }
    }
}
