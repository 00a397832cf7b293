//! Notifications that a guest sends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use oslo_messaging::{
    Notification, NotificationEndpoint, NotificationListener, NotificationResult, Priority, Target,
    Transport, TransportOptions,
};
use oslo_messaging_wasmtime::bindings::notifier::{Host as _, HostNotifier};
use oslo_messaging_wasmtime::bindings::notifier_async::HostWithStore;
use oslo_messaging_wasmtime::bindings::types::Error;
use oslo_messaging_wasmtime::resources::Notifier as Opened;
use oslo_messaging_wasmtime::{
    Denied, Failure, Grant, Kind, Limits, Messaging, MessagingCtx, MessagingCtxBuilder,
    MessagingHooks, MessagingView, Request,
};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;
use wasmtime::component::Resource;
use wasmtime::{Engine, Store};

use crate::guest::State;

pub(crate) type Seen = mpsc::UnboundedReceiver<Notification>;

fn granted(transport: &Transport, topics: &[&str]) -> MessagingCtxBuilder {
    let builder = MessagingCtx::builder().transport("main", transport.clone());
    builder.notification_topics("main", topics.iter().copied())
}

pub(crate) fn recording() -> (NotificationEndpoint, Seen) {
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
    let mut guest = Guest::new(granted(&transport, &["notifications", "other"]));
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
    limits.request_bytes = 300;
    limits.clients = 1;
    limits.topics = 2;
    let mut guest = Guest::new(granted(&transport, &["notifications"]).limits(limits));
    assert_eq!(told(guest.open("other").unwrap_err()), "denied default");
    let notifier = guest.open("main").unwrap();
    assert_eq!(told(guest.open("main").unwrap_err()), "limit clients");
    for (topics, expected) in [
        (&["a", "b", "c"][..], "limit topics"),
        (&[], "invalid topics"),
        (&[""], "invalid topics"),
        (&["a.#"], "invalid topics"),
        (&["a", "a"], "invalid topics"),
        (&[&*"x".repeat(250)], "invalid topics"),
    ] {
        let refused = guest.set_topics(notifier, topics).unwrap_err();
        assert_eq!(told(refused), expected, "{topics:?}");
    }
    let (long, name) = (format!("\"{}\"", "x".repeat(300)), "x".repeat(256));
    for (texts, expected) in [
        (["loud", "{}", "a", "1"], "invalid priority"),
        (["warning", "{}", "a", "1"], "invalid priority"),
        (["info", "[]", "a", "1"], "invalid context"),
        (["info", "{}", "a", "{"], "invalid payload"),
        (["info", "{}", "a", &long], "limit request-bytes"),
        (["info", "{}", &name, "1"], "invalid event-type"),
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

#[tokio::test(start_paused = true)]
async fn a_guest_notifies_only_topics_that_were_granted() {
    let transport = Transport::memory();
    let texts = ["info", "{}", "a", "1"];
    let unsaid = MessagingCtx::builder().transport("main", transport.clone());
    for (ctx, topics, expected) in [
        (unsaid.clone(), Some(&["other"][..]), Some("denied default")),
        (
            unsaid.clone(),
            Some(&["notifications", "other"]),
            Some("denied default"),
        ),
        (
            granted(&transport, &["other", "more"]),
            Some(&["notifications"]),
            Some("denied default"),
        ),
        (granted(&transport, &[]), None, Some("denied default")),
        (
            granted(&transport, &[]),
            Some(&["notifications"]),
            Some("denied default"),
        ),
        (
            unsaid.clone().any_notification_topic("main"),
            Some(&["notifications", "whatever"]),
            None,
        ),
        (unsaid, None, None),
        (granted(&transport, &["other", "more"]), None, None),
        (
            granted(&transport, &["other", "more"]),
            Some(&["more", "other"]),
            None,
        ),
    ] {
        let before = transport.statistics().notifications;
        let mut guest = Guest::new(ctx);
        let notifier = guest.open("main").unwrap();
        if let Some(topics) = topics {
            guest.set_topics(notifier, topics).unwrap();
        }
        let refused = guest.notify(notifier, texts).await.err().map(told);
        assert_eq!(refused.as_deref(), expected, "{topics:?}");
        let sent = transport.statistics().notifications > before;
        assert_eq!(sent, expected.is_none(), "{topics:?}");
    }
    // Who names none notifies the first.
    let (_others, mut others) = listen(&transport, "other").await;
    let (_more, mut more) = listen(&transport, "more").await;
    for seen in [&mut others, &mut more] {
        while timeout(Duration::from_secs(9), seen.recv()).await.is_ok() {}
    }
    let mut guest = Guest::new(granted(&transport, &["other", "more"]));
    let notifier = guest.open("main").unwrap();
    guest.notify(notifier, texts).await.unwrap();
    others.recv().await.unwrap();
    assert!(timeout(Duration::from_secs(9), more.recv()).await.is_err());
}

/// Its context is there once for each, because each may have something else in it.
#[tokio::test(start_paused = true)]
async fn a_notification_counts_with_what_each_topic_adds() {
    let transport = Transport::memory();
    let mut limits = Limits::default();
    limits.pending_bytes = 100;
    let mut guest = Guest::new(granted(&transport, &["a", "b", "c", "d"]).limits(limits));
    let notifier = guest.open("main").unwrap();
    let texts = ["info", r#"{"user": "123456789012345678"}"#, "a", "1"];
    for (topics, expected) in [
        (&["a", "b", "c"][..], None),
        (&["a", "b", "c", "d"], Some("limit pending-bytes")),
    ] {
        guest.set_topics(notifier, topics).unwrap();
        let refused = guest.notify(notifier, texts).await.err().map(told);
        assert_eq!(refused.as_deref(), expected, "{topics:?}");
    }
}

/// Gives each topic its own token.
struct Tokens;

impl MessagingHooks for Tokens {
    fn authorize(&mut self, request: &Request<'_>) -> Result<Grant, Denied> {
        let mut entries = serde_json::Map::new();
        if request.target.topic.as_deref() != Some("public") {
            entries.insert("token".to_owned(), json!(request.target.topic));
        }
        Ok(Grant::default().context(entries))
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_embedder_says_to_one_topic_no_other_hears() {
    let transport = Transport::memory();
    let topics = ["inside", "public", "more"];
    let mut guest = Guest::new(granted(&transport, &topics)).hooks(Tokens);
    let notifier = guest.open("main").unwrap();
    guest.set_topics(notifier, &topics).unwrap();
    let texts = ["info", r#"{"user": "u"}"#, "a", "1"];
    guest.notify(notifier, texts).await.unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for (topic, context) in [
        ("inside", r#"{"user":"u","token":"inside"}"#),
        ("public", r#"{"user":"u"}"#),
        ("more", r#"{"user":"u","token":"more"}"#),
    ] {
        let (_listener, mut seen) = listen(&transport, topic).await;
        // On either surface.
        for _ in 0..2 {
            let heard = seen.recv().await.unwrap();
            assert_eq!(heard.context.get(), context);
            ids.insert(heard.message_id.unwrap());
        }
    }
    assert_eq!(ids.len(), 2, "copies have one id");
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
    let mut guest =
        Guest::new(granted(&transport, &["open", "secret"])).hooks(Seeing(Arc::clone(&log)));
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
