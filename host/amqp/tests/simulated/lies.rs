//! A broker that says what makes no sense.

use bytes::BytesMut;
use oslo_amqp::protocol::{FrameKind, Long, Method, Properties, Short};

use crate::broker::ROUTED;
use crate::session::{PROMPT, Pieces, SLOW, Session};
use crate::wire::{body, deliver, frame, header, method, short};

fn opened() -> Session {
    let mut session = Session::new(Pieces::Whole, PROMPT);
    session.pump();
    session.open().unwrap();
    session.pump();
    session
}

#[test]
fn what_makes_no_sense_ends_the_connection_and_is_named() {
    let check = |said: &[Vec<u8>], code: u16, why: &str| {
        let mut session = opened();
        session.declare(1);
        session.publish(1, ROUTED, false, 3);
        for said in said {
            session.broker.say(said);
        }
        session.hear(usize::MAX);
        let ended = session
            .connection
            .ended()
            .unwrap_or_else(|| panic!("{why}"));
        assert_eq!(ended.to_string(), why);
        // Nothing that was said to be not sent is sent after all.
        assert!(format!("{:?}", session.outcomes[&0]).contains("NotSent"));
        assert!(session.answers[&2][0].is_err());
        while session.write(usize::MAX) > 0 {}
        assert!(session.broker.record.is_empty());
        // The broker hears what it has done wrong, and with which method.
        let Some((told, text, method)) = session.broker.told else {
            panic!("{why}: nothing was told")
        };
        assert_eq!((told, text.as_str()), (code, why));
        assert!(code != 503 || method != (0, 0), "{why}");
    };
    let properties = Properties::builder();
    check(
        &[vec![1, 0, 0, 0, 1, 0xff, 0xff]],
        501,
        "a frame of 131071 bytes is larger than the 131072 that were agreed on",
    );
    check(
        &[vec![1, 0, 0, 0, 0, 0, 0, 0]],
        501,
        "a frame does not end where it should",
    );
    check(
        &[vec![4, 0, 0, 0, 0, 0, 0]],
        501,
        "not an AMQP frame: it begins with octet 4",
    );
    check(
        &[frame(FrameKind::Method, 1, &[0, 90, 0, 11])],
        540,
        "method 90.11 is unknown",
    );
    check(
        &[frame(FrameKind::Method, 1, &[0, 60, 0, 71])],
        540,
        "method 60.71 is unknown",
    );
    check(
        &[frame(FrameKind::Method, 1, &[0, 60, 0])],
        502,
        "malformed method: it ends too early",
    );
    check(
        &[frame(FrameKind::Method, 0, &[0, 10, 0, 50, 1])],
        502,
        "malformed connection.close: it ends too early",
    );
    check(
        &[
            deliver(1, 1),
            method(1, &Method::ChannelFlow { active: true }),
        ],
        505,
        "a method came before its content was complete",
    );
    check(
        &[deliver(1, 1), body(1, b"a")],
        505,
        "a content body came without its header",
    );
    check(
        &[header(1, 1, properties)],
        505,
        "a content header came without its method",
    );
    check(
        &[
            deliver(1, 1),
            header(1, 1, properties),
            header(1, 1, properties),
        ],
        505,
        "a content header came without its method",
    );
    check(
        &[deliver(1, 1), header(1, 1, properties), body(1, b"ab")],
        505,
        "a content body is longer than its header says",
    );
    check(
        &[deliver(1, 1), frame(FrameKind::Header, 1, &[0; 11])],
        502,
        "malformed content header: it ends too early",
    );
    check(
        &[deliver(2, 1)],
        503,
        "basic.deliver came on a channel that is not open, where it has no place",
    );
    check(
        &[body(2, b"a")],
        505,
        "content came on a channel that is not open",
    );
    check(
        &[header(0, 1, properties)],
        505,
        "content came on a channel that is not open",
    );
    check(
        &[method(0, &Method::ConnectionUpdateSecretOk {})],
        503,
        "connection.update-secret-ok came on a channel that had not asked for it, where it has no place",
    );
    check(
        &[method(0, &Method::ConnectionCloseOk {})],
        503,
        "connection.close-ok came on the connection, in this state, where it has no place",
    );
    check(
        &[method(0, &Method::BasicQosOk {})],
        503,
        "basic.qos-ok came on the connection, in this state, where it has no place",
    );
    let place = "came on a channel that had not asked for it, where it has no place";
    for answer in [
        Method::ChannelCloseOk {},
        Method::ChannelOpenOk {
            reserved: Long(b""),
        },
        Method::QueueBindOk {},
        Method::ConnectionOpenOk {
            reserved: Short::EMPTY,
        },
        Method::BasicQos {
            prefetch_size: 0,
            prefetch_count: 0,
            global: false,
        },
    ] {
        let why = format!("{} {place}", answer.name());
        check(&[method(1, &answer)], 503, &why);
    }
}

/// What is said in the middle of a frame would be a part of it.
#[test]
fn nothing_is_said_in_the_middle_of_a_frame() {
    for written in [0, 1, 10] {
        let mut session = opened();
        session.publish(1, ROUTED, false, 5_000);
        session.write(written);
        session.broker.say(&body(2, b"a"));
        session.hear(usize::MAX);
        assert!(session.connection.ended().is_some());
        let is_told = written == 0;
        assert_eq!(session.connection.outgoing().is_empty(), !is_told);
        session.pump();
        assert_eq!(session.broker.told.is_some(), is_told, "{written}");
        assert!(session.broker.record.is_empty());
    }
}

#[test]
fn a_handshake_out_of_order_is_refused() {
    let mut session = Session::new(Pieces::Whole, PROMPT);
    session.broker.method(
        0,
        &Method::ConnectionOpenOk {
            reserved: Short::EMPTY,
        },
    );
    session.hear(usize::MAX);
    assert!(session.connection.ended().is_some());
    let mut session = Session::new(Pieces::Whole, PROMPT);
    session.write(usize::MAX);
    session.hear(usize::MAX);
    session.broker.method(
        0,
        &Method::ConnectionSecure {
            challenge: Long(b""),
        },
    );
    session.hear(usize::MAX);
    let ended = session.connection.ended().unwrap().to_string();
    assert_eq!(
        ended,
        "connection.secure came on the connection, in this state, where it has no place"
    );
}

#[test]
fn a_refused_login_is_the_brokers_own_words() {
    let mut session = Session::new(Pieces::Whole, PROMPT);
    session.write(usize::MAX);
    session.hear(usize::MAX);
    session.broker.close(403);
    session.pump();
    assert_eq!(session.connection.ended().unwrap().to_string(), "closed");
    assert_eq!(session.broker.seen.last().unwrap(), "0 connection.close-ok");
    let mut settings = PROMPT;
    settings.mechanisms = "EXTERNAL PLAIN";
    let mut session = Session::new(Pieces::Whole, settings);
    session.pump();
    let ended = session.connection.ended().unwrap().to_string();
    assert_eq!(
        ended,
        "the broker does not offer the login method AMQPLAIN, but EXTERNAL PLAIN"
    );
}

#[test]
fn confirmations_of_what_was_never_sent_harm_nobody() {
    let mut session = Session::new(Pieces::Whole, SLOW);
    session.pump();
    let channel = session.open().unwrap();
    session.publish(channel, ROUTED, true, 1);
    session.pump();
    let ack = |tag, multiple| Method::BasicAck {
        delivery_tag: tag,
        multiple,
    };
    for (tag, multiple) in [(0, false), (2, false), (2, true), (u64::MAX, true)] {
        session.broker.method(channel, &ack(tag, multiple));
        session.pump();
        assert!(session.outcomes.is_empty(), "{tag} {multiple}");
    }
    // A return of something that is none of ours.
    for id in ["", "x", "0", "2", "99999999999999999999"] {
        let returned = Method::BasicReturn {
            reply_code: 312,
            reply_text: short("NO_ROUTE"),
            exchange: Short::EMPTY,
            routing_key: Short::EMPTY,
        };
        session.broker.method(channel, &returned);
        let properties = Properties::builder().message_id(short(id));
        session.broker.say(&header(channel, 0, properties));
    }
    session.broker.method(channel, &ack(0, true));
    session.pump();
    assert_eq!(
        session.log.last().unwrap(),
        "Settled { publish: 0, outcome: Confirmed }"
    );
    assert_eq!(session.connection.ended(), None);
}

#[test]
fn what_is_promised_is_not_made_room_for() {
    let mut session = Session::new(Pieces::Whole, PROMPT);
    session.pump();
    let mut buffer = BytesMut::new();
    for size in [1 << 63, u64::MAX, 128 * 1024 * 1024] {
        let channel = session.open().unwrap();
        session.pump();
        buffer.extend(deliver(channel, 1));
        buffer.extend(header(channel, size, Properties::builder()));
        for _ in 0..10 {
            buffer.extend(body(channel, &[1; 1000]));
        }
    }
    session
        .connection
        .receive(session.now, &mut buffer)
        .unwrap();
    assert!(session.connection.poll_event().is_none());
    assert!(buffer.is_empty());
}
