//! Fixed scripts, each with its bytes cut at every position and into random pieces: what is told is
//! always the same.

mod consumers;

use std::collections::BTreeSet;

use oslo_amqp::protocol::Method;

use crate::broker::{MISSING, ROUTED, Settings, UNROUTABLE};
use crate::random::check;
use crate::session::{PROMPT, Pieces, SLOW, Session};
use crate::wire::short;

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
