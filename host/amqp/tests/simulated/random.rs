//! Random scripts: each message and each request comes back exactly once, and what is said of it is
//! what the broker did.

use oslo_amqp::protocol::{ConnectionError, Ended, Long, Method, Outcome, Properties};
use proptest::prelude::*;

use crate::broker::{MISSING, ROUTED, Settings, UNROUTABLE};
use crate::session::{PROMPT, Pieces, SLOW, Session};
use crate::wire::{body, deliver, header, short};

#[derive(Clone, Debug)]
enum Step {
    BrokerCloses,
    CloseChannel(u16),
    CloseConnection,
    Declare(u16),
    Deliver(u16, usize),
    Open,
    Publish(u16, &'static str, bool, usize),
    Refuse(u16),
    Settle(u16, usize, bool, bool),
    ToBroker(usize),
    ToClient(usize),
    UpdateSecret,
}

fn step() -> impl Strategy<Value = Step> {
    let channel = || 1..4_u16;
    let exchange = prop_oneof![12 => Just(ROUTED), 6 => Just(UNROUTABLE), 1 => Just(MISSING)];
    let size = prop_oneof![8 => 0..20_usize, 1 => Just(5_000), 1 => Just(10_000)];
    let settle = (channel(), 0..8_usize, any::<bool>(), any::<bool>());
    let publish = (channel(), exchange, any::<bool>(), size);
    prop_oneof![
        1 => Just(Step::BrokerCloses),
        4 => channel().prop_map(Step::CloseChannel),
        1 => Just(Step::CloseConnection),
        8 => channel().prop_map(Step::Declare),
        8 => (channel(), 0..6_000_usize).prop_map(|(number, size)| Step::Deliver(number, size)),
        12 => Just(Step::Open),
        60 => publish.prop_map(|(number, exchange, mandatory, size)| {
            Step::Publish(number, exchange, mandatory, size)
        }),
        2 => channel().prop_map(Step::Refuse),
        30 => settle.prop_map(|(number, which, multiple, acked)| {
            Step::Settle(number, which, multiple, acked)
        }),
        30 => prop_oneof![0..200_usize, Just(usize::MAX)].prop_map(Step::ToBroker),
        30 => prop_oneof![0..200_usize, Just(usize::MAX)].prop_map(Step::ToClient),
        2 => Just(Step::UpdateSecret),
    ]
}

fn run(session: &mut Session, step: &Step) {
    match *step {
        Step::BrokerCloses => session.broker.close(320),
        Step::CloseChannel(number) => session.connection.close_channel(number),
        Step::CloseConnection => session.connection.close(),
        Step::Declare(number) => drop(session.declare(number)),
        Step::Deliver(number, size) => {
            if session.broker.has_open(number) {
                let properties = Properties::builder().message_id(short("1"));
                session.broker.say(&deliver(number, 1));
                session.broker.say(&header(number, size as u64, properties));
                for part in vec![0xce; size].chunks(4_000) {
                    session.broker.say(&body(number, part));
                }
            }
        }
        Step::Open => drop(session.open()),
        Step::Publish(number, exchange, mandatory, size) => {
            session.publish(number, exchange, mandatory, size);
        }
        Step::Refuse(number) => {
            if session.broker.has_open(number) {
                session.broker.refuse(number, 406, (50, 10));
            }
        }
        Step::Settle(number, which, multiple, acked) => {
            if session.broker.has_open(number) {
                let mut unsettled = session.broker.channels[&number].unsettled.keys();
                if let Some(tag) = unsettled.nth(which).copied() {
                    session.broker.settle(number, tag, multiple, acked);
                }
            }
        }
        Step::ToBroker(most) => drop(session.write(most)),
        Step::ToClient(most) => drop(session.hear(most)),
        Step::UpdateSecret => {
            let secret = Long(b"secret");
            let reason = short("");
            session.request(0, &Method::ConnectionUpdateSecret { secret, reason });
        }
    }
}

/// Whether what was said of every message is true.
pub(crate) fn check(session: &Session) {
    assert_eq!(session.outcomes.len() as u64, session.taken.0);
    assert_eq!(session.answers.len() as u64, session.taken.1);
    assert!(session.answers.values().all(|answers| answers.len() == 1));
    for (id, outcomes) in &session.outcomes {
        let [(outcome, received)] = &outcomes[..] else {
            panic!("{id}: {outcomes:?}")
        };
        let record = session.broker.record.get(id).cloned().unwrap_or_default();
        let said = record.said.filter(|(_, at)| at <= received);
        let said = said.map(|(acked, _)| acked);
        let is_true = match outcome {
            Outcome::Confirmed => said == Some(true) && !record.returned,
            Outcome::Nacked => said == Some(false) && !record.returned,
            Outcome::NotRouted(_) => !record.routed,
            Outcome::NotSent(Ended::Channel(_) | Ended::ChannelByUs) => {
                // What still came to the broker came to a channel that was closed.
                !record.routed && !record.returned && record.said.is_none()
            }
            Outcome::NotSent(Ended::Connection(_)) => !record.whole,
            // Nothing is taken without a channel, nor with a long name.
            Outcome::NotSent(Ended::NoChannel | Ended::LongName { .. }) => false,
            Outcome::Returned => record.returned,
            Outcome::Unknown(_) => said.is_none() && (record.whole || session.broker.has_closed),
        };
        assert!(is_true, "{id}: {outcome:?} by {received}, but {record:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("OSLO_FUZZ_RUNS").map_or(1_000, |runs| runs.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_the_truth_is_told_once(
        steps in prop::collection::vec(step(), 1..150),
        seed in any::<u64>(),
        prompt in any::<bool>(),
        hasty in any::<bool>(),
        drains in any::<bool>(),
    ) {
        let pieces = Pieces::Random(fastrand::Rng::with_seed(seed));
        let settings = Settings { prompt, hasty, frame_max: 4096, ..SLOW };
        let mut session = Session::new(Pieces::Whole, settings);
        session.pump();
        prop_assert!(session.open().is_some());
        session.cut(pieces);
        for step in &steps {
            run(&mut session, step);
        }
        if drains {
            session.pump();
        }
        session.lost();
        // A driver may write what waits, for the sake of an answer to the broker's close.
        while session.write(usize::MAX) > 0 {}
        check(&session);
        let ended = session.connection.ended();
        let expected = ended.is_some_and(|why| matches!(
            **why,
            ConnectionError::Closed(_) | ConnectionError::ClosedByUs | ConnectionError::NoFrameEnd
        ));
        prop_assert!(expected, "{ended:?}");
    }
}

#[test]
fn a_connection_is_lost_at_every_byte() {
    let begin = |at: u64| {
        let mut session = Session::new(Pieces::Whole, PROMPT);
        session.pump();
        let channels = [session.open().unwrap(), session.open().unwrap()];
        session.pump();
        for size in [0, 1, 30] {
            for channel in channels {
                session.publish(channel, ROUTED, true, size);
                session.publish(channel, UNROUTABLE, true, size);
            }
        }
        session.connection.close();
        let all = session.connection.outgoing().len() as u64;
        let mut left = at;
        while left > 0 {
            left -= session.write(usize::try_from(left).unwrap()) as u64;
        }
        (session, all)
    };
    let (_, all) = begin(0);
    let mut told = std::collections::BTreeSet::new();
    for at in 0..=all {
        for hears in [false, true] {
            let (mut session, _) = begin(at);
            if hears {
                session.hear(usize::MAX);
            }
            session.lost();
            while session.write(usize::MAX) > 0 {}
            check(&session);
            let outcomes = session.outcomes.values().flatten();
            told.extend(
                outcomes
                    .map(|(outcome, _)| format!("{outcome:?}").chars().take(7).collect::<String>()),
            );
        }
    }
    assert_eq!(
        told.into_iter().collect::<Vec<_>>(),
        ["Confirm", "NotSent", "Returne", "Unknown"]
    );
}
