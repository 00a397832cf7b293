//! The broker's end of a connection, a frame at a time.

use std::fmt::Debug;
use std::pin::pin;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use oslo_amqp::driver::{Channel, Connection, Message};
use oslo_amqp::protocol::{Config, Frame, FrameKind, Login, Long, Method, RawTable, Short};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{sleep, timeout};

pub(crate) struct Peer {
    stream: DuplexStream,
    buffer: BytesMut,
}

/// A connection whose socket takes so many bytes that the peer has not read, and which lets so many
/// bytes of messages be on their way.
pub(crate) async fn connect(socket: usize, room: usize) -> (Connection, Peer) {
    connect_with(socket, room, Duration::ZERO).await
}

/// As [`connect`], with heartbeats.
pub(crate) async fn connect_with(
    socket: usize,
    room: usize,
    heartbeat: Duration,
) -> (Connection, Peer) {
    let (near, far) = duplex(socket);
    let mut peer = Peer::new(far);
    let mut config = config();
    config.heartbeat = heartbeat;
    let (connection, ()) = tokio::join!(Connection::open(near, config, room), peer.handshake());
    (connection.unwrap(), peer)
}

/// Of a client without heartbeats.
pub(crate) fn config() -> Config {
    let login = Login::Plain {
        user: "u".to_owned(),
        password: "p".to_owned(),
    };
    let mut config = Config::new(login, "/");
    config.heartbeat = Duration::ZERO;
    config
}

impl Peer {
    pub(crate) fn new(stream: DuplexStream) -> Self {
        Self {
            stream,
            buffer: BytesMut::new(),
        }
    }

    pub(crate) async fn handshake(&mut self) {
        self.tunes().await;
        let reserved = Short::EMPTY;
        self.say(0, &Method::ConnectionOpenOk { reserved }).await;
    }

    /// The handshake but for its last word.
    pub(crate) async fn tunes(&mut self) {
        let mut header = [0; 8];
        self.stream.read_exact(&mut header).await.unwrap();
        assert_eq!(header, *b"AMQP\0\0\x09\x01");
        let start = Method::ConnectionStart {
            version_major: 0,
            version_minor: 9,
            server_properties: RawTable::default(),
            mechanisms: Long(b"PLAIN"),
            locales: Long(b"en_US"),
        };
        self.say(0, &start).await;
        self.hear("connection.start-ok").await;
        let tune = Method::ConnectionTune {
            channel_max: 2047,
            frame_max: LARGEST as u32,
            heartbeat: 60,
        };
        self.say(0, &tune).await;
        self.hear("connection.tune-ok").await;
        self.hear("connection.open").await;
    }

    /// A channel.
    pub(crate) async fn channel(&mut self, connection: &Connection) -> Channel {
        let answer = async {
            let open = self.hear("channel.open").await;
            let reserved = Long(b"");
            self.say(open.channel, &Method::ChannelOpenOk { reserved })
                .await;
        };
        tokio::join!(connection.channel(), answer).0.unwrap()
    }

    /// A channel on which every message is confirmed.
    pub(crate) async fn confirming(&mut self, connection: &Connection) -> Channel {
        let channel = self.channel(connection).await;
        let answer = async {
            let asked = self.hear("confirm.select").await;
            self.say(asked.channel, &Method::ConfirmSelectOk {}).await;
        };
        tokio::join!(channel.confirm(), answer).0.unwrap();
        channel
    }

    pub(crate) async fn say(&mut self, channel: u16, method: &Method<'_>) {
        let mut frame = BytesMut::new();
        put_method(&mut frame, channel, method);
        self.write(&frame).await;
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Sends a message to the consumer of a channel.
    pub(crate) async fn deliver(&mut self, channel: u16, tag: u64, body: &str) {
        let deliver = Method::BasicDeliver {
            consumer_tag: Short::EMPTY,
            delivery_tag: tag,
            redelivered: false,
            exchange: Short::EMPTY,
            routing_key: Short::EMPTY,
        };
        self.say(channel, &deliver).await;
        let mut header = BytesMut::from(&[0, 60, 0, 0][..]);
        header.put_u64(body.len() as u64);
        // No properties.
        header.put_u16(0);
        self.frame(FrameKind::Header, channel, &header).await;
        for piece in body.as_bytes().chunks(LARGEST - 8) {
            self.frame(FrameKind::Body, channel, piece).await;
        }
    }

    pub(crate) async fn frame(&mut self, kind: FrameKind, channel: u16, payload: &[u8]) {
        let mut frame = BytesMut::new();
        put_frame(&mut frame, kind, channel, payload);
        self.write(&frame).await;
    }

    /// Waits until the other end is gone, which a write notices.
    pub(crate) async fn is_left(&mut self) {
        let left = async {
            while self.stream.write_all(b"x").await.is_ok() {
                sleep(MOMENT).await;
            }
        };
        timeout(LIMIT, left).await.expect("it is still there");
    }

    /// The next frame, or none at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = Frame::take(&mut self.buffer, LARGEST).unwrap() {
                return Some(frame);
            }
            let read = timeout(LIMIT, self.stream.read_buf(&mut self.buffer)).await;
            if read.expect("nothing comes").unwrap() == 0 {
                return None;
            }
        }
    }

    /// The next frame, which is this method.
    pub(crate) async fn hear(&mut self, method: &str) -> Frame {
        let frame = self.next().await.unwrap();
        assert_eq!(frame.kind, FrameKind::Method);
        let heard = Method::decode(&frame.payload).unwrap();
        assert_eq!(heard.name(), method, "{heard:?}");
        frame
    }

    /// The next frame, which acknowledges all up to this tag.
    pub(crate) async fn hear_ack(&mut self, channel: u16) -> u64 {
        let frame = self.hear("basic.ack").await;
        assert_eq!(frame.channel, channel);
        match Method::decode(&frame.payload).unwrap() {
            Method::BasicAck {
                delivery_tag,
                multiple: true,
            } => delivery_tag,
            other => panic!("{other:?}"),
        }
    }

    /// The body of the next message.
    pub(crate) async fn hear_message(&mut self) -> Bytes {
        self.hear("basic.publish").await;
        self.hear_content().await
    }

    /// What follows `basic.publish`.
    pub(crate) async fn hear_content(&mut self) -> Bytes {
        let header = self.next().await.unwrap();
        assert_eq!(header.kind, FrameKind::Header);
        let size = u64::from_be_bytes(header.payload[4..12].try_into().unwrap());
        let mut body = BytesMut::new();
        while (body.len() as u64) < size {
            body.put(self.next().await.unwrap().payload);
        }
        body.freeze()
    }

    /// Nothing comes for now.
    pub(crate) async fn hears_nothing(&mut self) {
        let heard = timeout(MOMENT, self.next()).await;
        assert!(heard.is_err(), "{heard:?}");
    }
}

pub(crate) fn put_method(out: &mut BytesMut, channel: u16, method: &Method<'_>) {
    let mut payload = BytesMut::new();
    method.encode(&mut payload);
    put_frame(out, FrameKind::Method, channel, &payload);
}

fn put_frame(out: &mut BytesMut, kind: FrameKind, channel: u16, payload: &[u8]) {
    out.put_u8(kind.octet());
    out.put_u16(channel);
    out.put_u32(payload.len() as u32);
    out.put(payload);
    out.put_u8(0xce);
}

/// A future that is not ready when nobody has anything to do any more.
pub(crate) async fn waits<T: Debug>(future: impl Future<Output = T>) {
    let early = timeout(MOMENT, pin!(future)).await;
    assert!(early.is_err(), "{early:?}");
}

pub(crate) fn message(size: usize) -> Message {
    Message {
        exchange: "".into(),
        routing_key: "q".into(),
        mandatory: false,
        content_type: None,
        body: vec![b'm'; size].into(),
    }
}

/// Less than the driver's own times.
pub(crate) const MOMENT: Duration = Duration::from_millis(5);
/// Longer than everything that the driver waits for.
const LIMIT: Duration = Duration::from_secs(60);
const LARGEST: usize = 131_072;
