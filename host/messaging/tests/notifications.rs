//! Notifiers and listeners over memory.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{
    Delivery, Error, Notification, NotificationEndpoint, NotificationFilter, NotificationListener,
    NotificationListenerBuilder, NotificationResult, Notifier, Priority, Serializer,
    SerializerError, Target, Transport, TransportErrorKind,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, advance, timeout};

type Seen = mpsc::UnboundedReceiver<Notification>;

fn listen(transport: &Transport) -> NotificationListenerBuilder {
    NotificationListener::builder(transport, [Target::topic("notifications")]).concurrency(1)
}

/// An endpoint for everything, and what it is given.
fn endpoint(
    answer: impl Fn(&Notification) -> NotificationResult + Send + Sync + 'static,
) -> (NotificationEndpoint, Seen) {
    let (sender, seen) = mpsc::unbounded_channel();
    let endpoint = NotificationEndpoint::new().on_each(Priority::ALL, move |notification| {
        let result = answer(&notification);
        let _ = sender.send(notification);
        async move { result }
    });
    (endpoint, seen)
}

fn handling() -> (NotificationEndpoint, Seen) {
    endpoint(|_| NotificationResult::Handled)
}

async fn notify(transport: &Transport, number: u64) {
    let notifier = Notifier::new(transport, "test");
    let payload = json!({"n": number});
    notifier.info(&json!({}), "a.b", &payload).await.unwrap();
}

async fn number(seen: &mut Seen) -> u64 {
    let next = timeout(Duration::from_secs(60), seen.recv()).await;
    let payload: Value = next.expect("nothing came").unwrap().payload().unwrap();
    payload["n"].as_u64().unwrap()
}

async fn nothing(seen: &mut Seen) {
    let next = timeout(Duration::from_secs(60), seen.recv()).await;
    assert!(next.is_err(), "{next:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_before_anybody_listens_is_kept_in_order() {
    let transport = Transport::memory();
    for n in 0..3 {
        notify(&transport, n).await;
    }
    let (endpoint, mut seen) = handling();
    let listener = listen(&transport).endpoint(endpoint).start().await.unwrap();
    for n in 0..3 {
        assert_eq!(number(&mut seen).await, n);
    }
    nothing(&mut seen).await;
    listener.stop().await;
    // And when nobody does any more.
    notify(&transport, 3).await;
    let (endpoint, mut seen) = handling();
    let _listener = listen(&transport).endpoint(endpoint).start().await.unwrap();
    assert_eq!(number(&mut seen).await, 3);
}

#[tokio::test(start_paused = true)]
async fn listeners_share_and_pools_have_copies() {
    let transport = Transport::memory();
    let mut all = Vec::new();
    for pool in [None, None, Some("p"), Some("p"), Some("q")] {
        let (endpoint, seen) = handling();
        let builder = listen(&transport).pool(pool).endpoint(endpoint);
        all.push((builder.start().await.unwrap(), seen));
    }
    for n in 0..4 {
        notify(&transport, n).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let counts: Vec<_> = all.iter().map(|(_, seen)| seen.len()).collect();
    assert_eq!(counts, [2, 2, 2, 2, 4]);
}

#[tokio::test(start_paused = true)]
async fn only_topics_priorities_and_filters_that_were_asked_for() {
    let transport = Transport::memory();
    let (endpoint, mut seen) = handling();
    let filter = NotificationFilter::new().event_type("^wanted").unwrap();
    let _listener = listen(&transport)
        .endpoint(endpoint.filter(filter))
        .start()
        .await
        .unwrap();
    let notifier = Notifier::new(&transport, None);
    let context = json!({"user": "me"});
    let send = async |notifier: &Notifier, event_type: &str, n: u64| {
        let payload = json!({"n": n});
        let sent = notifier.error(&context, event_type, &payload).await;
        sent.unwrap();
    };
    send(&notifier, "unwanted", 1).await;
    send(&notifier.prepare().topics(["others"]), "wanted", 2).await;
    send(&notifier, "wanted", 3).await;
    let told = seen.recv().await.unwrap();
    assert_eq!(told.payload::<Value>(), Some(json!({"n": 3})));
    assert_eq!(told.priority, Priority::Error);
    assert_eq!(told.publisher_id, None);
    assert_eq!(told.context("user"), Some("me".to_owned()));
    nothing(&mut seen).await;
    // Without a topic for them, they are kept for whoever comes.
    let statistics = transport.statistics();
    assert_eq!((statistics.notifications, statistics.succeeded), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn what_is_requeued_comes_again_after_a_pause_and_before_what_came_later() {
    let transport = Transport::memory();
    notify(&transport, 1).await;
    notify(&transport, 2).await;
    let (endpoint, mut seen) = endpoint(|notification| {
        let payload: Value = notification.payload().unwrap();
        if payload["n"] == 1 {
            NotificationResult::Requeue
        } else {
            NotificationResult::Handled
        }
    });
    let listener = listen(&transport)
        .allow_requeue(true)
        .requeue_pause(Duration::from_secs(7))
        .endpoint(endpoint);
    let listener = listener.start().await.unwrap();
    assert_eq!(number(&mut seen).await, 1);
    let begin = Instant::now();
    let mut rest = [number(&mut seen).await, number(&mut seen).await];
    rest.sort_unstable();
    assert_eq!((rest, begin.elapsed()), ([1, 2], Duration::ZERO));
    for times in 1..4 {
        assert_eq!(number(&mut seen).await, 1);
        assert_eq!(begin.elapsed(), Duration::from_secs(7 * times));
    }
    listener.stop().await;
    // It is still there, for whoever takes it.
    let (endpoint, mut seen) = handling();
    let _listener = listen(&transport).endpoint(endpoint).start().await.unwrap();
    let told = seen.recv().await.unwrap();
    assert!(told.redelivered);
    nothing(&mut seen).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_not_handled_is_for_the_next_listener() {
    let transport = Transport::memory();
    for n in 0..3 {
        notify(&transport, n).await;
    }
    let gate = Arc::new(Semaphore::new(0));
    let (sender, mut begun) = mpsc::unbounded_channel();
    let held = Arc::clone(&gate);
    let slow = NotificationEndpoint::new().on(Priority::Info, move |notification| {
        let _ = sender.send(notification);
        let held = Arc::clone(&held);
        async move {
            held.acquire().await.unwrap().forget();
            NotificationResult::Handled
        }
    });
    let listener = listen(&transport).endpoint(slow).start().await.unwrap();
    assert_eq!(number(&mut begun).await, 0);
    // It waits for what has begun, and takes nothing more.
    let stopping = tokio::spawn(listener.stop());
    advance(Duration::from_secs(1)).await;
    assert!(!stopping.is_finished());
    gate.add_permits(1);
    stopping.await.unwrap();
    assert!(begun.recv().await.is_none());

    let (endpoint, mut seen) = handling();
    let listener = listen(&transport).endpoint(endpoint).start().await.unwrap();
    assert_eq!([number(&mut seen).await, number(&mut seen).await], [1, 2]);
    nothing(&mut seen).await;
    listener.stop().await;

    // One that is dropped has handled nothing.
    notify(&transport, 3).await;
    let hanging = NotificationEndpoint::new().on(Priority::Info, |_| std::future::pending());
    let listener = listen(&transport).endpoint(hanging).start().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(listener);
    let (endpoint, mut seen) = handling();
    let _listener = listen(&transport).endpoint(endpoint).start().await.unwrap();
    assert_eq!(number(&mut seen).await, 3);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_or_listened_to_is_told() {
    let transport = Transport::memory();
    let notifier = Notifier::new(&transport, "test");
    let told = async |notifier: Notifier, context: Value| {
        let sent = notifier.info(&context, "a", &json!({})).await;
        let error = sent.unwrap_err();
        assert!(!error.may_have_been_executed(), "{error}");
        error.to_string()
    };
    for (notifier, context, part) in [
        (notifier.prepare().topics([""; 0]), json!({}), "`topics`"),
        (notifier.prepare().topics(["a", ""]), json!({}), "`topics`"),
        (notifier.prepare().topics(["a.#"]), json!({}), "a pattern"),
        (notifier.prepare().topics(["*"]), json!({}), "a pattern"),
        (
            notifier.prepare().topics(["x".repeat(251)]),
            json!({}),
            "at most 255",
        ),
        (notifier.prepare(), json!([]), "`context`"),
        (
            notifier.prepare().timeout(Duration::ZERO),
            json!({}),
            "timed out",
        ),
    ] {
        let told = told(notifier, context).await;
        assert!(told.contains(part), "{told}");
    }
    let longest = notifier.prepare().topics(["x".repeat(250)]);
    longest.info(&json!({}), "a", &json!({})).await.unwrap();

    let (endpoint, _seen) = handling();
    let started = NotificationListener::builder(&transport, [Target::new()]).endpoint(endpoint);
    let error = started.start().await.unwrap_err();
    assert!(matches!(error, Error::InvalidTarget { .. }), "{error}");
    let error = listen(&transport).start().await.unwrap_err();
    assert!(error.to_string().contains("`endpoints`"), "{error}");
    let (endpoint, _seen) = handling();
    let started = NotificationListener::builder(&transport, []).endpoint(endpoint);
    let error = started.start().await.unwrap_err();
    assert!(error.to_string().contains("`targets`"), "{error}");
    let (endpoint, _seen) = handling();
    let started = listen(&transport).endpoint(endpoint);
    let error = started.pool(&*"x".repeat(256)).start().await.unwrap_err();
    assert!(error.to_string().contains("`pool`"), "{error}");

    let (endpoint, _seen) = handling();
    let listener = listen(&transport).endpoint(endpoint).start().await.unwrap();
    transport.close().await;
    listener.ended().await;
    let error = notifier.info(&json!({}), "a", &json!({})).await;
    match error.unwrap_err() {
        Error::DeliveryFailure { delivery, source } => {
            assert_eq!(delivery, Delivery::NotSent);
            assert_eq!(source.kind(), TransportErrorKind::Closed);
        }
        other => panic!("{other}"),
    }
}

/// Wraps payloads, and refuses those of others.
#[derive(Debug)]
struct Wrapping;

impl Serializer for Wrapping {
    fn serialize_entity<'a>(
        &self,
        _: &RawValue,
        entity: &'a RawValue,
    ) -> Result<std::borrow::Cow<'a, RawValue>, SerializerError> {
        let wrapped = serde_json::value::to_raw_value(&json!({"is": entity}))?;
        Ok(std::borrow::Cow::Owned(wrapped))
    }

    fn deserialize_entity<'a>(
        &self,
        _: &RawValue,
        entity: &'a RawValue,
    ) -> Result<std::borrow::Cow<'a, RawValue>, SerializerError> {
        let mut value: Value = serde_json::from_str(entity.get())?;
        let inner = value.get_mut("is").ok_or("it is not wrapped")?.take();
        let inner = serde_json::value::to_raw_value(&inner)?;
        Ok(std::borrow::Cow::Owned(inner))
    }
}

#[tokio::test(start_paused = true)]
async fn payloads_are_converted_on_both_sides() {
    let transport = Transport::memory();
    let (endpoint, mut seen) = handling();
    let builder = listen(&transport).serializer(Wrapping).allow_requeue(true);
    let _listener = builder.endpoint(endpoint).start().await.unwrap();
    let wrapping = Notifier::new(&transport, "test").serializer(Wrapping);
    let payload = json!({"n": 7});
    wrapping.info(&json!({}), "a", &payload).await.unwrap();
    assert_eq!(number(&mut seen).await, 7);
    // Not wrapped: it goes around and nobody is given it.
    notify(&transport, 8).await;
    nothing(&mut seen).await;
}
