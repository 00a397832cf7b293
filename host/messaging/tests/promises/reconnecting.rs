//! Losing the broker and finding it again: what is told is the reason of the connection that failed,
//! one repetition is enough for a broker that is there, and nobody's repetitions set the rate at
//! which a broker that is not there is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use oslo_messaging::{Error, RpcClient, TransportErrorKind};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::amqp::{BASIC_CONSUME, QUEUE_DECLARE};
use super::case::{LIMIT, becomes, cast, client, echo, transport_at, trials, unique};
use super::forwarder::Forwarder;
use super::raw::{Declared, Raw};
use super::scripted::{Answer, Scripted};

trials![
    one_attempt_is_enough_after_a_loss,
    repetitions_do_not_set_the_rate_of_connecting,
    a_loss_is_not_told_with_an_older_reason,
    a_trouble_that_is_over_is_not_told,
    who_takes_connections_and_says_nothing_is_tried_again,
];

/// The broker is there all the time; only connections end.
async fn one_attempt_is_enough_after_a_loss() {
    const LOSSES: usize = 30;
    let forwarder = Forwarder::start().await;
    let transport = transport_at(forwarder.port, "");
    let client = client(&transport, "any");
    let mut failed = Vec::new();
    for _ in 0..LOSSES {
        drop(cast(&client).await);
        let _others = lose_with_others(&forwarder, &client).await;
        // Before it is known, while it becomes known, and after that.
        sleep(Duration::from_millis(fastrand::u64(..40))).await;
        match cast(&client.prepare().retry(0)).await {
            // What was handed over to the connection that is lost cannot be sent again.
            Err(error) if !error.may_have_been_executed() => failed.push(error.to_string()),
            _ => {}
        }
    }
    transport.close().await;
    assert!(
        failed.is_empty(),
        "{} of {LOSSES} failed: {}",
        failed.len(),
        failed[0]
    );
}

/// As balancers do whose brokers are away.
async fn who_takes_connections_and_says_nothing_is_tried_again() {
    let forwarder = Forwarder::start().await;
    forwarder.mute(true);
    let transport = transport_at(forwarder.port, "");
    let client = client(&transport, "any");
    let sent = tokio::spawn(async move { cast(&client).await });
    assert!(becomes(LIMIT, async || forwarder.accepted() > 0).await);
    forwarder.mute(false);
    sent.await.unwrap().unwrap();
    transport.close().await;
}

async fn repetitions_do_not_set_the_rate_of_connecting() {
    let forwarder = Forwarder::start().await;
    forwarder.refuse(true);
    // The pauses are one second, and then twenty-one.
    let options = "rabbit_retry_interval=1&rabbit_retry_backoff=20";
    let transport = transport_at(forwarder.port, options);
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(8) {
        let client = client(&transport, "any").retry(0);
        drop(cast(&client.timeout(Duration::from_millis(200))).await);
    }
    let attempts = forwarder.accepted();
    transport.close().await;
    assert!(attempts <= 4, "{attempts} attempts in eight seconds");
}

/// The channel's trouble was over long before the connection ended.
async fn a_loss_is_not_told_with_an_older_reason() {
    let (forwarder, mut raw) = (Forwarder::start().await, Raw::open().await);
    let transport = transport_at(forwarder.port, "");
    let other = client(&transport, "any");
    let mut reasons = Vec::new();
    for _ in 0..8 {
        let exchange = unique("exchange");
        let declared = raw.exchange(&exchange, "topic", Declared::default());
        declared.await.unwrap();
        let there = other.prepare().exchange(exchange.as_str());
        cast(&there).await.unwrap();
        raw.delete_exchange(&exchange).await;
        // The broker closes a channel because of it.
        drop(cast(&there).await);
        cast(&other).await.unwrap();
        forwarder.mute(true);
        let _others = lose_with_others(&forwarder, &other).await;
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(1) {
            let client = other.prepare().timeout(Duration::from_millis(300));
            match cast(&client).await {
                Err(Error::DeliveryFailure { source, .. }) => reasons.push(source.to_string()),
                Err(Error::Timeout { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        forwarder.mute(false);
        forwarder.cut();
    }
    transport.close().await;
    assert!(!reasons.is_empty(), "no reason is told");
    for reason in reasons {
        assert!(!reason.contains("NOT_FOUND"), "{reason}");
    }
}

/// The connection for replies could not be had at first, and then it could; the one for publishing
/// hears nothing.
async fn a_trouble_that_is_over_is_not_told() {
    let refuses = Arc::new(AtomicBool::new(true));
    let scripted = Scripted::start(2047, {
        let refuses = Arc::clone(&refuses);
        move |frame| match frame.id() {
            Some(QUEUE_DECLARE) if refuses.load(Ordering::SeqCst) => {
                Answer::CloseConnection(320, "CONNECTION_FORCED - the first reason")
            }
            _ => Answer::Good,
        }
    });
    let scripted = scripted.await;
    let forwarder = Forwarder::to(scripted.port).await;
    let transport = transport_at(forwarder.port, "");
    let client = client(&transport, "any");
    let hand = forwarder.hand();
    forwarder.on_method(move |id, number| {
        if id == BASIC_CONSUME {
            hand.mute_all_but(number);
        }
    });
    let call = tokio::spawn({
        let client = client.prepare().timeout(Duration::from_secs(4));
        async move { echo(&client).await }
    });
    // It is refused for a while, and has its reply queue when the other connection is lost.
    let refused = async || scripted.seen().methods.contains_key(&QUEUE_DECLARE);
    assert!(becomes(LIMIT, refused).await);
    sleep(Duration::from_millis(300)).await;
    refuses.store(false, Ordering::SeqCst);
    let error = call.await.unwrap().unwrap_err();
    transport.close().await;
    assert!(!error.to_string().contains("the first reason"), "{error}");
    if let Error::DeliveryFailure { source, .. } = &error {
        assert_ne!(
            source.kind(),
            TransportErrorKind::OperationRefused,
            "{error}"
        );
    }
}

/// Cuts all connections while others wait for an answer of the broker.
async fn lose_with_others(
    forwarder: &Forwarder,
    client: &RpcClient,
) -> JoinSet<oslo_messaging::Result<()>> {
    forwarder.freeze(true);
    let mut others = JoinSet::new();
    for _ in 0..60 {
        let other = client.prepare().exchange(unique("exchange").as_str());
        others.spawn(async move { cast(&other).await });
    }
    sleep(Duration::from_millis(30)).await;
    forwarder.cut();
    forwarder.freeze(false);
    others
}
