//! Plugins that notifications start.

use oslo_messaging::{Notifier, Priority};
use serde_json::json;

use crate::world::{World, component, until};

/// The text is that of the wasmtime host's own tests, without what only its twin with `async` imports.
fn listening() -> Vec<u8> {
    let handle = r#"(export "oslo:messaging/notification-endpoint@0.1.0#handle" (func $handle))"#;
    let module = include_str!("../../../wasmtime/tests/all/components/listening.wat")
        .replace("IMPORTS", "")
        .replace("EXPORTS", handle)
        .replace("INTERFACE", "notification-endpoint");
    component(
        "include oslo:messaging/notification-listener@0.1.0;",
        &module,
    )
}

#[tokio::test]
async fn a_plugin_is_given_what_its_policy_and_itself_want() {
    let world = World::new();
    world.write("listener.wasm", listening());
    let text = "[plugins.listener]\ncomponent = \"listener.wasm\"\n\
                [[plugins.listener.on]]\n\
                notification = { topic = \"events\", priority = [\"info\", \"warn\"], event-type = \"wanted.b*\" }\n";
    world.apply(text).await;
    let notifier = Notifier::new(&world.transport, None);
    let notifier = notifier.prepare().topics(["events"]);
    for (event_type, payload) in [
        ("wanted.a", 3),
        ("wanted.b", 1),
        ("unwanted", 3),
        ("wanted.bb", 1),
    ] {
        let empty = json!({});
        let sent = notifier.notify(Priority::Info, &empty, event_type, &payload);
        sent.await.unwrap();
    }
    let statistics = || world.plugin("listener").statistics;
    until("two are handled", || statistics().returned == 2).await;
    // 3 would trap.
    assert_eq!((statistics().started, statistics().trapped), (2, 0));
}
