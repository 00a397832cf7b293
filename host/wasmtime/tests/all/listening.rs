//! Notifications that a component is given.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use oslo_messaging::{Notification, NotificationListener, Notifier, Priority, Target, Transport};
use oslo_messaging_wasmtime::bindings::notification::HostFilter;
use oslo_messaging_wasmtime::{
    Instances, ListenError, MessagingCtx, MessagingView, PluginNotifications, add_to_linker,
};
use serde_json::{Value, json};
use tokio::time::timeout;
use wasmtime::component::{Component, Linker, Resource};
use wasmtime::{Engine, Store};

use crate::components::{component, engine};
use crate::guest::State;
use crate::notifications::recording;

/// A component of one of the two interfaces.
fn listening(engine: &Engine, is_async: bool) -> Component {
    listening_with(engine, is_async, |module| module)
}

fn listening_with(
    engine: &Engine,
    is_async: bool,
    change: impl FnOnce(String) -> String,
) -> Component {
    let (world, interface, imports, exports) = if is_async {
        (
            "notification-listener-async",
            "notification-endpoint-async",
            r#"(import "[export]oslo:messaging/notification-endpoint-async@0.1.0"
                "[task-return]handle" (func $return (param i32)))"#,
            r#"(func (export "[async-lift]oslo:messaging/notification-endpoint-async@0.1.0#handle")
                (param i32) (result i32)
                (call $return (call $handle (local.get 0))) (i32.const 0))
            (func (export
                "[callback][async-lift]oslo:messaging/notification-endpoint-async@0.1.0#handle")
                (param i32 i32 i32) (result i32) (unreachable))"#,
        )
    } else {
        (
            "notification-listener",
            "notification-endpoint",
            "",
            r#"(export "oslo:messaging/notification-endpoint@0.1.0#handle" (func $handle))"#,
        )
    };
    let module = include_str!("components/listening.wat")
        .replace("IMPORTS", imports)
        .replace("EXPORTS", exports)
        .replace("INTERFACE", interface);
    component(
        engine,
        &format!("include oslo:messaging/{world}@0.1.0;"),
        &change(module),
    )
}

fn plugin(component: &Component) -> PluginNotifications<State> {
    let mut linker = Linker::<State>::new(component.engine());
    add_to_linker(&mut linker).unwrap();
    let plugin = linker.instantiate_pre(component).unwrap();
    let engine = component.engine().clone();
    let new_store = move || {
        let mut store = Store::new(&engine, State::new(MessagingCtx::builder()));
        store.epoch_deadline_async_yield_and_update(1);
        store
    };
    PluginNotifications::new(plugin, new_store).unwrap()
}

/// A listener with the plugin's endpoint and one behind it, which sees what the plugin has handled, and
/// what is not for it.
async fn given(
    plugin: &PluginNotifications<State>,
    payloads: &[(&str, u64)],
) -> Vec<(Value, bool)> {
    let transport = Transport::memory();
    let (behind, mut seen) = recording();
    let builder = NotificationListener::builder(&transport, [Target::topic("notifications")])
        .endpoint(plugin.endpoint().await.unwrap())
        .endpoint(behind)
        .concurrency(1)
        .allow_requeue(true);
    let listener = builder.start().await.unwrap();
    let notifier = Notifier::new(&transport, None);
    let mut told = Vec::new();
    for (event_type, payload) in payloads {
        let priority = if *payload == 9 {
            Priority::Error
        } else {
            Priority::Info
        };
        let context = json!({});
        let sent = notifier.notify(priority, &context, event_type, payload);
        sent.await.unwrap();
        let next = timeout(Duration::from_secs(20), seen.recv()).await;
        let next = next.expect("it was not handled").unwrap();
        told.push((next.payload().unwrap(), next.redelivered));
    }
    listener.stop().await;
    told
}

#[tokio::test]
async fn a_component_is_given_what_it_wants_and_gets_again_what_it_fails_on() {
    let engine = engine();
    for is_async in [false, true] {
        let component = listening(&engine, is_async);
        let plugin = plugin(&component).time_limit(Duration::from_millis(500));
        let payloads = [
            ("wanted.a", 1),
            ("wanted.b", 2),
            ("wanted.c", 3),
            ("wanted.d", 4),
            // Not for the plugin, which would want it again.
            ("unwanted", 2),
            ("wanted.e", 9),
        ];
        let told = given(&plugin, &payloads).await;
        let expected = [
            (1, false),
            (2, true),
            (3, true),
            (4, true),
            (2, false),
            (9, false),
        ];
        assert_eq!(
            told,
            expected.map(|(n, again)| (json!(n), again)),
            "{is_async}"
        );
    }
}

#[tokio::test]
async fn instances_are_fresh_or_kept() {
    let engine = engine();
    let component = listening(&engine, false);
    // 5 is handled by an instance that has handled nothing.
    let payloads = [("wanted", 5), ("wanted", 1), ("wanted", 5)];
    let fresh = given(&plugin(&component), &payloads).await;
    assert_eq!(fresh[2], (json!(5), false));
    let kept = given(&plugin(&component).instances(Instances::Kept(1)), &payloads).await;
    assert_eq!(kept[2], (json!(5), true));
}

/// However many notifications may be handled at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_instances_are_made_than_are_kept() {
    let engine = engine();
    let component = listening(&engine, false);
    let mut linker = Linker::<State>::new(&engine);
    add_to_linker(&mut linker).unwrap();
    let linked = linker.instantiate_pre(&component).unwrap();
    let made = Arc::new(AtomicUsize::new(0));
    let (counted, engine) = (Arc::clone(&made), engine.clone());
    let plugin = PluginNotifications::new(linked, move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let mut store = Store::new(&engine, State::new(MessagingCtx::builder()));
        store.epoch_deadline_async_yield_and_update(1);
        store
    });
    let plugin = plugin.unwrap().instances(Instances::Kept(2));
    let transport = Transport::memory();
    let (behind, mut seen) = recording();
    let notifier = Notifier::new(&transport, None);
    for _ in 0..100 {
        notifier.info(&json!({}), "wanted", &1).await.unwrap();
    }
    let listener = NotificationListener::builder(&transport, [Target::topic("notifications")])
        .endpoint(plugin.endpoint().await.unwrap())
        .endpoint(behind)
        .concurrency(64)
        .start()
        .await
        .unwrap();
    for _ in 0..100 {
        let next = timeout(Duration::from_secs(20), seen.recv()).await;
        next.expect("it was not handled").unwrap();
    }
    listener.stop().await;
    let made = made.load(Ordering::Relaxed);
    assert!(made <= 2, "{made} instances were made");
}

/// What the embedder lets through narrows what the plugin wants, and what it passes over is done.
#[tokio::test]
async fn an_embedder_can_let_less_through() {
    let engine = engine();
    let component = listening(&engine, false);
    let is_b = |it: &Notification| it.event_type.as_deref() == Some("wanted.b");
    // 3 would trap.
    let payloads = [("wanted.a", 3), ("wanted.b", 1), ("unwanted", 3)];
    let narrowed = plugin(&component).only([Priority::Info, Priority::Error], is_b);
    let told = given(&narrowed, &payloads).await;
    assert_eq!(told, [3, 1, 3].map(|n| (json!(n), false)));
}

#[tokio::test]
async fn a_component_without_endpoint_is_refused() {
    let engine = Engine::default();
    let component = Component::new(&engine, wat::parse_str("(component)").unwrap()).unwrap();
    let plugin = Linker::<State>::new(&engine)
        .instantiate_pre(&component)
        .unwrap();
    let error = PluginNotifications::new(plugin, || unreachable!()).err();
    assert!(matches!(error, Some(ListenError::NoEndpoint)), "{error:?}");
}

/// A filter of many large expressions costs neither memory nor time.
#[tokio::test]
async fn expressions_have_a_bound() {
    let engine = engine();
    let wants = |loops: usize, regex: &str| {
        assert!(regex.len() < 0x40);
        let (import, add) = (
            r#"(import "oslo:messaging/notification@0.1.0" "[method]filter.add-payload"
                (func $add_payload (param i32 i32 i32 i32 i32)))
              IMPORTS"#,
            format!(
                "(local $left i32)
                (local.set $filter (call $filter))
                (local.set $left (i32.const {loops}))
                (loop $more
                  (call $add_payload (local.get $filter)
                    (i32.const 0x10) (i32.const 4) (i32.const 0x40) (i32.const {}))
                  (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                  (br_if $more (local.get $left)))",
                regex.len()
            ),
        );
        let data = format!(
            "(data (i32.const 0x40) \"{}\")\n  (global $handled",
            regex.replace('\\', "\\\\")
        );
        listening_with(&engine, false, |module| {
            module
                .replace(
                    "(import \"oslo:messaging/notification@0.1.0\" \"[resource-drop]",
                    &format!(
                        "{}{}",
                        import.replace("IMPORTS", ""),
                        "(import \"oslo:messaging/notification@0.1.0\" \"[resource-drop]"
                    ),
                )
                .replace("(global $handled", &data)
                .replace("(local.set $filter (call $filter))", &add)
        })
    };
    for (loops, regex, told) in [
        (100, "x", "at most 16 expressions"),
        (1, r"\w{150}", "too large"),
        (3700, r"\w{150}", "bytes"),
        (1, "(", "not a regular expression"),
    ] {
        let plugin = plugin(&wants(loops, regex));
        let begin = std::time::Instant::now();
        let error = plugin.endpoint().await.unwrap_err();
        assert!(
            matches!(error, ListenError::Filter(_)),
            "{regex}: {error:?}"
        );
        assert!(error.to_string().contains(told), "{regex}: {error}");
        let took = begin.elapsed();
        assert!(took < Duration::from_secs(2), "{regex}: {took:?}");
    }
    assert!(plugin(&wants(13, r"^\w+$")).endpoint().await.is_ok());
}

#[tokio::test]
async fn a_plugin_that_does_not_say_what_it_wants_is_not_waited_for() {
    let engine = engine();
    let never = listening_with(&engine, false, |module| {
        let said = "(local.set $filter (call $filter))";
        module.replace(said, &format!("(loop $for_ever (br $for_ever)) {said}"))
    });
    let plugin = plugin(&never).time_limit(Duration::from_millis(200));
    let error = plugin.endpoint().await.unwrap_err();
    assert!(matches!(error, ListenError::TooSlow { .. }), "{error:?}");
}

/// Filters and notifications are the guest's to drop, and hold no memory beyond a bound.
#[tokio::test]
async fn filters_have_a_bound() {
    let mut state = State::new(MessagingCtx::builder());
    let mut view = state.messaging();
    let text = || "x".repeat(1 << 20);
    for _ in 0..1000 {
        let filter = HostFilter::new(&mut view).unwrap();
        let borrowed = || Resource::new_borrow(filter.rep());
        view.add_payload(borrowed(), text(), text()).unwrap();
        view.add_context(borrowed(), "a".to_owned(), "b".to_owned())
            .unwrap();
        HostFilter::drop(&mut view, filter).unwrap();
    }
    assert!(state.table.is_empty());
    // Nor however many there are.
    let mut view = state.messaging();
    for _ in 0..100_000 {
        let filter = HostFilter::new(&mut view).unwrap();
        view.add_payload(Resource::new_borrow(filter.rep()), text(), text())
            .unwrap();
    }
    let open = state.table.iter_mut().count();
    assert!(open < 2000, "{open} are there");
}
