//! Requests of plugins are decided by rules, and each decision is told.

use oslo_messaging::{
    NotificationEndpoint, NotificationListener, NotificationResult, Priority, Target,
};
use serde_json::{Value, json};

use crate::world::{World, relay_policy};

const READ: &str = r#"
[[plugins.reader.allow]]
name = "read compute"
topic = "compute"
methods = "get_*"
"#;

#[tokio::test]
async fn what_no_rule_allows_is_denied_with_the_nearest_rule() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let text = relay_policy("reader", READ) + &relay_policy("nobody", "");
    world.apply(&text).await;
    let answer = world.call("reader", "get_free").await;
    assert_eq!(answer["args"], json!({}));
    let denied = world.raised("reader", "reboot").await;
    assert_eq!(
        denied.message,
        "call of `reboot` on `compute` is denied: no rule allows it; the nearest is \
         `read compute`, but its methods are `get_*`"
    );
    let statistics = world.plugin("reader").statistics;
    assert_eq!(statistics.allowed, 1);
    assert_eq!(statistics.denied, [("read compute".to_owned(), 1)].into());

    // Without rules there is not even a transport.
    let denied = world.raised("nobody", "get_free").await;
    assert_eq!(denied.message, "no transport `default` is granted");
    let statistics = world.plugin("nobody").statistics;
    assert_eq!(statistics.denied, [("default".to_owned(), 1)].into());
}

#[tokio::test]
async fn a_notification_is_sent_if_a_rule_for_notifications_allows_it() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let endpoint = NotificationEndpoint::new().on(Priority::Info, move |notification| {
        let _ = sender.send(notification);
        async { NotificationResult::Handled }
    });
    let listened = [Target::topic("notifications")];
    let _listener = NotificationListener::builder(&world.transport, listened)
        .endpoint(endpoint)
        .start()
        .await
        .unwrap();
    let tell = "[[plugins.teller.allow]]\nname = \"tell\"\ntopic = \"notifications\"\nkind = \"notify\"\n\
                event-type = \"relay.*\"\nrate = \"1/h\"\n";
    let all = "[[plugins.caller.allow]]\nname = \"all\"\ntopic = \"*\"\nmethods = \"*\"\n";
    world
        .apply(&(relay_policy("teller", tell) + &relay_policy("caller", all)))
        .await;

    assert_eq!(world.call("teller", "publish").await, 0);
    let notification = heard.recv().await.unwrap();
    assert_eq!(notification.event_type.as_deref(), Some("relay.end"));
    let context: Value = serde_json::from_str(notification.context.get()).unwrap();
    assert_eq!(context["plugin"], "teller");
    let message = world.raised("teller", "publish").await.message;
    let says = "the rate of rule `tell` of 1/h is exceeded, there is room in ";
    assert!(message.starts_with(says), "{message}");

    let denied = world.raised("caller", "publish").await;
    assert_eq!(
        denied.message,
        "notification `relay.end` to `notifications.info` is denied: no rule allows it; the nearest is `all`, \
         but it is for calls and casts"
    );
    let statistics = |name: &str| world.plugin(name).statistics;
    assert_eq!(statistics("teller").allowed, 1);
    assert_eq!(
        statistics("teller").over_rate,
        [("tell".to_owned(), 1)].into()
    );
    assert_eq!(statistics("caller").denied, [("all".to_owned(), 1)].into());
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn limits_are_told_and_counted_by_name() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let limits = "[plugins.reader.limits]\nrequest = \"1KiB\"\n";
    world
        .apply(&relay_policy("reader", &(READ.to_owned() + limits)))
        .await;
    let large = json!({"text": "x".repeat(2000)});
    let refused = world.call_with("reader", "get_free", &large).await;
    assert!(refused.is_err(), "{refused:?}");
    let statistics = world.plugin("reader").statistics;
    assert_eq!(statistics.limited, [("request-bytes".to_owned(), 1)].into());
    assert!(statistics.denied.is_empty(), "{statistics:?}");
}

#[tokio::test]
async fn many_calls_that_are_too_much_together_hear_of_their_limit() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let more = "[plugins.greedy.limits]\nmemory = \"1MiB\"\nrequest = \"256KiB\"\ncpu = \"5s\"\n\
                [[plugins.greedy.allow]]\ntopic = \"compute\"\nmethods = \"hold\"\n";
    world.apply(&relay_policy("greedy", more)).await;
    let refused = world.raised("greedy", "all").await;
    assert_eq!(
        (&*refused.class, &*refused.message),
        (
            "Refused",
            "at most 1048576 bytes of requests may be pending"
        )
    );
    let statistics = world.plugin("greedy").statistics;
    assert_eq!((statistics.allowed, statistics.trapped), (4, 0));
    assert_eq!(statistics.limited, [("pending-bytes".to_owned(), 1)].into());
}

#[tokio::test]
async fn context_is_stamped_and_says_on_whose_behalf_a_call_is() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let context = "\ncontext = { is_admin = false, project_id = \"ops\" }\n[[";
    let text = relay_policy("reader", READ).replacen("\n[[", context, 1);
    world.apply(&text).await;
    // The plugin passes on what it got, as one that wants to be somebody else would.
    let forged = json!({
        "plugin": "other", "is_admin": true, "user": "me", "request_id": "req-1",
        "global_request_id": "req-0",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    });
    let answer = world
        .call_with("reader", "get_free", &forged)
        .await
        .unwrap();
    let mut expected = forged;
    expected["plugin"] = json!("reader");
    expected["is_admin"] = json!(false);
    expected["project_id"] = json!("ops");
    assert_eq!(answer["context"], expected);

    let answer = world.call("reader", "get_free").await;
    let request_id = answer["context"]["request_id"].as_str().unwrap();
    assert!(request_id.starts_with("req-"), "{request_id}");
    assert_eq!(request_id.len(), "req-".len() + 36, "{request_id}");
    let again = world.call("reader", "get_free").await;
    assert_ne!(again["context"]["request_id"], request_id);
}

#[tokio::test]
async fn rates_of_a_rule_and_of_the_plugin_hold_over_all_instances() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let by_rule = READ.to_owned() + "rate = \"2/h\"\n";
    let by_plugin = READ.replace("reader", "narrow") + "[plugins.narrow.limits]\nrate = \"1/h\"\n";
    let text = relay_policy("reader", &by_rule) + &relay_policy("narrow", &by_plugin);
    world.apply(&text).await;
    for _ in 0..2 {
        world.call("reader", "get_free").await;
    }
    let message = world.raised("reader", "get_free").await.message;
    let says = "the rate of rule `read compute` of 2/h is exceeded, there is room in ";
    assert!(message.starts_with(says), "{message}");
    world.call("narrow", "get_free").await;
    let message = world.raised("narrow", "get_free").await.message;
    let says = "the rate of the plugin of 1/h is exceeded, there is room in ";
    assert!(message.starts_with(says), "{message}");
    let over_rate = |name: &str| world.plugin(name).statistics.over_rate;
    assert_eq!(over_rate("reader"), [("read compute".to_owned(), 1)].into());
    assert_eq!(over_rate("narrow"), [("plugin".to_owned(), 1)].into());
}
