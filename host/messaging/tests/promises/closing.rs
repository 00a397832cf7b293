//! Closing a transport ends every call that waits, also when closing is given up; who closes it
//! a second time waits as long as the first; what was handed over before is flushed; and the
//! broker hears a goodbye.

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use oslo_messaging::{Error, RpcServer, Target, Transport, TransportErrorKind};
use serde_json::json;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::case::{
    LIMIT, becomes, cast, client, echo, echo_server, transport, transport_at, trials, unique,
};
use super::forwarder::Forwarder;
use super::node::{log_end, log_since};
use super::raw::{Declared, Raw};

trials![
    closing_that_is_given_up_ends_waiting_calls,
    a_second_closing_waits_for_the_first,
    casts_before_closing_are_flushed,
    casts_while_closing_are_delivered_or_not_sent,
    the_broker_hears_a_goodbye,
    the_broker_hears_a_goodbye_of_a_transport_that_is_dropped,
    the_broker_hears_a_goodbye_of_connections_that_are_being_made,
    those_who_wait_for_a_connection_hear_of_closing_at_once,
];

async fn closing_that_is_given_up_ends_waiting_calls() {
    let waiting = Waiting::behind_a_silent_broker().await;
    let close = timeout(Duration::from_millis(100), waiting.transport.close());
    drop(close.await);
    let ended = timeout(Duration::from_secs(3), waiting.call).await;
    let ended = ended.expect("the call waits on").unwrap();
    assert_closed(&ended);
    assert_closed(&cast(&client(&waiting.transport, "any")).await);
}

async fn a_second_closing_waits_for_the_first() {
    let waiting = Waiting::behind_a_silent_broker().await;
    let begin = Instant::now();
    let close = |transport: &Transport| {
        let transport = transport.clone();
        tokio::spawn(async move {
            transport.close().await;
            begin.elapsed()
        })
    };
    let first = close(&waiting.transport);
    sleep(Duration::from_millis(50)).await;
    let second = close(&waiting.transport);
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_closed(&waiting.call.await.unwrap());
    assert!(first < LIMIT / 2, "{first:?}");
    assert!(
        second + Duration::from_millis(50) >= first,
        "the first took {first:?}, the second returned after {second:?}"
    );
}

/// They were all polled, with a connection that works, if slowly: nothing is between them and the
/// broker.
async fn casts_before_closing_are_flushed() {
    let (forwarder, topic, mut raw) =
        (Forwarder::start().await, unique("topic"), Raw::open().await);
    let transport = transport_at(forwarder.port, "");
    bound_queue(&mut raw, &topic).await;
    let client = client(&transport, &topic);
    cast(&client).await.unwrap();
    let args = json!({"a": "x".repeat(64 * 1024)});
    let context = json!({});
    forwarder.freeze(true);
    let mut casts = Vec::new();
    let mut results = Vec::new();
    for _ in 0..CASTS {
        let mut cast = Box::pin(client.cast(&context, "m", &args));
        match cast.as_mut().now_or_never() {
            None => casts.push(cast),
            Some(result) => results.push(result),
        }
    }
    let thaw = async {
        sleep(Duration::from_millis(300)).await;
        forwarder.freeze(false);
    };
    let (rest, (), ()) = tokio::join!(join_all(casts), transport.close(), thaw);
    results.extend(rest);
    let failed = results.iter().find_map(|result| result.as_ref().err());
    let arrived = raw.waiting_in(&topic).await.unwrap() as usize;
    raw.delete_queue(&topic).await;
    assert!(failed.is_none(), "{arrived} arrived; {}", failed.unwrap());
    assert_eq!(arrived, CASTS + 1);
}

/// The broker is there: there is no reason for not knowing.
async fn casts_while_closing_are_delivered_or_not_sent() {
    let (transport, topic, mut raw) = (transport(), unique("topic"), Raw::open().await);
    bound_queue(&mut raw, &topic).await;
    let mut casts = JoinSet::new();
    for _ in 0..8 {
        let client = client(&transport, &topic);
        casts.spawn(async move {
            let mut sent = 0;
            loop {
                match cast(&client).await {
                    Ok(()) => sent += 1,
                    Err(error) => return (sent, error),
                }
            }
        });
    }
    let runs = async || raw.waiting_in(&topic).await.unwrap() > 100;
    assert!(becomes(LIMIT, runs).await);
    transport.close().await;
    let (mut sent, mut unknown) = (0, Vec::new());
    for (count, error) in casts.join_all().await {
        sent += count;
        if error.may_have_been_executed() {
            unknown.push(error.to_string());
        }
    }
    let arrived = raw.waiting_in(&topic).await.unwrap() as usize;
    raw.delete_queue(&topic).await;
    assert_eq!(unknown, Vec::<String>::new(), "{arrived} of {sent} arrived");
    assert_eq!(arrived, sent);
}

async fn the_broker_hears_a_goodbye() {
    let log = log_end();
    for _ in 0..5 {
        let (transport, topic) = (transport(), unique("topic"));
        let server = echo_server(&transport, &topic).await;
        let client = client(&transport, &topic);
        echo(&client).await.unwrap();
        cast(&client).await.unwrap();
        // The server is still there.
        transport.close().await;
        drop(server);
    }
    assert_goodbyes(log).await;
}

async fn the_broker_hears_a_goodbye_of_a_transport_that_is_dropped() {
    let log = log_end();
    for _ in 0..5 {
        let (transport, topic) = (transport(), unique("topic"));
        let server = echo_server(&transport, &topic).await;
        echo(&client(&transport, &topic)).await.unwrap();
        server.stop().await;
        drop(transport);
    }
    assert_goodbyes(log).await;
}

/// Calls and servers that are starting, with their transport closed after a while, and given up a
/// moment before in every second round.
async fn the_broker_hears_a_goodbye_of_connections_that_are_being_made() {
    let log = log_end();
    for round in 0..60 {
        let (transport, topic) = (transport(), unique("topic"));
        let client = client(&transport, &topic);
        let calling = tokio::spawn(async move { drop(echo(&client).await) });
        let serving = tokio::spawn({
            let transport = transport.clone();
            async move {
                let server = RpcServer::builder(&transport, Target::topic(&topic).server("host-1"));
                drop(server.start().await);
            }
        });
        sleep(Duration::from_micros(round * 300)).await;
        if round % 2 == 1 {
            calling.abort();
            serving.abort();
        }
        transport.close().await;
    }
    assert_goodbyes(log).await;
}

async fn those_who_wait_for_a_connection_hear_of_closing_at_once() {
    let forwarder = Forwarder::start().await;
    forwarder.freeze(true);
    let transport = transport_at(forwarder.port, "");
    let client = client(&transport, "any").timeout(LIMIT);
    let call = tokio::spawn(async move { echo(&client).await });
    sleep(Duration::from_millis(100)).await;
    let begin = Instant::now();
    let close = tokio::spawn(async move { transport.close().await });
    let ended = timeout(LIMIT, call).await.unwrap().unwrap();
    let heard = begin.elapsed();
    assert!(heard < Duration::from_millis(500), "{heard:?}");
    assert_closed(&ended);
    close.await.unwrap();
    assert!(begin.elapsed() < LIMIT / 2, "{:?}", begin.elapsed());
}

/// All connections that were made since a place in the log have ended in good order.
async fn assert_goodbyes(since: usize) {
    let all = becomes(LIMIT, async || {
        let Ends { made, ends } = Ends::since(since);
        made >= 5 && ends.len() == made
    });
    let all = all.await;
    let Ends { made, ends } = Ends::since(since);
    assert!(all, "{} of {made} are closed", ends.len());
    let unexpected: Vec<_> = ends
        .iter()
        .filter(|end| end.contains("unexpectedly"))
        .collect();
    assert!(
        unexpected.is_empty(),
        "of {made} connections: {unexpected:#?}"
    );
}

/// How connections ended that were made since a place in the log.
struct Ends {
    made: usize,
    ends: Vec<String>,
}

impl Ends {
    fn since(place: usize) -> Self {
        let log = log_since(place);
        // The log lags behind: connections of the peer that says anything, which have no name, may be in it.
        let others: Vec<_> = log
            .lines()
            .filter(|line| line.contains("authenticated") && !line.contains("oslo-messaging:"))
            .filter_map(client_address)
            .collect();
        let ours: Vec<_> = log
            .lines()
            .filter(|line| line.contains("authenticated and granted access"))
            .filter_map(client_address)
            .filter(|client| !others.contains(client))
            .collect();
        let (mut lines, mut ends) = (log.lines().peekable(), Vec::new());
        while let Some(line) = lines.next() {
            let is_ours = client_address(line).is_some_and(|client| ours.contains(&client));
            if is_ours && line.contains("closing AMQP connection") {
                // The reason is in the same record, but on a line of its own.
                let reason = lines
                    .peek()
                    .filter(|next| !next.contains("AMQP connection"));
                ends.push(format!("{line} {}", reason.unwrap_or(&"")));
            }
        }
        Self {
            made: ours.len(),
            ends,
        }
    }
}

/// The first of `127.0.0.1:1 -> 127.0.0.1:2`.
fn client_address(line: &str) -> Option<&str> {
    let (before, _) = line.split_once(" -> ")?;
    before.rsplit(['(', ' ']).next()
}

fn assert_closed<T: std::fmt::Debug>(result: &Result<T, Error>) {
    match result {
        Err(Error::DeliveryFailure { source, .. }) => {
            assert_eq!(source.kind(), TransportErrorKind::Closed, "{source}");
        }
        other => panic!("{other:?}"),
    }
}

/// A call that waits for its reply on connections that have fallen silent.
struct Waiting {
    transport: Transport,
    call: JoinHandle<oslo_messaging::Result<serde_json::Value>>,
    _forwarder: Forwarder,
}

impl Waiting {
    async fn behind_a_silent_broker() -> Self {
        let (forwarder, topic, mut raw) =
            (Forwarder::start().await, unique("topic"), Raw::open().await);
        bound_queue(&mut raw, &topic).await;
        let transport = transport_at(forwarder.port, "");
        let client = client(&transport, &topic).timeout(LIMIT);
        let call = tokio::spawn(async move { echo(&client).await });
        raw.consume(&topic).await;
        // Somebody has it, and does not answer.
        raw.next_json(LIMIT).await;
        forwarder.freeze(true);
        raw.delete_queue(&topic).await;
        Self {
            transport,
            call,
            _forwarder: forwarder,
        }
    }
}

/// A queue for a topic of the default exchange.
async fn bound_queue(raw: &mut Raw, topic: &str) {
    let exchange = raw.exchange("openstack", "topic", Declared::default());
    exchange.await.unwrap();
    raw.queue(topic, &[]).await;
    raw.bind(topic, "openstack", topic).await;
}

const CASTS: usize = 200;
