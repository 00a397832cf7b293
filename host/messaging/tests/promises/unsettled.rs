//! What a listener has of notifications is bounded by bytes, on one connection and over many, and so
//! is what a notifier has of one.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use oslo_messaging::{
    NotificationEndpoint, NotificationListener, NotificationResult, Notifier, Priority, Target,
    Transport,
};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use super::amqp::QUEUE_BIND_OK;
use super::case::{LIMIT, becomes, transport, transport_at, transport_with, trials, unique};
use super::forwarder::Forwarder;
use super::measure::Watch;
use super::node::node;
use super::raw::Raw;

trials![
    notifications_that_wait_for_a_slow_endpoint_hold_little,
    a_listener_of_many_queues_starts_with_much_in_one,
    notifications_of_lost_connections_hold_little,
    what_is_being_handled_is_not_handled_beside_itself,
    a_notification_to_many_topics_is_there_once,
    losses_use_up_nothing_that_waits_for_a_busy_endpoint,
];

/// A listener whose endpoint waits, and says when it has handled one.
async fn waiting(
    transport: &Transport,
    topic: &str,
) -> (
    NotificationListener,
    Arc<Semaphore>,
    mpsc::UnboundedReceiver<()>,
) {
    let (permits, (sender, handled)) = (Arc::new(Semaphore::new(0)), mpsc::unbounded_channel());
    let endpoint = NotificationEndpoint::new().on(Priority::Info, {
        let permits = Arc::clone(&permits);
        move |_| {
            let (permits, sender) = (Arc::clone(&permits), sender.clone());
            async move {
                let _permit = permits.acquire().await;
                let _ = sender.send(());
                NotificationResult::Handled
            }
        }
    });
    let listener = NotificationListener::builder(transport, [Target::topic(topic)])
        .endpoint(endpoint)
        .concurrency(1)
        .start()
        .await
        .unwrap();
    (listener, permits, handled)
}

async fn notify(topic: &str, times: usize, payload: &RawValue) {
    let transport = transport();
    let notifier = Notifier::new(&transport, "us").topics([topic]);
    let context = to_raw_value(&json!({})).unwrap();
    for _ in 0..times {
        let sent = notifier.notify_raw(Priority::Info, &context, "a", payload);
        sent.await.unwrap();
    }
    transport.close().await;
}

fn payload(bytes: usize) -> Box<RawValue> {
    to_raw_value(&"x".repeat(bytes)).unwrap()
}

async fn notifications_that_wait_for_a_slow_endpoint_hold_little() {
    const TIMES: usize = 60;
    let (transport, topic) = (transport(), unique("topic"));
    notify(&topic, TIMES, &payload(2 << 20)).await;
    let watch = Watch::start();
    let (listener, permits, mut handled) = waiting(&transport, &topic).await;
    sleep(Duration::from_secs(3)).await;
    let held = watch.now();
    assert!(held < 95, "{held} MiB were held");
    assert!(held > 40, "{held} MiB: nothing was read ahead");
    permits.add_permits(1);
    for n in 0..TIMES {
        let next = timeout(LIMIT, handled.recv()).await;
        assert!(next.is_ok(), "only {n} came");
    }
    let is_freed = becomes(LIMIT, async || watch.now() < 16).await;
    assert!(is_freed, "{} MiB are still held", watch.now());
    listener.stop().await;
    transport.close().await;
}

/// What waits in the first of its queues comes before the others are consumed, and nobody handles it yet.
async fn a_listener_of_many_queues_starts_with_much_in_one() {
    const TIMES: usize = 60;
    let (transport, topic) = (transport(), unique("topic"));
    notify(&topic, TIMES, &payload(2 << 20)).await;
    let (sender, mut handled) = mpsc::unbounded_channel();
    let endpoint = NotificationEndpoint::new().on_each(Priority::ALL, move |_| {
        let _ = sender.send(());
        async { NotificationResult::Handled }
    });
    let listener = NotificationListener::builder(&transport, [Target::topic(&topic)])
        .endpoint(endpoint)
        .start();
    let listener = timeout(LIMIT, listener).await;
    let listener = listener.expect("it does not start").unwrap();
    for n in 0..TIMES {
        let next = timeout(LIMIT, handled.recv()).await;
        assert!(next.is_ok(), "only {n} came");
    }
    listener.stop().await;
    transport.close().await;
}

async fn notifications_of_lost_connections_hold_little() {
    const CUTS: usize = 6;
    let (forwarder, topic) = (Forwarder::start().await, unique("topic"));
    notify(&topic, 90, &payload(256 << 10)).await;
    let transport = transport_at(forwarder.port, "");
    let watch = Watch::start();
    let (listener, permits, mut handled) = waiting(&transport, &topic).await;
    for cut in 0..CUTS {
        // All of them are there.
        let came = becomes(LIMIT, async || watch.most() > 20).await;
        assert!(came, "{} MiB came", watch.most());
        sleep(Duration::from_millis(300)).await;
        let accepted = forwarder.accepted();
        forwarder.cut();
        let again = becomes(LIMIT, async || forwarder.accepted() > accepted).await;
        assert!(again, "it does not come back after cut {cut}");
        sleep(Duration::from_millis(500)).await;
    }
    let now = watch.now();
    assert!(now < 64, "{now} MiB are held");
    permits.add_permits(1);
    for n in 0..90 {
        let next = timeout(LIMIT, handled.recv()).await;
        assert!(next.is_ok(), "only {n} came");
    }
    listener.stop().await;
    transport.close().await;
}

/// It comes again because its connection was lost.
async fn what_is_being_handled_is_not_handled_beside_itself() {
    let (forwarder, topic) = (Forwarder::start().await, unique("topic"));
    notify(&topic, 10, &payload(1)).await;
    let transport = transport_at(forwarder.port, "");
    let (permits, begun) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let endpoint = || {
        let (permits, begun) = (Arc::clone(&permits), Arc::clone(&begun));
        NotificationEndpoint::new().on(Priority::Info, move |_| {
            begun.fetch_add(1, Ordering::Relaxed);
            let permits = Arc::clone(&permits);
            async move {
                let _permit = permits.acquire().await;
                NotificationResult::Handled
            }
        })
    };
    let listen = || NotificationListener::builder(&transport, [Target::topic(&topic)]);
    let listener = listen().endpoint(endpoint()).start().await.unwrap();
    let count = || begun.load(Ordering::Relaxed);
    assert!(
        becomes(LIMIT, async || count() == 10).await,
        "{} came",
        count()
    );
    for _ in 0..2 {
        let accepted = forwarder.accepted();
        forwarder.cut();
        assert!(becomes(LIMIT, async || forwarder.accepted() > accepted).await);
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(count(), 10);
    permits.add_permits(1);
    sleep(Duration::from_millis(500)).await;
    listener.stop().await;
    // Its queue has none of them any more.
    let listener = listen().endpoint(endpoint()).start().await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(count(), 10);
    listener.stop().await;
    transport.close().await;
}

/// A quorum queue drops what came back too often, from RabbitMQ 4 on without being asked to.
async fn losses_use_up_nothing_that_waits_for_a_busy_endpoint() {
    const TIMES: usize = 40;
    const LOSSES: usize = 8;
    let (forwarder, topic) = (Forwarder::start().await, unique("topic"));
    let policy = ["set_policy", "--apply-to", "queues", &topic, &topic];
    let policy = [&policy[..], &[r#"{"delivery-limit": 4}"#]].concat();
    node().control(&policy).unwrap();
    let quorum = "rabbit_quorum_queue=true";
    let (listening, notifying) = (transport_at(forwarder.port, quorum), transport_with(quorum));
    let (listener, permits, mut handled) = waiting(&listening, &topic).await;
    let notifier = Notifier::new(&notifying, "us").topics([&topic]);
    for n in 0..TIMES {
        notifier.info(&json!({}), "a", &n).await.unwrap();
    }
    let (mut raw, queue) = (Raw::open().await, format!("{topic}.info"));
    let is_taken = becomes(LIMIT, async || raw.waiting_in(&queue).await == Some(0));
    assert!(is_taken.await, "not all of them came");
    for _ in 0..LOSSES {
        let before = forwarder.to_client(QUEUE_BIND_OK);
        forwarder.cut();
        let is_back = async || forwarder.to_client(QUEUE_BIND_OK) > before;
        assert!(becomes(LIMIT, is_back).await);
        // The broker may deliver now.
        sleep(Duration::from_millis(200)).await;
    }
    permits.add_permits(1);
    for n in 0..TIMES {
        let next = timeout(LIMIT, handled.recv()).await;
        assert!(next.is_ok(), "only {n} were handled");
    }
    // None comes twice.
    sleep(Duration::from_millis(200)).await;
    let again = handled.try_recv();
    listener.stop().await;
    listening.close().await;
    notifying.close().await;
    raw.delete_queue(&queue).await;
    node().control(&["clear_policy", &topic]).unwrap();
    assert!(again.is_err());
}

async fn a_notification_to_many_topics_is_there_once() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let transport = transport_at(silent.local_addr().unwrap().port(), "");
    let topics = (0..16).map(|n| format!("topic-{n}"));
    let notifier = Notifier::new(&transport, "us").topics(topics);
    let notifier = notifier.timeout(Duration::from_secs(1));
    let payload = payload(8 << 20);
    let context = to_raw_value(&json!({})).unwrap();
    let watch = Watch::start();
    let sent = notifier.notify_raw(Priority::Info, &context, "a", &payload);
    let error = sent.await.unwrap_err();
    assert!(!error.may_have_been_executed(), "{error}");
    let most = watch.most();
    assert!(most < 40, "{most} MiB were held");
    transport.close().await;
}
