//! Notifications in memory that were handed out and are not settled.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use oslo_messaging::{
    Error, NotificationEndpoint, NotificationListener, NotificationResult, Notifier, Priority,
    Target, Transport,
};
use serde_json::json;
use serde_json::value::to_raw_value;
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// A listener whose endpoint waits for a permit, and counts.
async fn listen(
    transport: &Transport,
    permits: &Arc<Semaphore>,
) -> (NotificationListener, Arc<AtomicUsize>) {
    let handled = Arc::new(AtomicUsize::new(0));
    let (permits, counted) = (Arc::clone(permits), Arc::clone(&handled));
    let endpoint = NotificationEndpoint::new().on(Priority::Info, move |_| {
        let (permits, counted) = (Arc::clone(&permits), Arc::clone(&counted));
        async move {
            let _permit = permits.acquire().await;
            counted.fetch_add(1, Ordering::Relaxed);
            NotificationResult::Handled
        }
    });
    let listener = NotificationListener::builder(transport, [Target::topic("notifications")])
        .endpoint(endpoint)
        .concurrency(1)
        .start()
        .await
        .unwrap();
    (listener, handled)
}

#[tokio::test(start_paused = true)]
async fn a_slow_listener_leaves_to_others_what_they_can_do() {
    let transport = Transport::memory();
    let (never, at_once) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(1)));
    let (slow, by_slow) = listen(&transport, &never).await;
    let (fast, by_fast) = listen(&transport, &at_once).await;
    let notifier = Notifier::new(&transport, "us");
    for _ in 0..1000 {
        notifier.info(&json!({}), "a", &1).await.unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(by_fast.load(Ordering::Relaxed), 900);
    // What the slow one had and did not handle is for the other.
    drop(slow);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(by_fast.load(Ordering::Relaxed), 1000);
    assert_eq!(by_slow.load(Ordering::Relaxed), 0);
    fast.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_bounded_also_while_somebody_listens() {
    let transport = Transport::memory();
    let permits = Arc::new(Semaphore::new(0));
    let (listener, handled) = listen(&transport, &permits).await;
    let notifier = Notifier::new(&transport, "us");
    let (context, payload) = (
        to_raw_value(&json!({})),
        to_raw_value(&"x".repeat(16 << 20)),
    );
    let (context, payload) = (context.unwrap(), payload.unwrap());
    let mut sent = 0;
    let error = loop {
        let sending = notifier.notify_raw(Priority::Info, &context, "a", &payload);
        match sending.await {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
        assert!(sent < 20, "{sent} were taken");
        sleep(Duration::from_millis(1)).await;
    };
    assert!(matches!(error, Error::DeliveryFailure { .. }), "{error}");
    assert_eq!(sent, 15);
    permits.add_permits(1);
    // Decoding is on another thread, whose time is not paused.
    while handled.load(Ordering::Relaxed) < sent {
        sleep(Duration::from_millis(1)).await;
    }
    let sending = notifier.notify_raw(Priority::Info, &context, "a", &payload);
    sending.await.unwrap();
    listener.stop().await;
}
