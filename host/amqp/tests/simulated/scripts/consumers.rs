//! Scripts of a consumer's side: questions, and deliveries put together out of frames.

use oslo_amqp::protocol::{Long, Method, Never, Properties, RawTable, Reserved, Short};

use super::always;
use crate::session::PROMPT;
use crate::wire::{body, deliver, header, short};

#[test]
fn questions_are_answered_in_their_order() {
    let told = always(&PROMPT, |session| {
        let channel = session.open().unwrap();
        session.declare(channel);
        let (reserved, arguments) = (Reserved, RawTable::default());
        let (queue, exchange, routing_key) = (short("q"), short("e"), short("k"));
        let no_wait = Never;
        for method in [
            Method::ExchangeDeclare {
                reserved,
                exchange,
                kind: short("topic"),
                passive: true,
                durable: false,
                auto_delete: false,
                internal: false,
                no_wait,
                arguments,
            },
            Method::QueueBind {
                reserved,
                queue,
                exchange,
                routing_key,
                no_wait,
                arguments,
            },
            Method::BasicQos {
                prefetch_size: 0,
                prefetch_count: 10,
                global: false,
            },
            Method::BasicConsume {
                reserved,
                queue,
                consumer_tag: short("tag"),
                no_local: false,
                no_ack: false,
                exclusive: true,
                no_wait,
                arguments,
            },
            Method::BasicCancel {
                consumer_tag: short("tag"),
                no_wait: false,
            },
        ] {
            assert!(session.request(channel, &method));
        }
        let secret = Long(b"secret");
        let reason = Short::EMPTY;
        session.request(0, &Method::ConnectionUpdateSecret { secret, reason });
    });
    let answers = [
        "Done",
        "Done",
        "Queue { name: \"queue\", messages: 3, consumers: 4 }",
        "Done",
        "Done",
        "Done",
        "Consumer([116, 97, 103])",
        "Done",
        "Done",
    ];
    let expected = answers
        .into_iter()
        .zip([1, 1, 1, 1, 1, 1, 1, 1, 0])
        .zip(0..);
    let expected = expected.map(|((answer, channel), request)| {
        format!("Answered {{ channel: {channel}, request: {request}, answer: Ok({answer}) }}")
    });
    assert_eq!(told[1..], expected.collect::<Vec<_>>());
}

#[test]
fn deliveries_are_put_together_while_others_come() {
    let told = always(&PROMPT, |session| {
        let (first, second) = (session.open().unwrap(), session.open().unwrap());
        session.pump();
        let properties = Properties::builder;
        for bytes in [
            deliver(first, 1),
            header(first, 0, properties()),
            deliver(first, 2),
            deliver(second, 1),
            header(second, 5, properties()),
            header(first, 3, properties()),
            body(second, b"ab"),
            body(first, b"one"),
            deliver(first, 3),
            body(second, b""),
            body(second, b"cde"),
            header(first, 91, properties()),
            deliver(second, 2),
            body(first, &[7; 90]),
            header(second, 2, properties()),
            body(first, &[7]),
            body(second, b"ok"),
        ] {
            session.broker.say(&bytes);
        }
        session.pump();
        let tags = session.delivered.iter().map(|(channel, delivery)| {
            (
                *channel,
                delivery.tag,
                delivery.is_cut(),
                delivery.redelivered(),
            )
        });
        let expected = [
            (1, 1, false, false),
            (1, 2, false, true),
            (2, 1, false, false),
            (1, 3, true, false),
            (2, 2, false, true),
        ];
        assert_eq!(tags.collect::<Vec<_>>(), expected);
    });
    let route = "(\"exchange\", \"key\")";
    // The frames at the end of one that is too large.
    let cut = "\\x07".repeat(91);
    let expected = [
        format!("Delivered 1: 1 of 0 bytes, {route}, b\"\""),
        format!("Delivered 1: 2 of 3 bytes, {route}, b\"one\""),
        format!("Delivered 2: 1 of 5 bytes, {route}, b\"abcde\""),
        format!("Delivered 1: 3 of 91 bytes, {route}, b\"{cut}\""),
        format!("Delivered 2: 2 of 2 bytes, {route}, b\"ok\""),
    ];
    assert_eq!(told[5..], expected);
}
