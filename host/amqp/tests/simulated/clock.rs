//! Heartbeats by a simulated clock.

use std::time::Duration;

use oslo_amqp::protocol::{ConnectionError, FrameKind};

use crate::broker::{ROUTED, Settings};
use crate::session::{PROMPT, Pieces, SLOW, Session};
use crate::wire::frame;

const SECOND: Duration = Duration::from_secs(1);

fn opened(heartbeat: u16) -> Session {
    let settings = Settings { heartbeat, ..SLOW };
    let mut session = Session::new(Pieces::Whole, settings);
    session.pump();
    session
}

fn beat(session: &mut Session) {
    session.broker.say(&frame(FrameKind::Heartbeat, 0, b""));
    session.pump();
}

#[test]
fn there_is_no_heartbeat_before_it_is_agreed_on() {
    let mut session = Session::new(Pieces::Whole, PROMPT);
    assert_eq!(session.connection.next_timeout(), None);
    session.write(usize::MAX);
    session.hear(usize::MAX);
    assert_eq!(session.connection.next_timeout(), None);
    session.pass(3600 * SECOND);
    session.connection.handle_timeout(session.now).unwrap();
    session.pump();
    assert!(session.connection.next_timeout().is_some());
    assert_eq!(session.broker.heartbeats, 0);
}

#[test]
fn there_is_none_when_one_side_wants_none() {
    let mut session = Session::with(Pieces::Whole, PROMPT, |config| {
        config.heartbeat = Duration::ZERO;
    });
    session.pump();
    assert_eq!(session.connection.next_timeout(), None);
    session.pass(3600 * SECOND);
    assert_eq!(session.connection.ended(), None);
    assert_eq!(session.broker.heartbeats, 0);
}

#[test]
fn one_is_sent_after_half_the_time() {
    let mut session = opened(10);
    for second in 1..=60 {
        session.pass(SECOND);
        beat(&mut session);
        assert_eq!(session.broker.heartbeats, second / 5, "after {second} s");
    }
}

#[test]
fn the_broker_is_never_left_without_a_sign_for_longer_than_agreed() {
    for seed in 0..20 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut session = opened(10);
        let channel = session.open().unwrap();
        session.pump();
        let mut last = (session.sent, session.now);
        for _ in 0..2_000 {
            session.pass(Duration::from_millis(random.u64(..1_500)));
            beat(&mut session);
            if random.u8(..8) == 0 {
                session.publish(channel, ROUTED, false, 1);
                session.pump();
            }
            if session.sent > last.0 {
                last = (session.sent, session.now);
            }
            let gap = session.now - last.1;
            assert!(gap <= 10 * SECOND, "seed {seed}: {gap:?}");
        }
        assert_eq!(session.connection.ended(), None);
    }
}

#[test]
fn a_silent_broker_is_dead_after_two() {
    let mut session = opened(10);
    let channel = session.open().unwrap();
    session.pump();
    session.publish(channel, ROUTED, false, 1);
    session.pass(20 * SECOND - Duration::from_millis(1));
    assert_eq!(session.connection.ended(), None);
    session.pass(Duration::from_millis(1));
    let ended = session.connection.ended().unwrap();
    assert_eq!(**ended, ConnectionError::HeartbeatMissed { seconds: 20 });
    assert_eq!(session.outcomes[&0].len(), 1);
    assert_eq!(session.connection.next_timeout(), None);
    session.connection.handle_timeout(session.now).unwrap();
}

#[test]
fn any_byte_is_a_sign_of_life() {
    let mut session = opened(10);
    let slow = frame(FrameKind::Heartbeat, 0, &[0; 40]);
    for octet in slow {
        session.pass(19 * SECOND);
        session.broker.say(&[octet]);
        session.pump();
    }
    assert_eq!(session.connection.ended(), None);
}

#[test]
fn heartbeats_do_not_pile_up_before_a_socket_that_takes_nothing() {
    let mut session = opened(10);
    for _ in 0..100 {
        session.now += 5 * SECOND;
        session.broker.say(&frame(FrameKind::Heartbeat, 0, b""));
        session.hear(usize::MAX);
        session.connection.handle_timeout(session.now).unwrap();
    }
    assert_eq!(session.connection.outgoing().len(), 8);
}

#[test]
fn a_clock_that_stands_still_or_jumps_harms_nothing() {
    let mut session = opened(u16::MAX);
    let begin = session.now;
    for _ in 0..3 {
        session.connection.handle_timeout(begin).unwrap();
    }
    session.now += Duration::from_secs(60 * 60 * 24 * 365 * 10);
    assert!(session.connection.handle_timeout(session.now).is_err());
}
