//! How connections and channels end.

use std::time::Duration;

use oslo_amqp::driver::{Dial, DialError, State};
use oslo_amqp::protocol::{Config, ConnectionError, Ended, Login, Long, Method, Outcome};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use super::peer::{connect, message, waits};

const LIMIT: Duration = Duration::from_secs(7);

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_what_was_asked_before() {
    let (connection, mut peer) = connect(1024, 1 << 30).await;
    connection.flush().await;
    let channel = peer.confirming(&connection).await;
    let room = connection.room(0).await;
    let published = tokio::spawn(async move { channel.publish(message(600_000), room).await });
    yield_now().await;
    let flushed = tokio::spawn({
        let connection = connection.clone();
        async move { connection.flush().await }
    });
    peer.hear("basic.publish").await;
    for _ in 0..3 {
        peer.next().await.unwrap();
    }
    assert!(!flushed.is_finished());
    // The header, and the other parts of the body.
    for _ in 0..3 {
        peer.next().await.unwrap();
    }
    flushed.await.unwrap();
    published.abort();
}

#[tokio::test(start_paused = true)]
async fn closing_sends_what_was_asked_before_and_says_goodbye() {
    let (connection, mut peer) = connect(1024, 1 << 30).await;
    let channel = peer.confirming(&connection).await;
    let room = connection.room(0).await;
    let published = tokio::spawn(async move { channel.publish(message(600_000), room).await });
    yield_now().await;
    let closed = tokio::spawn({
        let connection = connection.clone();
        async move { connection.close(LIMIT).await }
    });
    assert_eq!(peer.hear_message().await.len(), 600_000);
    peer.hear("connection.close").await;
    // It is late, and counts.
    let ack = Method::BasicAck {
        delivery_tag: 1,
        multiple: false,
    };
    peer.say(1, &ack).await;
    assert_eq!(published.await.unwrap(), Outcome::Confirmed);
    assert!(!closed.is_finished());
    peer.say(0, &Method::ConnectionCloseOk {}).await;
    closed.await.unwrap();
    assert_eq!(peer.next().await, None);
    assert_eq!(*connection.ended().await, ConnectionError::ClosedByUs);
    connection.close(LIMIT).await;
    connection.flush().await;
    let asked = connection.channel().await.unwrap_err();
    assert!(matches!(asked, Ended::Connection(_)), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn closing_ends_by_its_limit_whatever_the_peer_does() {
    // It answers nothing.
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let begin = Instant::now();
    connection.close(LIMIT).await;
    assert!(begin.elapsed() >= LIMIT && begin.elapsed() < LIMIT + Duration::from_millis(100));
    peer.hear("connection.close").await;
    assert_eq!(peer.next().await, None);

    // It reads nothing.
    let (connection, mut peer) = connect(1024, 1 << 20).await;
    let channel = peer.confirming(&connection).await;
    let room = connection.room(0).await;
    let published = tokio::spawn(async move { channel.publish(message(5_000), room).await });
    yield_now().await;
    let begin = Instant::now();
    // Somebody else has less patience.
    tokio::join!(connection.close(2 * LIMIT), connection.close(LIMIT));
    assert!(begin.elapsed() >= LIMIT && begin.elapsed() < LIMIT + Duration::from_millis(100));
    let outcome = published.await.unwrap();
    assert!(matches!(outcome, Outcome::NotSent(_)), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_makes_no_sense_hears_so_before_we_hang_up() {
    for answers in [true, false] {
        let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
        let begin = Instant::now();
        peer.say(0, &Method::ConnectionUpdateSecretOk {}).await;
        let close = peer.hear("connection.close").await;
        let Ok(Method::ConnectionClose {
            reply_code,
            reply_text,
            class,
            method,
        }) = Method::decode(&close.payload)
        else {
            panic!("{close:?}")
        };
        assert_eq!((reply_code, class, method), (503, 10, 71));
        let why = connection.ended().await;
        assert_eq!(reply_text.to_text(), why.to_string());
        // The end of what we say.
        assert_eq!(peer.next().await, None);
        if answers {
            peer.say(0, &Method::ConnectionCloseOk {}).await;
            drop(peer);
        } else {
            // It keeps its end open, and we do not wait for ever.
            peer.is_left().await;
        }
        assert!(begin.elapsed() < LIMIT);
    }
}

#[tokio::test]
async fn what_amqp_cannot_carry_is_refused_before_anything_is_connected() {
    let login = Login::Plain {
        user: "u".to_owned(),
        password: "p".to_owned(),
    };
    let check = async |bytes: usize| {
        let config = Config::new(login.clone(), "v".repeat(bytes));
        // Nobody listens there.
        Dial::new("127.0.0.1", 1).connect(config).await.unwrap_err()
    };
    let error = check(256).await;
    assert_eq!(
        error.to_string(),
        "the AMQP handshake failed: the virtual host's name has 256 bytes, and AMQP carries 255"
    );
    let error = check(255).await;
    assert!(matches!(error, DialError::Tcp(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_nobody_has_any_more_is_closed() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let channel = peer.confirming(&connection).await;
    let room = connection.room(0).await;
    let published = tokio::spawn({
        let channel = channel.clone();
        async move { channel.publish(message(10), room).await }
    });
    yield_now().await;
    let another = connection.clone();
    drop(connection);
    assert_eq!(peer.hear_message().await.len(), 10);
    peer.hears_nothing().await;
    // A channel does not keep it.
    drop(another);
    peer.hear("connection.close").await;
    // Nor does a peer that says nothing.
    assert!(timeout(LIMIT, peer.next()).await.unwrap().is_none());
    assert!(channel.ended().is_some());
    let outcome = published.await.unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_nobody_waits_for_is_closed_again() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    waits(connection.channel()).await;
    peer.hear("channel.open").await;
    let reserved = Long(b"");
    peer.say(1, &Method::ChannelOpenOk { reserved }).await;
    peer.hear("channel.close").await;
    peer.say(1, &Method::ChannelCloseOk {}).await;
    // The connection goes on.
    let channel = peer.confirming(&connection).await;
    assert_eq!(channel.ended(), None);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_hears_of_the_end_of_the_connection() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let channel = peer.channel(&connection).await;
    let mut state = connection.state();
    let end = async {
        peer.hear("confirm.select").await;
        peer.hear("channel.open").await;
        drop(peer);
    };
    let (confirmed, opened, ()) = tokio::join!(channel.confirm(), connection.channel(), end);
    for ended in [confirmed.unwrap_err(), opened.map(drop).unwrap_err()] {
        assert!(ended.to_string().contains("hung up"), "{ended}");
    }
    let is_ended = |state: &State| matches!(state, State::Ended(_));
    drop(state.wait_for(is_ended).await.unwrap());
    assert!(channel.ended().is_some());
}
