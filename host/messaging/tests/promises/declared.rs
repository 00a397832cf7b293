//! Queues and exchanges that exist with other properties are used as they are where that is possible;
//! what is not possible is told with the options that have to change.

use oslo_messaging::TransportErrorKind::OperationRefused;

use super::amqp::{BASIC_PUBLISH, Frame, QUEUE_DECLARE, Value};
use super::case::{
    LIMIT, becomes, client, echo, echo_server, transport, transport_at, transport_with, trials,
    unique,
};
use super::raw::{Declared, Raw};
use super::scripted::{Answer, Scripted};
use super::told::{assert_told, start, start_of};

trials![
    a_queue_with_other_properties_is_used,
    a_queue_of_another_type_that_cannot_be_used_is_told,
    a_queue_of_somebody_else_is_told,
    a_queue_that_somebody_else_consumes_alone_is_told,
    an_exchange_of_another_type_is_told,
    a_quorum_queue_that_deletes_itself_is_told,
    the_limits_of_quorum_queues_are_taken_by_every_version,
    a_server_whose_transient_queues_are_refused_hears_the_options,
    a_caller_whose_transient_queues_are_refused_gets_a_durable_one,
];

/// Whoever declared it: other options, another program, an operator.
async fn a_queue_with_other_properties_is_used() {
    let durable = Declared {
        durable: true,
        ..Declared::default()
    };
    let auto_delete = Declared {
        auto_delete: true,
        ..Declared::default()
    };
    let (none, text, int) = (Declared::default(), Value::Text, Value::Int);
    let all: [(_, &[(&str, Value<'_>)]); 8] = [
        (durable, &[]),
        (auto_delete, &[]),
        (durable, &[("x-queue-type", text("quorum"))]),
        (durable, &[("x-queue-type", text("classic"))]),
        (none, &[("x-expires", int(600_000))]),
        (none, &[("x-max-length", int(1000))]),
        (none, &[("x-message-ttl", int(60_000))]),
        (none, &[("x-ha-policy", text("all"))]),
    ];
    let (mut raw, transport) = (Raw::open().await, transport());
    for (declared, arguments) in all {
        let topic = unique("topic");
        raw.declare(&topic, declared, arguments).await.unwrap();
        let server = echo_server(&transport, &topic).await;
        let answer = echo(&client(&transport, &topic)).await;
        server.stop().await;
        assert!(answer.is_ok(), "{arguments:?}: {answer:?}");
    }
    transport.close().await;
}

/// It can neither be declared nor used as it is.
async fn a_queue_of_another_type_that_cannot_be_used_is_told() {
    const REFUSAL: &str = "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' \
                           in vhost '/': received none but current is the value 'quorum'";
    let scripted = Scripted::start(2047, |frame| match frame.id() {
        Some(QUEUE_DECLARE) => Answer::CloseChannel(406, REFUSAL),
        _ => Answer::Good,
    });
    let scripted = scripted.await;
    let transport = transport_at(scripted.port, "");
    let error = start(&transport).await;
    transport.close().await;
    let remedy = ["rabbit_quorum_queue", "rabbit_transient_quorum_queue"];
    assert_told(&error, OperationRefused, &["x-queue-type"], &remedy);
}

async fn a_queue_of_somebody_else_is_told() {
    let (mut raw, topic) = (Raw::open().await, unique("topic"));
    let exclusive = Declared {
        exclusive: true,
        ..Declared::default()
    };
    raw.declare(&topic, exclusive, &[]).await.unwrap();
    let transport = transport();
    let error = start_of(&transport, &topic).await;
    transport.close().await;
    let says = ["RESOURCE_LOCKED", &topic, "exclusive access"];
    assert_told(
        &error,
        OperationRefused,
        &says,
        &["another connection", "topic"],
    );
}

async fn a_queue_that_somebody_else_consumes_alone_is_told() {
    let (mut raw, topic) = (Raw::open().await, unique("topic"));
    raw.queue(&topic, &[]).await;
    raw.consume_alone(&topic).await;
    let transport = transport();
    let error = start_of(&transport, &topic).await;
    transport.close().await;
    raw.delete_queue(&topic).await;
    let says = ["ACCESS_REFUSED", &topic, "exclusive use"];
    assert_told(
        &error,
        OperationRefused,
        &says,
        &["another program", "alone"],
    );
}

async fn an_exchange_of_another_type_is_told() {
    let (mut raw, topic) = (Raw::open().await, unique("topic"));
    let exchange = format!("{topic}_fanout");
    let declared = raw.exchange(&exchange, "topic", Declared::default());
    declared.await.unwrap();
    let transport = transport();
    let error = start_of(&transport, &topic).await;
    transport.close().await;
    raw.delete_exchange(&exchange).await;
    let says = ["PRECONDITION_FAILED", &exchange, "not of type fanout"];
    assert_told(
        &error,
        OperationRefused,
        &says,
        &["delete the exchange", "control_exchange"],
    );
}

async fn a_quorum_queue_that_deletes_itself_is_told() {
    let transport = transport_with("rabbit_quorum_queue=true&amqp_auto_delete=true");
    let error = start(&transport).await;
    transport.close().await;
    let says = ["PRECONDITION_FAILED", "auto-delete"];
    let remedy = ["amqp_auto_delete", "rabbit_quorum_queue"];
    assert_told(&error, OperationRefused, &says, &remedy);
}

/// -1 is none.
async fn the_limits_of_quorum_queues_are_taken_by_every_version() {
    let transport = transport_with(
        "rabbit_quorum_queue=true&rabbit_quorum_delivery_limit=-1&rabbit_quorum_max_memory_length=10\
         &rabbit_quorum_max_memory_bytes=100000",
    );
    echo_server(&transport, &unique("topic")).await.stop().await;
    transport.close().await;
}

/// As RabbitMQ 4.3 does; `brokers` has a real one that does so.
async fn a_server_whose_transient_queues_are_refused_hears_the_options() {
    let scripted = refusing_transient_queues().await;
    let transport = transport_at(scripted.port, "");
    let error = start(&transport).await;
    transport.close().await;
    let remedy = ["amqp_durable_queues", "rabbit_quorum_queue"];
    assert_told(
        &error,
        OperationRefused,
        &["transient_nonexcl_queues"],
        &remedy,
    );
}

/// Its reply queue may be durable, and then there is nothing to complain of.
async fn a_caller_whose_transient_queues_are_refused_gets_a_durable_one() {
    let scripted = refusing_transient_queues().await;
    let transport = transport_at(scripted.port, "");
    let call = tokio::spawn({
        let client = client(&transport, "any");
        async move { drop(echo(&client).await) }
    });
    let is_sent = async || scripted.seen().methods.contains_key(&BASIC_PUBLISH);
    let is_sent = becomes(LIMIT, is_sent).await;
    call.abort();
    transport.close().await;
    assert!(is_sent, "{:?}", scripted.seen());
}

/// By ending the connection.
async fn refusing_transient_queues() -> Scripted {
    const REFUSAL: &str = "INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated. By \
                           default, this feature is not permitted anymore.";
    Scripted::start(2047, |frame| match frame.id() {
        Some(QUEUE_DECLARE) if !is_durable(frame) => Answer::CloseConnection(541, REFUSAL),
        _ => Answer::Good,
    })
    .await
}

fn is_durable(declare: &Frame) -> bool {
    let mut arguments = declare.arguments();
    arguments.u16();
    arguments.short();
    arguments.u8() & 2 == 2
}
