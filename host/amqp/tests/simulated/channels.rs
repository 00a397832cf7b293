//! Channels: their numbers, and what is true while they close.

use bytes::Bytes;
use oslo_amqp::protocol::{
    Long, Method, Never, Outcome, Properties, Publish, RawTable, Reserved, Table,
};

use crate::broker::{ROUTED, UNROUTABLE};
use crate::session::{PROMPT, Pieces, SLOW, Session};
use crate::wire::{body, deliver, header, short};

fn opened(settings: crate::broker::Settings) -> Session {
    let mut session = Session::new(Pieces::Whole, settings);
    session.pump();
    session
}

#[test]
fn there_are_as_many_channels_as_agreed_on() {
    let mut settings = PROMPT;
    settings.channel_max = 3;
    let mut session = opened(settings);
    let numbers: Vec<_> = (0..5).map(|_| session.open()).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), None, None]);
    session.pump();
    session.connection.close_channel(2);
    // The broker has not answered yet.
    assert_eq!(session.open(), None);
    session.write(usize::MAX);
    assert_eq!(session.open(), None);
    session.pump();
    assert_eq!(session.open(), Some(2));
}

#[test]
fn every_number_there_is_can_be_used() {
    let mut settings = PROMPT;
    settings.channel_max = 0;
    let mut session = Session::with(Pieces::Whole, settings, |config| {
        config.channel_max = u16::MAX;
    });
    session.broker.settings.channel_max = u16::MAX;
    session.pump();
    for number in 1..=u16::MAX {
        assert_eq!(session.connection.open_channel(0), Ok(number));
    }
    assert_eq!(session.connection.open_channel(7), Err(7));
}

#[test]
fn a_question_about_the_connection_takes_no_channel_from_anybody() {
    let mut session = opened(SLOW);
    let channel = session.open().unwrap();
    session.publish(channel, ROUTED, false, 1);
    let update = Method::ConnectionUpdateSecret {
        secret: Long(b"secret"),
        reason: short("expired"),
    };
    assert!(session.request(0, &update));
    session.pump();
    assert_eq!(session.open(), Some(2));
    assert_eq!(session.open(), Some(3));
    session.broker.settle(channel, 1, false, true);
    session.pump();
    assert_eq!(session.outcomes[&0][0].0, Outcome::Confirmed);
    // It is no channel that could be closed.
    session.connection.close_channel(0);
    session.lost();
    assert!(
        !session
            .log
            .iter()
            .any(|told| told.contains("channel: 0,") && told.starts_with("ChannelEnded"))
    );
}

#[test]
fn both_sides_may_close_a_channel_at_once() {
    let mut session = opened(SLOW);
    let channel = session.open().unwrap();
    session.pump();
    session.publish(channel, ROUTED, false, 1);
    session.write(usize::MAX);
    session.broker.refuse(channel, 406, (50, 10));
    session.connection.close_channel(channel);
    session.hear(usize::MAX);
    // The broker has yet to answer our own close.
    assert_eq!(session.open(), Some(2));
    session.pump();
    assert_eq!(session.connection.ended(), None);
    assert_eq!(session.outcomes[&0].len(), 1);
    let ended = session
        .log
        .iter()
        .find(|told| told.starts_with("ChannelEnded"));
    assert!(ended.unwrap().contains("code: 406"), "{ended:?}");
    assert_eq!(session.open(), Some(1));
    session.pump();
    assert_eq!(session.connection.ended(), None);
}

#[test]
fn what_the_broker_says_of_messages_counts_while_we_close() {
    let mut session = opened(SLOW);
    let channel = session.open().unwrap();
    session.publish(channel, UNROUTABLE, true, 1);
    session.publish(channel, ROUTED, true, 1);
    session.write(usize::MAX);
    session.broker.settle(channel, 2, true, true);
    session.connection.close_channel(channel);
    session.pump();
    assert_eq!(session.outcomes[&0][0].0, Outcome::Returned);
    assert_eq!(session.outcomes[&1][0].0, Outcome::Confirmed);
}

#[test]
fn a_channel_may_be_closed_within_a_delivery() {
    let mut session = opened(SLOW);
    let channel = session.open().unwrap();
    session.publish(channel, ROUTED, false, 1);
    session.pump();
    let properties = Properties::builder();
    session.broker.say(&deliver(channel, 1));
    session.broker.say(&header(channel, 4, properties));
    session.broker.say(&body(channel, b"ab"));
    session.hear(usize::MAX);
    session.connection.close_channel(channel);
    session.broker.say(&body(channel, b"cd"));
    session.broker.settle(channel, 1, false, true);
    session.pump();
    assert_eq!(session.connection.ended(), None);
    assert_eq!(session.outcomes[&0][0].0, Outcome::Confirmed);
    assert!(session.delivered.is_empty());
}

#[test]
fn a_channel_that_closes_takes_nothing() {
    let mut session = opened(SLOW);
    let channel = session.open().unwrap();
    assert!(session.connection.may_publish(channel));
    session.connection.close_channel(channel);
    session.connection.close_channel(channel);
    assert!(!session.connection.may_publish(channel));
    assert!(!session.declare(channel));
    session.publish(channel, ROUTED, false, 1);
    assert_eq!(session.taken.0, 0);
    session.pump();
    let closes = session
        .broker
        .seen
        .iter()
        .filter(|seen| *seen == "1 channel.close");
    assert_eq!(closes.count(), 1);
    assert!(!session.connection.may_publish(channel));
}

#[test]
fn what_does_not_fit_into_a_frame_is_refused_and_nothing_of_it_sent() {
    let mut session = opened(PROMPT);
    let channel = session.open().unwrap();
    session.pump();
    let mut messages = 0;
    // Beside the text: a frame's own 8 bytes, the method's 13, the entry's 7.
    let most = 131_072 - 8 - 13 - 7;
    for (length, fits) in [(most, true), (most + 1, false)] {
        let headers = Table::new().with("a", &*"x".repeat(length));
        let entries = headers.encode();
        let before = session.connection.outgoing().position();
        let taken = session.request(channel, &declare(&entries));
        assert_eq!(taken, fits, "{}", entries.len());
        assert_eq!(session.connection.outgoing().position() > before, fits);
        let message = |headers| Publish {
            exchange: short(ROUTED),
            routing_key: short("0"),
            mandatory: true,
            properties: Properties::builder().headers(headers),
            body: Bytes::from_static(b"body"),
        };
        let before = session.connection.outgoing().position();
        let larger = Table::new().with("a", &*"x".repeat(140_000));
        let refused = session.connection.publish(channel, message(&larger), 7);
        assert_eq!(refused, Err(7));
        assert_eq!(session.connection.outgoing().position(), before);
        session.publish(channel, ROUTED, true, 4);
        messages += 1;
        session.pump();
        assert_eq!(session.outcomes.len(), messages);
    }
    assert_eq!(session.connection.ended(), None);
}

fn declare(arguments: &[u8]) -> Method<'_> {
    Method::QueueDeclare {
        reserved: Reserved,
        queue: short("q"),
        passive: false,
        durable: false,
        exclusive: false,
        auto_delete: false,
        no_wait: Never,
        arguments: RawTable::new(arguments),
    }
}
