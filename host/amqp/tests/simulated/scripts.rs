//! Fixed scripts, each with its bytes cut at every position and into random pieces: what is told is
//! always the same.

use std::collections::BTreeSet;

use oslo_amqp::protocol::{Long, Method, Properties, RawTable, Reserved, Short};

use crate::broker::{MISSING, ROUTED, Settings, UNROUTABLE};
use crate::random::check;
use crate::session::{PROMPT, Pieces, SLOW, Session};
use crate::wire::{body, deliver, header, short};

fn always(settings: &Settings, script: fn(&mut Session)) -> Vec<String> {
    let run = |pieces| {
        let mut session = Session::with(pieces, settings.clone(), |config| {
            config.message_max = 90;
        });
        session.pump();
        script(&mut session);
        session.pump();
        let told = session.log.clone();
        session.lost();
        check(&session);
        (told, session.sent.max(session.received))
    };
    let (told, length) = run(Pieces::Whole);
    for cut in 1..length {
        assert_eq!(run(Pieces::At(cut)).0, told, "cut at {cut}");
    }
    for seed in 0..100 {
        let random = fastrand::Rng::with_seed(seed);
        assert_eq!(run(Pieces::Random(random)).0, told, "seed {seed}");
    }
    told
}

fn outcomes(told: &[String]) -> Vec<String> {
    let settled = told
        .iter()
        .filter_map(|told| told.strip_prefix("Settled { publish: "));
    let cut = settled.map(|told| told.replace(" outcome: ", " "));
    cut.map(|told| told.split(['(', ' ']).take(2).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn a_handshake_ends_in_what_was_agreed_on() {
    let mut settings = PROMPT;
    (settings.channel_max, settings.frame_max, settings.heartbeat) = (100, 8192, 10);
    let told = always(&settings, |_| ());
    let agreed = "Agreed { channel_max: 100, frame_max: 8192, heartbeat: 10 }";
    assert_eq!(told, [format!("Opened({agreed})")]);
}

#[test]
fn confirms_and_returns_find_their_messages() {
    let told = always(&SLOW, |session| {
        let (first, second) = (session.open().unwrap(), session.open().unwrap());
        for (channel, exchange, mandatory) in [
            (first, ROUTED, true),
            (second, UNROUTABLE, true),
            (first, UNROUTABLE, false),
            (first, UNROUTABLE, true),
            (second, ROUTED, false),
            (first, ROUTED, true),
            (second, ROUTED, true),
            (first, ROUTED, false),
        ] {
            session.publish(channel, exchange, mandatory, 10);
        }
        session.pump();
        session.broker.settle(second, 2, false, false);
        session.broker.settle(first, 2, false, true);
        session.broker.settle(first, 4, true, true);
        session.broker.settle(second, 3, true, true);
        session.pump();
        assert_eq!(session.connection.unconfirmed(first), 1);
        assert_eq!(session.connection.unconfirmed(second), 0);
    });
    let expected = [
        "4, Nacked",
        "2, Confirmed",
        "0, Confirmed",
        "3, Returned",
        "5, Confirmed",
        "1, Returned",
        "6, Confirmed",
    ];
    assert_eq!(outcomes(&told), expected);
}

fn refused(session: &mut Session) {
    let channel = session.open().unwrap();
    session.pump();
    session.publish(channel, ROUTED, false, 10);
    session.publish(channel, MISSING, false, 10);
    session.pump();
    assert_eq!(session.open(), Some(channel));
    session.pump();
}

#[test]
fn what_a_refused_message_proves() {
    let told = always(&SLOW, refused);
    assert!(told[3].starts_with("Settled { publish: 0, outcome: Unknown(Channel("));
    assert!(told[4].starts_with("Settled { publish: 1, outcome: NotRouted("));
    assert!(told[5].starts_with("ChannelEnded { channel: 1, why: Channel("));
}

/// What is known then depends on how much of it had been sent, but it is always true.
#[test]
fn a_message_may_be_refused_by_its_beginning() {
    let hasty = Settings {
        hasty: true,
        ..SLOW
    };
    let mut told = BTreeSet::new();
    for cut in 0..600 {
        let mut session = Session::new(Pieces::At(cut), hasty.clone());
        session.pump();
        refused(&mut session);
        session.lost();
        check(&session);
        let outcomes = [0, 1].map(|id| format!("{:?}", session.outcomes[&id][0].0));
        told.insert(outcomes.map(|outcome| outcome.split('(').next().unwrap().to_owned()));
    }
    let expected = [["Unknown", "NotRouted"], ["Unknown", "NotSent"]];
    assert_eq!(told, expected.map(|pair| pair.map(str::to_owned)).into());
}

#[test]
fn questions_are_answered_in_their_order() {
    let told = always(&PROMPT, |session| {
        let channel = session.open().unwrap();
        session.declare(channel);
        let (reserved, arguments) = (Reserved, RawTable::default());
        let (queue, exchange, routing_key) = (short("q"), short("e"), short("k"));
        let no_wait = false;
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
                no_wait,
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
    let expected = [
        format!("Delivered 1: 1 of 0 bytes, {route}, b\"\""),
        format!("Delivered 1: 2 of 3 bytes, {route}, b\"one\""),
        format!("Delivered 2: 1 of 5 bytes, {route}, b\"abcde\""),
        format!("Delivered 1: 3 of 91 bytes, {route}, b\"\""),
        format!("Delivered 2: 2 of 2 bytes, {route}, b\"ok\""),
    ];
    assert_eq!(told[5..], expected);
}

#[test]
fn the_broker_may_ask_for_a_pause_and_end_a_consumer() {
    let told = always(&PROMPT, |session| {
        let channel = session.open().unwrap();
        session.pump();
        let reason = short("low on memory");
        session
            .broker
            .method(0, &Method::ConnectionBlocked { reason });
        session.broker.method(0, &Method::ConnectionUnblocked {});
        session
            .broker
            .method(channel, &Method::ChannelFlow { active: false });
        session.pump();
        assert!(!session.connection.may_publish(channel));
        session
            .broker
            .method(channel, &Method::ChannelFlow { active: true });
        for no_wait in [true, false] {
            let consumer_tag = short("tag");
            session.broker.method(
                channel,
                &Method::BasicCancel {
                    consumer_tag,
                    no_wait,
                },
            );
        }
        session.pump();
        assert!(session.connection.may_publish(channel));
        let seen = &session.broker.seen;
        assert_eq!(
            seen[seen.len() - 3..],
            [
                "1 channel.flow-ok",
                "1 channel.flow-ok",
                "1 basic.cancel-ok"
            ]
        );
    });
    let expected = [
        "Blocked(\"low on memory\")",
        "Unblocked",
        "Cancelled { channel: 1 }",
        "Cancelled { channel: 1 }",
    ];
    assert_eq!(told[3..], expected);
}

#[test]
fn a_connection_is_closed_by_either_side() {
    let told = always(&PROMPT, |session| {
        let channel = session.open().unwrap();
        session.pump();
        session.publish(channel, ROUTED, true, 10);
        session.connection.close();
        session.publish(channel, ROUTED, true, 10);
        assert_eq!(session.taken.0, 1);
        session.pump();
        assert_eq!(
            session.connection.ended().unwrap().to_string(),
            "closed by us"
        );
    });
    assert_eq!(told[3], "Settled { publish: 0, outcome: Confirmed }");
    assert_eq!(
        told[4],
        "ChannelEnded { channel: 1, why: Connection(ClosedByUs) }"
    );
    let told = always(&SLOW, |session| {
        let channel = session.open().unwrap();
        session.publish(channel, ROUTED, true, 10);
        session.declare(channel);
        session.pump();
        session.broker.close(320);
        session.pump();
        assert_eq!(session.connection.ended().unwrap().to_string(), "closed");
        assert_eq!(session.broker.seen.last().unwrap(), "0 connection.close-ok");
    });
    assert!(told[4].starts_with("Settled { publish: 0, outcome: Unknown(Connection(Closed("));
    assert!(told[5].starts_with("ChannelEnded { channel: 1, why: Connection(Closed("));
}
