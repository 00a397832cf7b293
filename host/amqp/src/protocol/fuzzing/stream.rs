//! Any bytes into an open connection with messages and questions on their way.

use std::time::Instant;

use bytes::{Bytes, BytesMut};

use super::{golden, run};
use crate::protocol::connection::{Connection, Publish};
use crate::protocol::event::Event;
use crate::protocol::frame::FrameKind;
use crate::protocol::handshake::{Config, Login};
use crate::protocol::method::Method;
use crate::protocol::outgoing::Outgoing;
use crate::protocol::primitive::{Long, Never, Short};
use crate::protocol::properties::Properties;
use crate::protocol::table::RawTable;

/// What came back.
#[derive(Default)]
struct Told {
    messages: [u32; MESSAGES],
    requests: [u32; REQUESTS],
    delivered: usize,
}

/// Frames as they would come.
fn said(frames: impl FnOnce(&mut Outgoing)) -> BytesMut {
    let mut outgoing = Outgoing::default();
    frames(&mut outgoing);
    let mut slices = [std::io::IoSlice::new(&[]); 64];
    let filled = outgoing.slices(&mut slices);
    slices[..filled].iter().flat_map(|it| it.to_vec()).collect()
}

fn opened(now: Instant) -> Connection<usize, usize> {
    let mut config = Config::new(Login::External, "/");
    (config.message_max, config.frame_max) = (10_000, 4096);
    let mut connection = Connection::new(config, now);
    let mut handshake = said(|out| {
        let start = Method::ConnectionStart {
            version_major: 0,
            version_minor: 9,
            server_properties: RawTable::default(),
            mechanisms: Long(b"EXTERNAL"),
            locales: Long(b"en_US"),
        };
        out.method(0, &start);
        let tune = Method::ConnectionTune {
            channel_max: 3,
            frame_max: 4096,
            heartbeat: 10,
        };
        out.method(0, &tune);
        let reserved = Short::EMPTY;
        out.method(0, &Method::ConnectionOpenOk { reserved });
        for number in 1..=3 {
            let reserved = Long(&[]);
            out.method(number, &Method::ChannelOpenOk { reserved });
        }
    });
    let opening = handshake.split_to(handshake.len() - 3 * 16);
    connection
        .receive(now, &mut BytesMut::from(&opening[..]))
        .unwrap();
    for request in 0..3 {
        connection.open_channel(request).unwrap();
    }
    connection.receive(now, &mut handshake).unwrap();
    let mut messages = 0;
    for number in 1..=3 {
        let select = Method::ConfirmSelect { no_wait: Never };
        let request = 2 + usize::from(number);
        connection.request(number, &select, request).unwrap();
        for _ in 0..2 {
            let message = Publish {
                exchange: Short::EMPTY,
                routing_key: Short::EMPTY,
                mandatory: true,
                properties: Properties::builder(),
                body: Bytes::from_static(b"body"),
            };
            connection.publish(number, message, messages).unwrap();
            messages += 1;
        }
    }
    connection.outgoing().advance(150);
    connection.close_channel(3);
    connection
}

fn collect(connection: &mut Connection<usize, usize>, told: &mut Told) {
    while let Some(event) = connection.poll_event() {
        assert!(format!("{event:?}").len() < 10_000);
        match event {
            Event::Answered { request, .. } => told.requests[request] += 1,
            Event::Delivered { delivery, .. } => {
                told.delivered += delivery.body.len();
                let content_type = delivery.properties.read().content_type;
                assert!(content_type.is_none_or(|it| it.as_bytes().len() < 256));
                assert!(delivery.route().0.as_bytes().len() < 256);
            }
            Event::Settled { publish, .. } => told.messages[publish] += 1,
            _ => {}
        }
    }
}

/// Returns whether all of it made sense.
fn received(data: &[u8], piece: usize) -> bool {
    let now = Instant::now();
    let mut connection = opened(now);
    let mut told = Told::default();
    let mut buffer = BytesMut::new();
    for piece in data.chunks(piece.max(1)) {
        buffer.extend_from_slice(piece);
        if connection.receive(now, &mut buffer).is_err() {
            break;
        }
        assert!(buffer.len() <= 4096, "more than a frame is kept");
        collect(&mut connection, &mut told);
        // Answers are no longer than what they answer.
        assert!(connection.outgoing().len() < 5_000 + 2 * data.len());
    }
    let makes_sense = connection.ended().is_none();
    assert_eq!(connection.handle_timeout(now), Ok(()));
    connection.lost(crate::protocol::ConnectionError::ClosedByUs);
    collect(&mut connection, &mut told);
    assert_eq!(
        (told.messages, told.requests),
        ([1; MESSAGES], [1; REQUESTS])
    );
    assert!(told.delivered <= data.len());
    assert!(connection.next_timeout().is_none());
    makes_sense
}

fn stream(data: &[u8]) -> bool {
    let (piece, data) = data.split_first().unwrap_or((&0, &[]));
    received(data, usize::from(*piece) * 16)
}

/// Frames that are whole, whatever is in them: kind, channel, length and payload.
fn framed(mut data: &[u8]) -> bool {
    let stream = said(|out| {
        for _ in 0..60 {
            let Some(([kind, channel, length], rest)) = data.split_first_chunk() else {
                return;
            };
            let (payload, rest) = rest.split_at(rest.len().min(usize::from(*length)));
            data = rest;
            let kind = match kind % 4 {
                0 => FrameKind::Method,
                1 => FrameKind::Header,
                2 => FrameKind::Body,
                _ => FrameKind::Heartbeat,
            };
            out.frame(kind, (channel % 4).into(), |out| {
                out.extend_from_slice(payload)
            });
        }
    });
    received(&stream, 4096)
}

/// Kind, channel, length and payload of what a broker may say.
fn conversation() -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    let mut add = |frames: &[(u8, u8, &[u8])]| {
        let frames = frames.iter().map(|(kind, channel, payload)| {
            let length = u8::try_from(payload.len()).unwrap();
            [&[*kind, *channel, length], *payload].concat()
        });
        inputs.push(frames.collect::<Vec<_>>().concat());
    };
    let select_ok = (0, 1, &b"\0\x55\0\x0b"[..]);
    let header = &b"\0\x3c\0\0\0\0\0\0\0\0\0\x04\x00\x80\x011"[..];
    let deliver = &b"\0\x3c\0\x3c\x01c\0\0\0\0\0\0\0\x01\0\x01e\x01k"[..];
    let returned = &b"\0\x3c\0\x32\x01\x38\x01t\x01e\x01k"[..];
    let ack = &b"\0\x3c\0\x50\0\0\0\0\0\0\0\x01\0"[..];
    let all = &b"\0\x3c\0\x50\0\0\0\0\0\0\0\x02\x01"[..];
    let nack = &b"\0\x3c\0\x78\0\0\0\0\0\0\0\x02\0"[..];
    let close = &b"\0\x14\0\x28\x01\x94\x01t\0\x3c\0\x28"[..];
    add(&[select_ok, (0, 1, ack), (0, 1, nack)]);
    add(&[
        (0, 1, deliver),
        (1, 1, header),
        (2, 1, b"body"),
        select_ok,
        (0, 1, all),
    ]);
    add(&[
        (0, 2, returned),
        (1, 2, header),
        (2, 2, b"bo"),
        (2, 2, b"dy"),
        (0, 2, ack),
    ]);
    add(&[
        (0, 3, returned),
        (1, 3, header),
        (2, 3, b"body"),
        (0, 3, ack),
        (0, 3, b"\0\x14\0\x29"),
    ]);
    add(&[
        (0, 2, close),
        (0, 3, close),
        (0, 3, b"\0\x14\0\x29"),
        select_ok,
    ]);
    add(&[
        (0, 1, b"\0\x14\0\x14\0"),
        (0, 1, b"\0\x3c\0\x1e\x01c\0"),
        (0, 1, b"\0\x14\0\x14\x01"),
    ]);
    add(&[
        (0, 0, b"\0\x0a\0\x3c\x01r"),
        (0, 0, b"\0\x0a\0\x3d"),
        (3, 0, b""),
        (0, 0, b"\0\x0a\0\x32\x01\x40\x01t\0\0\0\0"),
    ]);
    inputs
}

#[test]
fn any_stream_is_read_or_refused() {
    let golden = golden().into_iter();
    let mut inputs: Vec<_> = golden.map(|file| [&[255], &file[8..]].concat()).collect();
    for input in conversation() {
        let mut stream = vec![1];
        let mut rest = &input[..];
        while let Some(([kind, channel, length], payload)) = rest.split_first_chunk() {
            let (payload, after) = payload.split_at(usize::from(*length));
            rest = after;
            let octet = [1, 2, 3, 8][usize::from(*kind)];
            stream.extend([octet, 0, *channel, 0, 0, 0, *length]);
            stream.extend(payload);
            stream.push(0xce);
        }
        inputs.push(stream);
    }
    run(
        |data| assert!(stream(data) || !data.is_empty()),
        "stream",
        inputs,
    );
}

#[test]
fn any_frames_are_taken_or_refused() {
    let conversation = conversation();
    // All but the last, which closes the connection, or the mutations are of nonsense.
    let make_sense = conversation.iter().filter(|data| framed(data)).count();
    assert_eq!(make_sense, conversation.len() - 1);
    run(
        |data| assert!(framed(data) || !data.is_empty()),
        "framed",
        conversation,
    );
}

const MESSAGES: usize = 6;
const REQUESTS: usize = 6;
