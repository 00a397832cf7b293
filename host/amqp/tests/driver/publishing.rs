//! What becomes of messages, and of the room they take.

use std::sync::Arc;

use bytes::BytesMut;
use oslo_amqp::driver::{Channel, Connection, State};
use oslo_amqp::protocol::{Method, Outcome, Short};
use tokio::io::duplex;
use tokio::join;
use tokio::task::{JoinHandle, yield_now};

use super::peer::{Peer, config, connect, message, put_method, waits};

/// Publishes and does not wait.
async fn publish(connection: &Connection, channel: &Channel, size: usize) -> JoinHandle<Outcome> {
    let room = connection.room(0).await;
    let channel = channel.clone();
    let published = tokio::spawn(async move { channel.publish(message(size), room).await });
    yield_now().await;
    published
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_withdrawn_is_never_sent() {
    let (connection, mut peer) = connect(1024, 1 << 30).await;
    let channel = peer.confirming(&connection).await;
    // As much as is put into the stream ahead of the socket.
    let first = publish(&connection, &channel, 300_000).await;
    let second = publish(&connection, &channel, 20).await;
    let third = publish(&connection, &channel, 30).await;
    second.abort();
    assert!(second.await.unwrap_err().is_cancelled());
    assert_eq!(peer.hear_message().await.len(), 300_000);
    assert_eq!(peer.hear_message().await.len(), 30);
    peer.hears_nothing().await;
    let ack = Method::BasicAck {
        delivery_tag: 2,
        multiple: true,
    };
    peer.say(1, &ack).await;
    assert_eq!(first.await.unwrap(), Outcome::Confirmed);
    assert_eq!(third.await.unwrap(), Outcome::Confirmed);
}

#[tokio::test(start_paused = true)]
async fn what_comes_with_the_last_word_of_the_handshake_counts_at_once() {
    let (near, far) = duplex(1 << 16);
    let mut peer = Peer::new(far);
    let broker = async {
        peer.tunes().await;
        let mut words = BytesMut::new();
        let (reserved, reason) = (Short::EMPTY, Short::new("memory").unwrap());
        for method in [
            Method::ConnectionOpenOk { reserved },
            Method::ConnectionBlocked { reason },
        ] {
            put_method(&mut words, 0, &method);
        }
        peer.write(&words).await;
        peer
    };
    let (connection, mut peer) = join!(Connection::open(near, config(), 1 << 20), broker);
    let connection = connection.unwrap();
    waits(connection.ended()).await;
    assert!(matches!(&*connection.state().borrow(), State::Blocked(reason) if reason == "memory"));
    let channel = peer.confirming(&connection).await;
    let published = publish(&connection, &channel, 10).await;
    peer.hears_nothing().await;
    peer.say(0, &Method::ConnectionUnblocked {}).await;
    assert_eq!(peer.hear_message().await.len(), 10);
    published.abort();
}

#[tokio::test(start_paused = true)]
async fn a_blocked_connection_sends_what_is_still_wanted_when_it_is_unblocked() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let channel = peer.confirming(&connection).await;
    let reason = Short::new("memory").unwrap();
    peer.say(0, &Method::ConnectionBlocked { reason }).await;
    waits(connection.ended()).await;
    let first = publish(&connection, &channel, 10).await;
    let second = publish(&connection, &channel, 20).await;
    peer.hears_nothing().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    peer.say(0, &Method::ConnectionUnblocked {}).await;
    assert_eq!(peer.hear_message().await.len(), 20);
    peer.hears_nothing().await;
    drop(peer);
    assert!(matches!(second.await.unwrap(), Outcome::Unknown(_)));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_given_to_the_socket_whole_was_not_sent() {
    let (connection, mut peer) = connect(1024, 1 << 20).await;
    let channel = peer.confirming(&connection).await;
    let whole = publish(&connection, &channel, 100).await;
    let in_parts = publish(&connection, &channel, 5_000).await;
    let behind = publish(&connection, &channel, 10).await;
    waits(connection.flush()).await;
    drop(peer);
    assert!(matches!(whole.await.unwrap(), Outcome::Unknown(_)));
    assert!(matches!(in_parts.await.unwrap(), Outcome::NotSent(_)));
    assert!(matches!(behind.await.unwrap(), Outcome::NotSent(_)));
    let late = publish(&connection, &channel, 10).await;
    assert!(matches!(late.await.unwrap(), Outcome::NotSent(_)));
    assert!(!connection.works());
}

#[tokio::test(start_paused = true)]
async fn room_is_given_back_when_the_broker_has_the_message_and_no_earlier() {
    let (connection, mut peer) = connect(1 << 16, 100).await;
    let channel = peer.confirming(&connection).await;
    for is_dropped in [false, true] {
        let room = connection.room(60).await;
        let published = tokio::spawn({
            let channel = channel.clone();
            async move { channel.publish(message(60), room).await }
        });
        assert_eq!(peer.hear_message().await.len(), 60);
        if is_dropped {
            published.abort();
            assert!(published.await.unwrap_err().is_cancelled());
        }
        waits(connection.room(60)).await;
        let ack = Method::BasicAck {
            delivery_tag: 1 + u64::from(is_dropped),
            multiple: false,
        };
        peer.say(1, &ack).await;
        drop(connection.room(60).await);
    }
    // What is larger than everything waits until it is alone.
    let small = connection.room(1).await;
    waits(connection.room(1_000)).await;
    drop(small);
    drop(connection.room(1_000).await);
}

#[tokio::test(start_paused = true)]
async fn room_of_a_message_that_is_withdrawn_is_given_back_at_once() {
    let (connection, mut peer) = connect(1 << 16, 100).await;
    let channel = peer.confirming(&connection).await;
    let reason = Short::new("memory").unwrap();
    peer.say(0, &Method::ConnectionBlocked { reason }).await;
    waits(connection.ended()).await;
    let room = connection.room(60).await;
    let publish = channel.publish(message(60), room);
    waits(publish).await;
    drop(connection.room(100).await);
}

/// To the default exchange it would go to whoever has a queue of that name.
#[tokio::test(start_paused = true)]
async fn a_name_that_amqp_cannot_carry_is_not_cut() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let channel = peer.confirming(&connection).await;
    for what in ["exchange", "routing key", "content type"] {
        let mut message = message(1);
        let long: Arc<str> = "x".repeat(256).into();
        match what {
            "exchange" => message.exchange = long,
            "routing key" => message.routing_key = long,
            _ => message.content_type = Some(long),
        }
        let room = connection.room(1).await;
        let outcome = channel.publish(message, room).await;
        let Outcome::NotSent(why) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(
            why.to_string(),
            format!("the {what} has 256 bytes, and AMQP carries 255")
        );
    }
    peer.hears_nothing().await;
}
