//! A client creates no exchange, and uses none of another type than it needs: whoever may choose an
//! exchange's name must not be able to take it from its service, nor to have a call executed by
//! every server of a topic.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use oslo_messaging::{Endpoint, Error, RpcServer, Target, Transport};
use serde_json::{Value, json};

use super::case::{LIMIT, cast, client, echo, transport, trials, unique};
use super::raw::{Declared, Raw};

trials![
    a_cast_creates_no_exchange,
    a_fanout_cast_creates_no_exchange,
    a_mandatory_cast_to_a_missing_exchange_has_no_target,
    a_call_to_a_missing_exchange_has_no_target,
    a_fanout_exchange_stays_free_for_its_service,
    a_call_through_a_fanout_exchange_is_refused,
    the_brokers_own_exchanges_of_other_types_are_refused,
    a_fanout_through_a_topic_exchange_is_refused,
    an_exchange_that_comes_later_is_found,
    an_exchange_with_other_properties_is_used,
];

async fn a_cast_creates_no_exchange() {
    let (transport, exchange) = (transport(), unique("exchange"));
    let client = client(&transport, "nobody").exchange(exchange.as_str());
    client.cast(&json!({}), "m", &json!({})).await.unwrap();
    let was_created = Raw::open().await.has_exchange(&exchange).await;
    transport.close().await;
    assert!(!was_created, "the cast created its exchange");
}

async fn a_fanout_cast_creates_no_exchange() {
    let (transport, topic) = (transport(), unique("topic"));
    let client = client(&transport, &topic).fanout(true);
    client.cast(&json!({}), "m", &json!({})).await.unwrap();
    let exchange = format!("{topic}_fanout");
    let was_created = Raw::open().await.has_exchange(&exchange).await;
    transport.close().await;
    assert!(!was_created, "the fanout cast created its exchange");
}

async fn a_mandatory_cast_to_a_missing_exchange_has_no_target() {
    let (transport, exchange) = (transport(), unique("exchange"));
    let client = client(&transport, "nobody").exchange(exchange.as_str());
    let cast = client.at_least_once(true);
    let result = cast.cast(&json!({}), "m", &json!({})).await;
    assert!(result.unwrap_err().is_no_such_target());
    let was_created = Raw::open().await.has_exchange(&exchange).await;
    transport.close().await;
    assert!(!was_created, "the cast created its exchange");
}

async fn a_call_to_a_missing_exchange_has_no_target() {
    let (transport, exchange) = (transport(), unique("exchange"));
    let client = client(&transport, "nobody").exchange(exchange.as_str());
    let begin = Instant::now();
    let error = echo(&client).await.unwrap_err();
    assert!(error.to_string().contains(&exchange), "{error}");
    assert!(error.is_no_such_target(), "{error}");
    assert!(begin.elapsed() < LIMIT / 2, "{:?}", begin.elapsed());
    let was_created = Raw::open().await.has_exchange(&exchange).await;
    transport.close().await;
    assert!(!was_created, "the call created its exchange");
}

/// Python's servers declare it so, and cannot start when it is there as anything else.
async fn a_fanout_exchange_stays_free_for_its_service() {
    let (transport, topic) = (transport(), unique("topic"));
    let exchange = format!("{topic}_fanout");
    let client = client(&transport, "any").exchange(exchange.as_str());
    let sent = cast(&client).await;
    let called = echo(&client.prepare().timeout(Duration::from_secs(2))).await;
    let as_a_service = Declared {
        auto_delete: true,
        ..Declared::default()
    };
    let mut raw = Raw::open().await;
    let declared = raw.exchange(&exchange, "fanout", as_a_service).await;
    transport.close().await;
    assert_eq!(declared, Ok(()), "after {sent:?} and {called:?}");
}

async fn a_call_through_a_fanout_exchange_is_refused() {
    let (transport, topic) = (transport(), unique("topic"));
    let executed = Arc::new(AtomicUsize::new(0));
    let mut servers = Vec::new();
    for server in ["host-1", "host-2"] {
        servers.push(counting_server(&transport, &topic, server, &executed).await);
    }
    let exchange = format!("{topic}_fanout");
    let client = client(&transport, &topic).exchange(exchange.as_str());
    let call = echo(&client.prepare().timeout(Duration::from_secs(5))).await;
    let cast = client.cast(&json!({}), "echo", &json!({})).await;
    // What was sent in spite of all is executed before this, which goes the same way.
    for server in ["host-1", "host-2"] {
        let after = super::case::client(&transport, &topic).server(server);
        after
            .call::<Value>(&json!({}), "echo", &json!({}))
            .await
            .unwrap();
    }
    let executed = executed.load(Ordering::SeqCst) - 2;
    transport.close().await;
    assert_eq!(executed, 0, "executed, with {call:?} and {cast:?}");
    for error in [call.unwrap_err(), cast.unwrap_err()] {
        assert!(!error.may_have_been_executed(), "{error}");
        assert!(error.to_string().contains(&exchange), "{error}");
        assert!(error.to_string().contains("fanout"), "{error}");
    }
}

async fn the_brokers_own_exchanges_of_other_types_are_refused() {
    let transport = transport();
    for exchange in ["amq.direct", "amq.fanout", "amq.headers"] {
        let client = client(&transport, "any").exchange(exchange);
        assert_refused(cast(&client).await, exchange);
        assert_refused(echo(&client).await.map(drop), exchange);
    }
    transport.close().await;
}

async fn a_fanout_through_a_topic_exchange_is_refused() {
    let (transport, topic) = (transport(), unique("topic"));
    let (exchange, mut raw) = (format!("{topic}_fanout"), Raw::open().await);
    let declared = raw.exchange(&exchange, "topic", Declared::default());
    declared.await.unwrap();
    let result = cast(&client(&transport, &topic).fanout(true)).await;
    transport.close().await;
    raw.delete_exchange(&exchange).await;
    assert_refused(result, &exchange);
}

fn assert_refused(sent: Result<(), Error>, exchange: &str) {
    let error = sent.expect_err(exchange);
    let is_refused = matches!(
        error,
        Error::DeliveryFailure { .. } | Error::InvalidArgument { .. }
    );
    assert!(is_refused, "{error}");
    assert!(!error.may_have_been_executed(), "{error}");
    assert!(error.to_string().contains(exchange), "{error}");
}

async fn an_exchange_that_comes_later_is_found() {
    let (transport, exchange, topic) = (transport(), unique("exchange"), unique("topic"));
    let client = client(&transport, &topic).exchange(exchange.as_str());
    for _ in 0..2 {
        assert!(echo(&client).await.unwrap_err().is_no_such_target());
        let target = Target::topic(&topic).server("host-1").exchange(&exchange);
        let endpoint = Endpoint::new().method("echo", |_, args: Value| async { Ok(args) });
        let server = RpcServer::builder(&transport, target).endpoint(endpoint);
        let server = server.start().await.unwrap();
        echo(&client).await.unwrap();
        server.stop().await;
        // As when a broker without durable exchanges starts again.
        let mut raw = Raw::open().await;
        raw.delete_exchange(&exchange).await;
    }
    transport.close().await;
}

/// The options of two services often differ in what is durable.
async fn an_exchange_with_other_properties_is_used() {
    let (transport, exchange) = (transport(), unique("exchange"));
    let durable = Declared {
        durable: true,
        ..Declared::default()
    };
    let mut raw = Raw::open().await;
    raw.exchange(&exchange, "topic", durable).await.unwrap();
    raw.queue(&exchange, &[]).await;
    raw.bind(&exchange, &exchange, "topic").await;
    let client = client(&transport, "topic").exchange(exchange.as_str());
    client.cast(&json!({}), "m", &json!({})).await.unwrap();
    assert_eq!(raw.waiting_in(&exchange).await, Some(1));
    transport.close().await;
    raw.delete_queue(&exchange).await;
    raw.delete_exchange(&exchange).await;
}

async fn counting_server(
    transport: &Transport,
    topic: &str,
    server: &str,
    executed: &Arc<AtomicUsize>,
) -> RpcServer {
    let executed = Arc::clone(executed);
    let count = move |_, args: Value| {
        executed.fetch_add(1, Ordering::SeqCst);
        async { Ok(args) }
    };
    RpcServer::builder(transport, Target::topic(topic).server(server))
        .endpoint(Endpoint::new().method("echo", count))
        .start()
        .await
        .unwrap()
}
