//! Connecting, failing to, and closing.

use oslo_amqp::driver::State;
use oslo_amqp::driver::short;
use oslo_amqp::protocol::Method;

use super::*;
use crate::delivery::WaitingFor;

fn any() -> Message {
    message(topic(EXCHANGE, &unique("key")), false)
}

#[tokio::test]
async fn a_dropped_transport_leaves_no_connection() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let transport = transport(&through(&forwarder));
    reply_queue(&transport).await.unwrap();
    cast(&transport, any()).await.unwrap();
    assert_eq!(forwarder.open(), 2);
    drop(transport);
    wait_until(async || forwarder.open() == 0).await;
}

#[tokio::test]
async fn close_is_bounded_when_the_broker_is_silent() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let transport = transport(&through(&forwarder));
    reply_queue(&transport).await.unwrap();
    cast(&transport, any()).await.unwrap();
    let listening = transport.listen(subscription()).await.unwrap();
    forwarder.freeze();
    sleep(Duration::from_millis(50)).await;
    timeout(Duration::from_secs(8), transport.close())
        .await
        .unwrap();
    drop(listening);
}

#[tokio::test]
async fn retry_counts_repetitions_and_the_trouble_is_told() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    forwarder.refuse(true);
    let through = through(&forwarder);
    for retry in 0..3 {
        let transport = transport(&through);
        let before = forwarder.refused();
        let failed = Driver::cast(&transport, any(), limits(Some(retry))).await;
        let (delivery, kind, _) = failure(failed);
        assert_eq!(
            (delivery, kind),
            (Delivery::NotSent, TransportErrorKind::HandshakeFailed)
        );
        let rounds = forwarder.refused() - before;
        assert_eq!(rounds, usize::try_from(retry).unwrap() + 1);
        // The round that has failed is everybody's first, until one works.
        let before = forwarder.refused();
        let failed = Driver::cast(&transport, any(), limits(Some(retry))).await;
        let (_, kind, _) = failure(failed);
        assert_eq!(kind, TransportErrorKind::HandshakeFailed);
        let rounds = forwarder.refused() - before;
        assert_eq!(rounds, usize::try_from(retry).unwrap());
        transport.close().await;
    }
    // Until time is up.
    let transport = transport(&through);
    let mut short = limits(None);
    short.deadline = Deadline::after(Instant::now(), Duration::from_millis(1500));
    match Driver::cast(&transport, any(), short).await {
        Err(SendError::TimedOut {
            waiting_for: WaitingFor::Connection,
            delivery: Delivery::NotSent,
            trouble: Some(trouble),
        }) => assert_eq!(trouble.kind(), TransportErrorKind::HandshakeFailed),
        other => panic!("{other:?}"),
    }
    // Until it works.
    let cast = Driver::cast(&transport, any(), limits(None));
    let work = async {
        sleep(Duration::from_millis(1500)).await;
        forwarder.refuse(false);
    };
    let (sent, ()) = tokio::join!(cast, work);
    sent.unwrap();
    transport.close().await;
}

#[tokio::test]
async fn the_second_host_is_used_when_the_first_is_down() {
    let address = broker_address();
    let hosts = format!(
        "127.0.0.1:1,{}:{}@{address}",
        address.user, address.password
    );
    let transport = transport(&changed(None, Some(&hosts), None));
    cast(&transport, any()).await.unwrap();
    transport.close().await;
}

/// That a password is wrong at one host matters more than that another one is down.
#[tokio::test]
async fn a_round_in_vain_tells_what_does_not_mend_itself() {
    let address = broker_address();
    for hosts in [
        format!("nobody:secret@{address},127.0.0.1:1"),
        format!("127.0.0.1:1,nobody:secret@{address}"),
    ] {
        let url = format!("rabbit://{hosts}/").parse().unwrap();
        let transport = transport(&url);
        let (_, kind, printed) = failure(cast(&transport, any()).await);
        assert_eq!(kind, TransportErrorKind::LoginRefused, "{printed}");
        transport.close().await;
    }
}

#[tokio::test]
async fn connect_failures_are_told_apart() {
    let check = async |url: TransportUrl, expected: TransportErrorKind, text: &str| {
        let transport = transport(&url);
        let begin = Instant::now();
        let (delivery, kind, printed) = failure(cast(&transport, any()).await);
        assert_eq!((delivery, kind), (Delivery::NotSent, expected), "{printed}");
        assert!(
            printed.contains(text) && !printed.contains("secret"),
            "{printed}"
        );
        assert!(
            begin.elapsed() < Duration::from_secs(7),
            "{printed}: {:?}",
            begin.elapsed()
        );
        let listening = transport.listen(subscription()).await;
        assert_eq!(listening.unwrap_err().kind(), expected);
        transport.close().await;
    };
    let here = broker_address().to_string();
    check(
        changed(Some("nobody:secret"), None, None),
        TransportErrorKind::LoginRefused,
        &here,
    )
    .await;
    check(
        changed(None, None, Some("no-such-vhost")),
        TransportErrorKind::UnknownVirtualHost,
        "no-such-vhost",
    )
    .await;
    check(
        changed(None, Some("127.0.0.1:1"), None),
        TransportErrorKind::ConnectionRefused,
        "127.0.0.1:1",
    )
    .await;
    check(
        changed(None, Some("no-such-host.invalid"), None),
        TransportErrorKind::UnknownHost,
        "no-such-host.invalid",
    )
    .await;
    // Something that accepts and then says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap().to_string();
    check(
        changed(None, Some(&address), None),
        TransportErrorKind::HandshakeFailed,
        &address,
    )
    .await;
}

#[tokio::test]
async fn a_blocked_connection_sends_nothing_until_it_is_unblocked() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let transport = transport(&through(&forwarder));
    let (observer, queue, key) = (Observer::new().await, unique("queue"), unique("key"));
    observer.queue(&queue).await;
    observer.bind(&queue, EXCHANGE, &key).await;
    let mut messages = observer.messages(&queue).await;
    let to_queue = || message(topic(EXCHANGE, &key), true);
    cast(&transport, to_queue()).await.unwrap();
    messages.recv().await.unwrap();

    let publisher = transport.publisher().unwrap();
    let session = publisher.session(limits(None)).await.unwrap();
    let mut state = session.line.connection.state();
    let reason = short("low on memory").unwrap();
    forwarder.say(&Method::ConnectionBlocked { reason });
    let is_blocked = |state: &State| matches!(state, State::Blocked(_));
    drop(timeout(LIMIT, state.wait_for(is_blocked)).await.unwrap());
    let mut soon = limits(None);
    soon.deadline = Deadline::after(Instant::now(), Duration::from_millis(300));
    match Driver::cast(&transport, to_queue(), soon).await {
        Err(SendError::TimedOut {
            waiting_for: WaitingFor::Connection,
            delivery: Delivery::NotSent,
            ..
        }) => {}
        other => panic!("{other:?}"),
    }
    let last = to_queue();
    let body = last.body.clone();
    let sent = cast(&transport, last);
    let unblock = async {
        sleep(Duration::from_millis(300)).await;
        assert!(messages.try_recv().is_err());
        forwarder.say(&Method::ConnectionUnblocked {});
    };
    let (sent, ()) = tokio::join!(sent, unblock);
    sent.unwrap();
    // What was given up is not sent later.
    let got = timeout(LIMIT, messages.recv()).await.unwrap().unwrap();
    assert_eq!(got.body, body);
    assert!(messages.try_recv().is_err());
    transport.close().await;
    observer.close().await;
}

#[tokio::test]
async fn close_ends_those_who_wait() {
    let transport = Arc::new(transport(&changed(None, Some("127.0.0.1:1"), None)));
    let waiting = tokio::spawn({
        let transport = Arc::clone(&transport);
        async move { failure(Driver::cast(&*transport, any(), limits(None)).await) }
    });
    sleep(Duration::from_millis(100)).await;
    transport.close().await;
    let (delivery, kind, _) = timeout(LIMIT, waiting).await.unwrap().unwrap();
    assert_eq!(
        (delivery, kind),
        (Delivery::NotSent, TransportErrorKind::Closed)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_leaves_nobody_without_an_answer() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let url = through(&forwarder);
    for round in 0..60 {
        let line = Arc::new(connect(&url).await.unwrap());
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let line = Arc::clone(&line);
                tokio::spawn(async move { while line.channel().await.is_ok() {} })
            })
            .collect();
        sleep(Duration::from_micros(1200 + round % 6 * 300)).await;
        forwarder.cut();
        for asking in asking {
            timeout(LIMIT, asking).await.unwrap().unwrap();
        }
        assert!(!line.connection.works());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_in_its_handshake_is_given_up_at_once() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let url = through(&forwarder);
    for round in 0..80 {
        let begin = Instant::now();
        let cut = async {
            sleep(Duration::from_micros(round % 40 * 100)).await;
            forwarder.cut();
        };
        let (line, ()) = tokio::join!(connect(&url), cut);
        assert!(begin.elapsed() < Duration::from_secs(3), "{line:?}");
    }
}
