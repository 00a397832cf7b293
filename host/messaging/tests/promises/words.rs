//! What a broker says in a race only, because servers use what they find: a peer that asks for it gets
//! the broker's own words, and a server to which these are said tells what to do about it.

use oslo_messaging::TransportError;
use oslo_messaging::TransportErrorKind::OperationRefused;

use super::amqp::{BASIC_CONSUME, Id, QUEUE_BIND, QUEUE_DECLARE, Value};
use super::case::{transport_at, trials, unique};
use super::raw::{Declared, Raw};
use super::scripted::{Answer, Scripted};
use super::told::{assert_told, start};

trials![
    each_argument_that_differs_is_told_with_its_option,
    an_argument_that_cannot_be_is_told,
    what_is_not_there_is_told,
    a_stream_without_prefetch_is_told,
];

async fn each_argument_that_differs_is_told_with_its_option() {
    let (text, int) = (Value::Text, Value::Int);
    let (quorum, stream) = (
        ("x-queue-type", text("quorum")),
        ("x-queue-type", text("stream")),
    );
    let auto_delete = Declared {
        auto_delete: true,
        ..DURABLE
    };
    let (fleet, policy) = ("all of a fleet", "use a policy");
    // What it is, what it is declared as, the argument, and what helps.
    let cases: [(Queue<'_>, Queue<'_>, &str, [&str; 2]); 10] = [
        (
            (DURABLE, &[]),
            (Declared::default(), &[]),
            "durable",
            ["amqp_durable_queues", fleet],
        ),
        (
            (auto_delete, &[]),
            (DURABLE, &[]),
            "auto_delete",
            ["amqp_auto_delete", fleet],
        ),
        (
            (DURABLE, &[quorum]),
            (DURABLE, &[]),
            "x-queue-type",
            ["rabbit_quorum_queue", fleet],
        ),
        (
            (DURABLE, &[("x-expires", int(600_000))]),
            (DURABLE, &[]),
            "x-expires",
            ["rabbit_transient_queues_ttl", fleet],
        ),
        (
            (DURABLE, &[stream, ("x-max-age", text("1h"))]),
            (DURABLE, &[stream]),
            "x-max-age",
            ["rabbit_transient_queues_ttl", fleet],
        ),
        (
            (DURABLE, &[quorum, ("x-delivery-limit", int(5))]),
            (DURABLE, &[quorum]),
            "x-delivery-limit",
            ["rabbit_quorum_delivery_limit", fleet],
        ),
        (
            (DURABLE, &[quorum, ("x-max-in-memory-length", int(10))]),
            (DURABLE, &[quorum]),
            "x-max-in-memory-length",
            ["rabbit_quorum_max_memory_length", fleet],
        ),
        (
            (DURABLE, &[quorum, ("x-max-in-memory-bytes", int(10_000))]),
            (DURABLE, &[quorum]),
            "x-max-in-memory-bytes",
            ["rabbit_quorum_max_memory_bytes", fleet],
        ),
        (
            (DURABLE, &[("x-max-length", int(1000))]),
            (DURABLE, &[]),
            "x-max-length",
            ["does not have", policy],
        ),
        (
            (DURABLE, &[("x-message-ttl", int(60_000))]),
            (DURABLE, &[]),
            "x-message-ttl",
            ["does not have", policy],
        ),
    ];
    let mut raw = Raw::open().await;
    for ((is, with), (declared, other), argument, remedy) in cases {
        let name = unique("queue");
        raw.declare(&name, is, with).await.unwrap();
        let refused = raw.declare(&name, declared, other).await;
        raw.delete_queue(&name).await;
        let words = refused.map(drop).expect_err(argument);
        let error = told(&words, QUEUE_DECLARE).await;
        let says = format!("inequivalent arg '{argument}'");
        assert_told(&error, OperationRefused, &[&says, &name], &remedy);
    }
}

async fn an_argument_that_cannot_be_is_told() {
    let (mut raw, name) = (Raw::open().await, unique("queue"));
    let never = [("x-expires", Value::Int(0))];
    let words = raw.declare(&name, DURABLE, &never).await.map(drop);
    let error = told(&words.unwrap_err(), QUEUE_DECLARE).await;
    let remedy = ["this version", "rabbit_transient_queues_ttl"];
    assert_told(
        &error,
        OperationRefused,
        &["invalid arg 'x-expires'"],
        &remedy,
    );
}

async fn what_is_not_there_is_told() {
    let (mut raw, name) = (Raw::open().await, unique("gone"));
    let passive = Declared {
        passive: true,
        ..Declared::default()
    };
    let exchange = raw.exchange(&name, "topic", passive).await.unwrap_err();
    let queue = raw
        .declare(&name, passive, &[])
        .await
        .map(drop)
        .unwrap_err();
    let binding = told(&exchange, QUEUE_BIND).await;
    let says = [&*format!("no exchange '{name}'"), "NOT_FOUND"];
    assert_told(&binding, OperationRefused, &says, &["start its server"]);
    let consuming = told(&queue, BASIC_CONSUME).await;
    let says = [&*format!("no queue '{name}'"), "NOT_FOUND"];
    assert_told(&consuming, OperationRefused, &says, &["deletes queues"]);
}

async fn a_stream_without_prefetch_is_told() {
    let (mut raw, name) = (Raw::open().await, unique("stream"));
    let stream = [("x-queue-type", Value::Text("stream"))];
    raw.declare(&name, DURABLE, &stream).await.unwrap();
    let words = raw.keep(&name).await.unwrap_err();
    raw.delete_queue(&name).await;
    let error = told(&words, BASIC_CONSUME).await;
    let remedy = ["rabbit_qos_prefetch_count"];
    assert_told(&error, OperationRefused, &["PRECONDITION_FAILED"], &remedy);
}

/// The error of a server whose broker closes a channel with these words when it gets a method.
async fn told(words: &str, method: Id) -> TransportError {
    let (code, text) = words.split_once(' ').unwrap();
    let (code, text): (_, &'static str) = (code.parse().unwrap(), text.to_owned().leak());
    let scripted = Scripted::start(2047, move |frame| match frame.id() {
        Some(id) if id == method => Answer::CloseChannel(code, text),
        _ => Answer::Good,
    });
    let scripted = scripted.await;
    let transport = transport_at(scripted.port, "");
    let error = start(&transport).await;
    transport.close().await;
    error
}

/// How it is declared, and with which arguments.
type Queue<'a> = (Declared, &'a [(&'a str, Value<'a>)]);

const DURABLE: Declared = Declared {
    passive: false,
    durable: true,
    exclusive: false,
    auto_delete: false,
    internal: false,
};
