//! Notifications: what a guest sends, and what a component is given.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use oslo_messaging::{
    Notification, NotificationEndpoint, NotificationListener, NotificationResult, Notifier,
    Priority, Target, Transport, TransportOptions,
};
use oslo_messaging_wasmtime::bindings::notification::HostFilter;
use oslo_messaging_wasmtime::bindings::notifier::{Host as _, HostNotifier};
use oslo_messaging_wasmtime::bindings::notifier_async::HostWithStore;
use oslo_messaging_wasmtime::bindings::types::Error;
use oslo_messaging_wasmtime::resources::Notifier as Opened;
use oslo_messaging_wasmtime::{
    Denied, Failure, Grant, Kind, Limits, ListenError, Messaging, MessagingCtx,
    MessagingCtxBuilder, MessagingHooks, MessagingView, PluginNotifications, Request,
    add_to_linker,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;
use wasmtime::component::{Component, Linker, Resource};
use wasmtime::{Config, Engine, Store};

use crate::components::component;
use crate::guest::State;

type Seen = mpsc::UnboundedReceiver<Notification>;

fn granted(transport: &Transport) -> MessagingCtxBuilder {
    MessagingCtx::builder().transport("main", transport.clone())
}

fn recording() -> (NotificationEndpoint, Seen) {
    let (sender, seen) = mpsc::unbounded_channel();
    let endpoint = NotificationEndpoint::new().on_each(Priority::ALL, move |notification| {
        let _ = sender.send(notification);
        async { NotificationResult::Handled }
    });
    (endpoint, seen)
}

async fn listen(transport: &Transport, topic: &str) -> (NotificationListener, Seen) {
    let (endpoint, seen) = recording();
    let builder = NotificationListener::builder(transport, [Target::topic(topic)]);
    (builder.endpoint(endpoint).start().await.unwrap(), seen)
}

/// A guest without WebAssembly.
struct Guest(Store<State>);

impl Guest {
    fn new(ctx: MessagingCtxBuilder) -> Self {
        Self(Store::new(&Engine::default(), State::new(ctx)))
    }

    fn hooks(mut self, hooks: impl MessagingHooks + 'static) -> Self {
        self.0.data_mut().hooks = Box::new(hooks);
        self
    }

    fn open(&mut self, transport: &str) -> Result<u32, Error> {
        let mut view = self.0.data_mut().messaging();
        let opened = HostNotifier::open(&mut view, transport.to_owned(), Some("me".to_owned()));
        opened.map(|notifier| notifier.rep()).map_err(error)
    }

    fn set_topics(&mut self, notifier: u32, topics: &[&str]) -> Result<(), Error> {
        let topics = topics.iter().map(|&topic| topic.to_owned()).collect();
        let mut view = self.0.data_mut().messaging();
        let notifier = Resource::new_borrow(notifier);
        view.set_topics(notifier, Some(topics)).map_err(error)
    }

    /// On the plain surface and on the one with `async`, which say the same.
    async fn notify(&mut self, notifier: u32, texts: [&str; 4]) -> Result<(), Error> {
        let [priority, context, event_type, payload] = texts.map(ToOwned::to_owned);
        let (a, b, c, d) = (priority, context, event_type, payload);
        let mut view = self.0.data_mut().messaging();
        let notifier = || Resource::<Opened>::new_borrow(notifier);
        let plain = view.notify(notifier(), a.clone(), b.clone(), c.clone(), d.clone());
        let plain = plain.await.map_err(error);
        let running = self.0.run_concurrent(async |accessor| {
            let accessor = accessor.with_getter::<Messaging>(State::messaging);
            <Messaging as HostWithStore<State>>::notify(&accessor, notifier(), a, b, c, d).await
        });
        let asynchronous = running.await.unwrap().map_err(error);
        assert_eq!(format!("{plain:?}"), format!("{asynchronous:?}"));
        plain
    }
}

fn error(failure: Failure) -> Error {
    match failure {
        Failure::Error(error) => error,
        Failure::Trap(trap) => panic!("{trap:?}"),
    }
}

fn told(error: Error) -> String {
    match error {
        Error::InvalidArgument(error) => format!("invalid {}", error.argument),
        Error::LimitExceeded(error) => format!("limit {}", error.limit),
        Error::AccessDenied(error) => format!("denied {}", error.rule),
        other => format!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_guest_notifies() {
    let transport = Transport::memory();
    let (_listener, mut seen) = listen(&transport, "notifications").await;
    let (_other, mut other_seen) = listen(&transport, "other").await;
    let mut guest = Guest::new(granted(&transport));
    let notifier = guest.open("main").unwrap();
    let sent = [
        "warn",
        r#"{"user": "u"}"#,
        "compute.instance.update",
        "[1e400]",
    ];
    guest.notify(notifier, sent).await.unwrap();
    let told = seen.recv().await.unwrap();
    assert_eq!(told.priority, Priority::Warn);
    assert_eq!(told.publisher_id.as_deref(), Some("me"));
    assert_eq!(told.event_type.as_deref(), Some("compute.instance.update"));
    assert_eq!(told.payload.get(), "[1e400]");
    assert_eq!(told.context("user"), Some("u".to_owned()));
    guest
        .set_topics(notifier, &["notifications", "other"])
        .unwrap();
    guest.notify(notifier, sent).await.unwrap();
    other_seen.recv().await.unwrap();
    let ctx = &mut guest.0.data_mut().ctx;
    assert_eq!((ctx.open_clients(), ctx.pending_calls()), (1, 0));
    let mut view = guest.0.data_mut().messaging();
    HostNotifier::drop(&mut view, Resource::new_own(notifier)).unwrap();
    assert_eq!(guest.0.data_mut().ctx.open_clients(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_guest_cannot_do_is_told() {
    let transport = Transport::memory();
    let mut limits = Limits::default();
    limits.request_bytes = 100;
    limits.clients = 1;
    limits.topics = 2;
    let mut guest = Guest::new(granted(&transport).limits(limits));
    assert_eq!(told(guest.open("other").unwrap_err()), "denied default");
    let notifier = guest.open("main").unwrap();
    assert_eq!(told(guest.open("main").unwrap_err()), "limit clients");
    for (topics, expected) in [
        (&["a", "b", "c"][..], "limit topics"),
        (&[], "invalid topics"),
        (&[""], "invalid topics"),
        (&["a.#"], "invalid topics"),
        (&[&*"x".repeat(250)], "invalid topics"),
    ] {
        let refused = guest.set_topics(notifier, topics).unwrap_err();
        assert_eq!(told(refused), expected, "{topics:?}");
    }
    let long = format!("\"{}\"", "x".repeat(100));
    for (texts, expected) in [
        (["loud", "{}", "a", "1"], "invalid priority"),
        (["warning", "{}", "a", "1"], "invalid priority"),
        (["info", "[]", "a", "1"], "invalid context"),
        (["info", "{}", "a", "{"], "invalid payload"),
        (["info", "{}", "a", &long], "limit request-bytes"),
    ] {
        let refused = guest.notify(notifier, texts).await.unwrap_err();
        assert_eq!(told(refused), expected, "{texts:?}");
    }
    assert_eq!(transport.statistics().notifications, 0);
    // In upper case as well, as in messages.
    let sent = guest.notify(notifier, ["INFO", "{}", "a", "1"]).await;
    assert!(sent.is_ok(), "{sent:?}");
    transport.close().await;
    let sent = guest.notify(notifier, ["info", "{}", "a", "1"]).await;
    assert!(matches!(sent, Err(Error::DeliveryFailure(_))), "{sent:?}");
}

/// Sees every request, and refuses those to a topic.
struct Seeing(Arc<Mutex<Vec<String>>>);

impl MessagingHooks for Seeing {
    fn authorize(&mut self, request: &Request<'_>) -> Result<Grant, Denied> {
        assert_eq!(request.kind, Kind::Notification);
        let seen = format!(
            "{} {} {} {} {} {}",
            request.transport,
            request.kind,
            request.exchange.unwrap(),
            request.routing_key.unwrap(),
            request.method,
            request.bytes,
        );
        self.0.lock().unwrap().push(seen);
        if request.target.topic.as_deref() == Some("secret") {
            return Err(Denied::access("rule 3", "not there"));
        }
        let mut entries = serde_json::Map::new();
        entries.insert("plugin".to_owned(), json!("p"));
        let told = Arc::clone(&self.0);
        let grant = Grant::default().context(entries).on_end(move |ending| {
            told.lock().unwrap().push(format!("{ending:?}"));
        });
        Ok(grant)
    }
}

#[tokio::test(start_paused = true)]
async fn the_embedder_decides_about_each_topic() {
    let mut options = TransportOptions::default();
    options.control_exchange = "cinder".to_owned();
    let transport = Transport::with_options(&"memory://".parse().unwrap(), options).unwrap();
    let (_listener, mut seen) = listen(&transport, "open").await;
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut guest = Guest::new(granted(&transport)).hooks(Seeing(Arc::clone(&log)));
    let notifier = guest.open("main").unwrap();
    guest.set_topics(notifier, &["open"]).unwrap();
    let texts = ["info", r#"{"plugin": "q"}"#, "a.b", "1"];
    guest.notify(notifier, texts).await.unwrap();
    let asked = "main notification cinder open.info a.b 19";
    assert_eq!(
        *log.lock().unwrap(),
        [asked, "Succeeded", asked, "Succeeded"]
    );
    let context = seen.recv().await.unwrap().context;
    assert_eq!(context.get(), r#"{"plugin":"p"}"#);
    seen.recv().await.unwrap();

    log.lock().unwrap().clear();
    guest.set_topics(notifier, &["open", "secret"]).unwrap();
    let refused = guest.notify(notifier, texts).await.unwrap_err();
    assert_eq!(told(refused), "denied rule 3");
    let ended = log.lock().unwrap()[2].clone();
    assert!(ended.starts_with("Failed"), "{ended}");
    // None of the topics has it.
    assert!(timeout(Duration::from_secs(9), seen.recv()).await.is_err());
}

/// A component of one of the two interfaces.
fn listening(engine: &Engine, is_async: bool) -> Component {
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
        &module,
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

/// Where a guest that computes gives way all the time.
fn engine() -> Engine {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config).unwrap();
    let ticking = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = ticking.upgrade() {
            engine.increment_epoch();
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    engine
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
    let kept = given(&plugin(&component).kept(1), &payloads).await;
    assert_eq!(kept[2], (json!(5), true));
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

/// Filters and notifications are the guest's to drop, and hold no memory beyond a bound.
#[tokio::test]
async fn filters_have_a_bound() {
    let mut guest = Guest::new(MessagingCtx::builder());
    let mut view = guest.0.data_mut().messaging();
    let text = || "x".repeat(1 << 20);
    for _ in 0..1000 {
        let filter = HostFilter::new(&mut view).unwrap();
        let borrowed = || Resource::new_borrow(filter.rep());
        view.add_payload(borrowed(), text(), text()).unwrap();
        view.add_context(borrowed(), "a".to_owned(), "b".to_owned())
            .unwrap();
        HostFilter::drop(&mut view, filter).unwrap();
    }
    assert!(guest.0.data_mut().table.is_empty());
}
