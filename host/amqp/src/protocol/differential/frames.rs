use amq_protocol::frame::{AMQPContentHeader, AMQPFrame, gen_frame, parse_frame};
use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{AMQPClass, basic};
use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::{cases, mutate, mutations, written};
use crate::protocol::error::ConnectionError;
use crate::protocol::frame::{Frame, FrameKind};
use crate::protocol::method::Method;
use crate::protocol::outgoing::Outgoing;

fn frame() -> impl Strategy<Value = AMQPFrame> {
    let ack = (1..=u16::MAX, any::<u64>(), any::<bool>());
    let header = (1..=u16::MAX, any::<u64>(), any::<u8>());
    let body = (1..=u16::MAX, prop::collection::vec(any::<u8>(), 0..60));
    prop_oneof![
        ack.prop_map(|(channel, delivery_tag, multiple)| {
            let ack = basic::Ack {
                delivery_tag,
                multiple,
            };
            AMQPFrame::Method(channel, AMQPClass::Basic(basic::AMQPMethod::Ack(ack)))
        }),
        header.prop_map(|(channel, body_size, mode)| {
            let header = AMQPContentHeader {
                class_id: 60,
                body_size,
                properties: AMQPProperties::default().with_delivery_mode(mode),
            };
            AMQPFrame::Header(channel, header)
        }),
        body.prop_map(|(channel, body)| AMQPFrame::Body(channel, body)),
        Just(AMQPFrame::Heartbeat),
    ]
}

const fn kind(frame: &AMQPFrame) -> Option<FrameKind> {
    Some(match frame {
        AMQPFrame::Method(..) => FrameKind::Method,
        AMQPFrame::Header(..) => FrameKind::Header,
        AMQPFrame::Body(..) => FrameKind::Body,
        AMQPFrame::Heartbeat | AMQPFrame::InvalidHeartbeat(_) => FrameKind::Heartbeat,
        AMQPFrame::ProtocolHeader(_) => return None,
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn their_frames_are_taken(frames in prop::collection::vec(frame(), 0..6)) {
        let mut buffer = BytesMut::new();
        for frame in &frames {
            buffer.extend(written(gen_frame(frame)));
        }
        for theirs in &frames {
            let ours = Frame::take(&mut buffer, 4096).unwrap().unwrap();
            prop_assert_eq!(Some(ours.kind), kind(theirs));
            prop_assert_eq!(ours.channel, theirs.channel_id());
            if let AMQPFrame::Body(_, body) = theirs {
                prop_assert_eq!(&ours.payload[..], &body[..]);
            }
        }
        prop_assert!(buffer.is_empty());
    }

    #[test]
    fn our_frames_are_taken_there(
        channel in 1..=u16::MAX,
        body in prop::collection::vec(any::<u8>(), 0..20_000),
        largest in 4096..9000_usize,
    ) {
        let mut outgoing = Outgoing::default();
        outgoing.method(channel, &Method::BasicQosOk {});
        outgoing.body(channel, Bytes::from(body.clone()), largest);
        outgoing.frame(FrameKind::Heartbeat, 0, |_| ());
        let mut slices = [std::io::IoSlice::new(&[]); 32];
        let filled = outgoing.slices(&mut slices);
        let wire: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
        let mut rest = &wire[..];
        let mut found = Vec::new();
        let mut kinds = Vec::new();
        while !rest.is_empty() {
            let (after, frame) = parse_frame(rest).unwrap();
            prop_assert!(rest.len() - after.len() <= largest);
            rest = after;
            kinds.push(kind(&frame).unwrap());
            if let AMQPFrame::Body(number, part) = frame {
                prop_assert_eq!(number, channel);
                found.extend(part);
            }
        }
        prop_assert_eq!(found, body);
        prop_assert_eq!(kinds.first(), Some(&FrameKind::Method));
        prop_assert_eq!(kinds.last(), Some(&FrameKind::Heartbeat));
    }

    #[test]
    fn mutated_frames_are_the_same_or_refused(frame in frame(), mutations in mutations()) {
        let mut wire = written(gen_frame(&frame));
        mutate(&mut wire, &mutations);
        let mut buffer = BytesMut::from(&wire[..]);
        match (Frame::take(&mut buffer, 4096), parse_frame(&wire[..])) {
            (Ok(Some(ours)), Ok((rest, theirs))) => {
                prop_assert_eq!(Some(ours.kind), kind(&theirs));
                prop_assert_eq!(ours.channel, theirs.channel_id());
                prop_assert_eq!(&buffer[..], rest);
            }
            // They look into it, and we have not yet.
            (Ok(Some(ours)), Err(_)) => {
                prop_assert!(matches!(ours.kind, FrameKind::Method | FrameKind::Header));
            }
            (Ok(None), Err(error)) => {
                prop_assert!(wire.len() < 7 || error.is_incomplete(), "{wire:?}");
            }
            (Err(ConnectionError::FrameTooLarge { size, .. }), Err(_)) => prop_assert!(size > 4088),
            (Err(ConnectionError::OtherVersion), _) => prop_assert!(wire.starts_with(b"AMQP")),
            (Err(_), Err(error)) => prop_assert!(!error.is_incomplete(), "{wire:?}"),
            (Ok(None) | Err(_), Ok(_)) => prop_assert!(false, "{wire:?}"),
        }
    }
}
