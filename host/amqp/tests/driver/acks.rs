//! When messages are acknowledged, and when they are handed out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use oslo_amqp::driver::{Acks, Channel, Consume, LAZY, Resume, short};
use oslo_amqp::protocol::{Delivery, Ended, FrameKind, Method, Short, Table};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, advance, timeout};

use super::peer::{Peer, connect, connect_with, message, waits};

struct Sink {
    said: UnboundedSender<String>,
    places: AtomicUsize,
    resume: OnceLock<Resume>,
}

impl Sink {
    fn with_places(places: usize) -> (Arc<Self>, UnboundedReceiver<String>) {
        let (said, heard) = unbounded_channel();
        let sink = Self {
            said,
            places: AtomicUsize::new(places),
            resume: OnceLock::new(),
        };
        (Arc::new(sink), heard)
    }

    fn make_room(&self, places: usize) {
        self.places.fetch_add(places, Ordering::SeqCst);
        self.resume.get().unwrap().resume();
    }
}

impl Consume for Sink {
    fn started(&self, resume: Resume) {
        self.resume.set(resume).unwrap();
    }

    fn reserve(&self, wanted: usize) -> usize {
        let got = wanted.min(self.places.load(Ordering::SeqCst));
        self.places.fetch_sub(got, Ordering::SeqCst);
        got
    }

    fn deliver(&self, delivery: Delivery) {
        let body = String::from_utf8(delivery.body.to_vec()).unwrap();
        self.said.send(body).unwrap();
    }

    fn ended(&self, why: Option<Ended>) {
        let why = why.map_or_else(|| "its queue is gone".to_owned(), |why| why.to_string());
        self.said.send(format!("ended: {why}")).unwrap();
    }
}

/// The channel's number is 1 if it is the first.
async fn consume(peer: &mut Peer, channel: &Channel, acks: Acks, sink: &Arc<Sink>) {
    let answer = async {
        let asked = peer.hear("basic.consume").await;
        let consumer_tag = Short::EMPTY;
        peer.say(asked.channel, &Method::BasicConsumeOk { consumer_tag })
            .await;
    };
    let arguments = Table::new();
    let queue = short("q").unwrap();
    let consumed = channel.consume(queue, 0, &arguments, acks, Arc::clone(sink) as _);
    tokio::join!(consumed, answer).0.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_handed_out_was_acknowledged_to_the_socket() {
    let (connection, mut peer) = connect(1024, 1 << 20).await;
    let channel = peer.channel(&connection).await;
    let (sink, mut heard) = Sink::with_places(10);
    consume(&mut peer, &channel, Acks::Before, &sink).await;
    let publishing = peer.confirming(&connection).await;
    // More than the socket takes: the acknowledgement is behind it.
    let room = connection.room(0).await;
    let published = tokio::spawn(async move { publishing.publish(message(10_000), room).await });
    tokio::task::yield_now().await;
    peer.deliver(1, 1, "one").await;
    peer.deliver(1, 2, "two").await;
    waits(heard.recv()).await;
    peer.hear("basic.publish").await;
    // Some of what is in front of it has left.
    waits(heard.recv()).await;
    assert_eq!(peer.hear_content().await.len(), 10_000);
    while peer.hear_ack(1).await < 2 {}
    assert_eq!(heard.recv().await.unwrap(), "one");
    assert_eq!(heard.recv().await.unwrap(), "two");
    published.abort();
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_acknowledged_is_not_handed_out() {
    let (connection, mut peer) = connect(1024, 1 << 20).await;
    let channel = peer.channel(&connection).await;
    let (sink, mut heard) = Sink::with_places(10);
    consume(&mut peer, &channel, Acks::Before, &sink).await;
    let publishing = peer.confirming(&connection).await;
    let room = connection.room(0).await;
    let published = tokio::spawn(async move { publishing.publish(message(10_000), room).await });
    tokio::task::yield_now().await;
    peer.deliver(1, 1, "one").await;
    waits(heard.recv()).await;
    drop(peer);
    assert!(heard.recv().await.unwrap().starts_with("ended"));
    waits(heard.recv()).await;
    published.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_there_is_no_place_for_is_not_acknowledged_before_there_is() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let channel = peer.channel(&connection).await;
    let (sink, mut heard) = Sink::with_places(2);
    consume(&mut peer, &channel, Acks::Before, &sink).await;
    for (tag, body) in (1..).zip(["one", "two", "three", "four", "five"]) {
        peer.deliver(1, tag, body).await;
    }
    assert_eq!(heard.recv().await.unwrap(), "one");
    assert_eq!(heard.recv().await.unwrap(), "two");
    waits(heard.recv()).await;
    let mut last = 0;
    while last < 2 {
        last = peer.hear_ack(1).await;
    }
    assert_eq!(last, 2);
    peer.hears_nothing().await;
    sink.make_room(2);
    assert_eq!(peer.hear_ack(1).await, 4);
    assert_eq!(heard.recv().await.unwrap(), "three");
    assert_eq!(heard.recv().await.unwrap(), "four");
    waits(heard.recv()).await;
    peer.hears_nothing().await;
}

/// What the broker says meanwhile is in the socket.
#[tokio::test(start_paused = true)]
async fn a_broker_that_is_not_listened_to_for_want_of_room_is_not_dead() {
    const MESSAGES: u64 = 65;
    let (connection, mut peer) = connect_with(1 << 30, 1 << 20, Duration::from_secs(10)).await;
    let channel = peer.channel(&connection).await;
    let (sink, mut heard) = Sink::with_places(0);
    consume(&mut peer, &channel, Acks::Before, &sink).await;
    let body = "x".repeat(1024 * 1024);
    for tag in 1..=MESSAGES {
        peer.deliver(1, tag, &body).await;
    }
    for _ in 0..12 {
        waits(connection.ended()).await;
        advance(Duration::from_secs(5)).await;
        peer.frame(FrameKind::Heartbeat, 0, b"").await;
    }
    sink.make_room(MESSAGES as usize);
    for _ in 1..=MESSAGES {
        assert_eq!(heard.recv().await.unwrap().len(), body.len());
    }
    waits(connection.ended()).await;
    // From here on silence counts again.
    let begin = Instant::now();
    connection.ended().await;
    assert!(begin.elapsed().as_secs() <= 20, "{:?}", begin.elapsed());
}

/// It is behind what the broker has sent before.
#[tokio::test(start_paused = true)]
async fn an_answer_is_heard_also_without_room() {
    const MESSAGES: u64 = 70;
    let (connection, mut peer) = connect(1 << 30, 1 << 20).await;
    let channel = peer.channel(&connection).await;
    let (sink, mut heard) = Sink::with_places(0);
    consume(&mut peer, &channel, Acks::Before, &sink).await;
    let body = "x".repeat(1024 * 1024);
    for tag in 1..=MESSAGES {
        peer.deliver(1, tag, &body).await;
    }
    waits(heard.recv()).await;
    let opened = timeout(Duration::from_secs(60), peer.channel(&connection)).await;
    assert!(opened.is_ok(), "no answer is heard");
}

#[tokio::test(start_paused = true)]
async fn lazy_acknowledgements_come_when_they_are_many_or_after_a_while() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let channel = peer.channel(&connection).await;
    let (sink, mut heard) = Sink::with_places(0);
    consume(&mut peer, &channel, Acks::Lazily(3), &sink).await;
    for (tag, body) in (1..).zip(["one", "two", "three"]) {
        peer.hears_nothing().await;
        peer.deliver(1, tag, body).await;
        assert_eq!(heard.recv().await.unwrap(), body);
    }
    let begin = Instant::now();
    assert_eq!(peer.hear_ack(1).await, 3);
    assert_eq!(begin.elapsed().as_millis(), 0);
    peer.deliver(1, 4, "four").await;
    assert_eq!(heard.recv().await.unwrap(), "four");
    let begin = Instant::now();
    assert_eq!(peer.hear_ack(1).await, 4);
    let after = begin.elapsed();
    assert!(after <= 2 * LAZY && after >= LAZY / 2, "{after:?}");
    peer.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_queue_is_told() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let channel = peer.channel(&connection).await;
    let (sink, mut heard) = Sink::with_places(1);
    consume(&mut peer, &channel, Acks::Before, &sink).await;
    let cancel = Method::BasicCancel {
        consumer_tag: Short::EMPTY,
        no_wait: true,
    };
    peer.say(1, &cancel).await;
    assert_eq!(heard.recv().await.unwrap(), "ended: its queue is gone");
}

#[tokio::test(start_paused = true)]
async fn messages_are_acknowledged_and_given_back_one_by_one() {
    let (connection, mut peer) = connect(1 << 16, 1 << 20).await;
    let channel = peer.channel(&connection).await;
    let (sink, mut heard) = Sink::with_places(0);
    consume(&mut peer, &channel, Acks::Manually, &sink).await;
    for (tag, body) in (1..).zip(["one", "two", "three"]) {
        peer.deliver(1, tag, body).await;
        assert_eq!(heard.recv().await.unwrap(), body);
    }
    peer.hears_nothing().await;
    channel.nack(2, true);
    channel.ack(1, false);
    channel.nack(3, false);
    for expected in [(2, Some(true)), (1, None), (3, Some(false))] {
        let frame = peer.next().await.unwrap();
        let heard = match Method::decode(&frame.payload).unwrap() {
            Method::BasicAck {
                delivery_tag,
                multiple: false,
            } => (delivery_tag, None),
            Method::BasicNack {
                delivery_tag,
                multiple: false,
                requeue,
            } => (delivery_tag, Some(requeue)),
            other => panic!("{other:?}"),
        };
        assert_eq!((frame.channel, heard), (1, expected));
    }
}
