//! What Python's clients send (`tests/golden`), read by our decoder and said by our encoder.

use std::path::Path;

use bytes::{Bytes, BytesMut};
use oslo_amqp::protocol::{
    Frame, FrameKind, Method, Never, Properties, PropertiesBuilder, Publish, RawTable, RawValue,
    Reserved, Table, Value,
};

use crate::session::{PROMPT, Pieces, Session};
use crate::wire::{body, deliver, frame, short};

fn frames(name: &str) -> Vec<Frame> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let bytes = std::fs::read(folder.join(name).with_extension("bin")).unwrap();
    let mut buffer = BytesMut::from(&bytes[..]);
    assert_eq!(buffer.split_to(8)[..], *b"AMQP\0\0\x09\x01");
    let frames = std::iter::from_fn(|| Frame::take(&mut buffer, 4096).unwrap()).collect();
    assert!(buffer.is_empty(), "{name}");
    frames
}

/// The payloads of this method.
fn methods(name: &str, method: &str) -> Vec<Bytes> {
    let frames = frames(name).into_iter();
    let methods = frames.filter(|frame| frame.kind == FrameKind::Method);
    let named = methods.filter(|frame| Method::decode(&frame.payload).unwrap().name() == method);
    named.map(|frame| frame.payload).collect()
}

fn encoded(method: &Method<'_>) -> BytesMut {
    let mut out = BytesMut::new();
    method.encode(&mut out);
    out
}

/// A message with these properties as it is delivered.
fn delivered(header: &[u8], content: &[u8]) -> oslo_amqp::protocol::Delivery {
    let mut session = Session::new(Pieces::Whole, PROMPT);
    session.pump();
    let channel = session.open().unwrap();
    session.pump();
    session.broker.say(&deliver(channel, 1));
    let header = frame(FrameKind::Header, channel, header);
    session.broker.say(&header);
    session.broker.say(&body(channel, content));
    session.pump();
    session.delivered.pop().unwrap().1
}

const FILES: [&str; 7] = [
    "oslo-client",
    "oslo-client-replies",
    "oslo-client-quorum",
    "oslo-client-quorum-replies",
    "oslo-server",
    "oslo-server-quorum",
    "py-amqp",
];

#[test]
fn every_method_is_read_and_said_again() {
    let mut count = 0;
    for name in FILES {
        for frame in frames(name) {
            if frame.kind == FrameKind::Method {
                let method = Method::decode(&frame.payload).unwrap();
                assert_eq!(encoded(&method), frame.payload, "{name}: {method:?}");
                count += 1;
            }
        }
    }
    assert!(count > 80, "{count}");
}

/// The properties that a cast of oslo.messaging has.
fn oslo(headers: &Table) -> PropertiesBuilder<'_> {
    Properties::builder()
        .content_type(short("application/json"))
        .content_encoding(short("utf-8"))
        .headers(headers)
        .delivery_mode(2)
        .priority(0)
}

#[test]
fn messages_of_a_client_are_ours() {
    let none = Table::new();
    let timeout = short("2000");
    let expected = [
        ("openstack", "topic", oslo(&none)),
        ("topic_fanout", "", oslo(&none)),
        ("openstack", "topic", oslo(&none).expiration(timeout)),
    ];
    let frames = frames("oslo-client");
    let is_publish = |frame: &Frame| {
        frame.kind == FrameKind::Method
            && Method::decode(&frame.payload).unwrap().numbers() == (60, 40)
    };
    let published = frames.windows(3).filter(|frames| is_publish(&frames[0]));
    let published: Vec<_> = published.collect();
    assert_eq!(published.len(), 3);
    for (published, (exchange, routing_key, properties)) in published.into_iter().zip(expected) {
        let [_, header, content] = published else {
            panic!()
        };
        let mut session = Session::new(Pieces::Whole, PROMPT);
        session.pump();
        let channel = session.open().unwrap();
        session.pump();
        let message = Publish {
            exchange: short(exchange),
            routing_key: short(routing_key),
            mandatory: false,
            properties,
            body: content.payload.clone(),
        };
        session.connection.publish(channel, message, 0).unwrap();
        let mut slices = [std::io::IoSlice::new(&[]); 8];
        let filled = session.connection.outgoing().slices(&mut slices);
        let ours: Vec<u8> = slices[..filled]
            .iter()
            .flat_map(|slice| slice.to_vec())
            .collect();
        let theirs = published
            .iter()
            .map(|it| frame(it.kind, it.channel, &it.payload));
        assert_eq!(ours, theirs.flatten().collect::<Vec<_>>());

        let delivery = delivered(&header.payload, &content.payload);
        assert_eq!(delivery.body, content.payload);
        let read = delivery.properties.read();
        assert_eq!(read.content_type, Some(short("application/json")));
        assert_eq!(read.headers, Some(RawTable::default()));
        assert_eq!((read.delivery_mode, read.priority), (Some(2), Some(0)));
        assert_eq!((read.correlation_id, read.reply_to), (None, None));
    }
}

#[test]
fn queues_and_exchanges_are_declared_alike() {
    let expires = Table::new().with("x-expires", Value::Int(1_800_000));
    let quorum = Table::new().with("x-queue-type", "quorum");
    let both = quorum.clone().with("x-expires", Value::Int(1_800_000));
    for (name, arguments, durable) in [
        ("oslo-client-replies", [&expires].as_slice(), false),
        ("oslo-client-quorum-replies", &[&both], true),
        (
            "oslo-server",
            &[&Table::new(), &Table::new(), &expires],
            false,
        ),
        ("oslo-server-quorum", &[&quorum, &quorum, &both], true),
    ] {
        let declared = methods(name, "queue.declare");
        assert_eq!(declared.len(), arguments.len(), "{name}");
        for (theirs, arguments) in declared.iter().zip(arguments) {
            let Ok(Method::QueueDeclare { queue, .. }) = Method::decode(theirs) else {
                panic!()
            };
            let ours = encoded(&Method::QueueDeclare {
                reserved: Reserved,
                queue,
                passive: false,
                durable,
                exclusive: false,
                auto_delete: false,
                no_wait: Never,
                arguments: RawTable::new(&arguments.encode()),
            });
            assert_eq!(ours, theirs, "{name} {queue}");
        }
    }
    let fanout = methods("oslo-server", "exchange.declare");
    let ours = Method::ExchangeDeclare {
        reserved: Reserved,
        exchange: short("topic_fanout"),
        kind: short("fanout"),
        passive: false,
        durable: false,
        auto_delete: true,
        internal: false,
        no_wait: Never,
        arguments: RawTable::default(),
    };
    assert_eq!(encoded(&ours), fanout.last().unwrap());
}

#[test]
fn a_login_is_said_alike() {
    let theirs = methods("oslo-client", "connection.start-ok").remove(0);
    let Ok(Method::ConnectionStartOk {
        client_properties: theirs,
        mechanism,
        response,
        locale,
    }) = Method::decode(&theirs)
    else {
        panic!()
    };
    let name = theirs.text("connection_name").unwrap();
    assert!(name.starts_with("record.py:"), "{name}");
    let mut session = Session::with(Pieces::Whole, PROMPT, |config| {
        config.login = oslo_amqp::protocol::Login::AmqPlain {
            user: "guest".to_owned(),
            password: "pass word".to_owned(),
        };
        config.connection_name = name.to_owned();
        config.client_properties = Table::new()
            .with("product", "py-amqp")
            .with("product_version", "5.4.2");
    });
    session.write(usize::MAX);
    session.hear(usize::MAX);
    let mut slices = [std::io::IoSlice::new(&[]); 1];
    session.connection.outgoing().slices(&mut slices);
    let mut ours = BytesMut::from(&slices[0][..]);
    let ours = Frame::take(&mut ours, 4096).unwrap().unwrap().payload;
    let Ok(Method::ConnectionStartOk {
        client_properties: ours,
        mechanism: our_mechanism,
        response: our_response,
        locale: our_locale,
    }) = Method::decode(&ours)
    else {
        panic!()
    };
    assert_eq!(
        (mechanism, response, locale),
        (our_mechanism, our_response, our_locale)
    );
    for (name, value) in theirs.iter() {
        let our = ours.get(&name.to_text());
        if let (RawValue::Table(theirs), Some(RawValue::Table(ours))) = (value, our) {
            assert_eq!(theirs.iter().count(), 3);
            assert!(theirs.iter().all(|(name, _)| ours.bit(&name.to_text())));
        } else {
            assert_eq!(our, Some(value), "{name}");
        }
    }
    assert_eq!(theirs.iter().count(), ours.iter().count());
}

#[test]
fn every_type_and_every_property_is_read() {
    let declared = methods("py-amqp", "queue.declare").remove(0);
    let Ok(Method::QueueDeclare { arguments, .. }) = Method::decode(&declared) else {
        panic!()
    };
    let get = |name| arguments.get(name).unwrap();
    for (name, value) in [
        ("true", RawValue::Bool(true)),
        ("false", RawValue::Bool(false)),
        ("int", RawValue::Int(1_800_000)),
        ("negative", RawValue::Int(-5)),
        ("largest", RawValue::Int(0x7fff_ffff)),
        ("long", RawValue::Int(0x8000_0000)),
        ("negative-long", RawValue::Int(-(1 << 40))),
        ("float", RawValue::Other),
        ("text", RawValue::Text("\u{2603}".as_bytes())),
        ("bytes", RawValue::Text(&[0, 1])),
        ("none", RawValue::Other),
        ("list", RawValue::Other),
        ("time", RawValue::Timestamp(1_577_934_245)),
        ("decimal", RawValue::Other),
        ("last", RawValue::Text(b"here")),
    ] {
        assert_eq!(get(name), value, "{name}");
    }
    let RawValue::Table(table) = get("table") else {
        panic!()
    };
    let Some(RawValue::Table(inner)) = table.get("a") else {
        panic!()
    };
    assert_eq!(inner.get("b"), Some(RawValue::Int(1)));
    assert_eq!(arguments.iter().count(), 16);

    let frames = frames("py-amqp");
    let header = frames
        .iter()
        .find(|frame| frame.kind == FrameKind::Header)
        .unwrap();
    let delivery = delivered(&header.payload, b"body");
    let read = delivery.properties.read();
    assert_eq!(read.content_type, Some(short("a/b")));
    assert_eq!(read.content_encoding, Some(short("utf-8")));
    assert_eq!(read.headers.unwrap().get("n"), Some(RawValue::Int(1)));
    assert_eq!((read.delivery_mode, read.priority), (Some(2), Some(3)));
    assert_eq!(read.correlation_id, Some(short("c")));
    assert_eq!(read.reply_to, Some(short("r")));
    assert_eq!(read.expiration, Some(short("60000")));
    assert_eq!(read.message_id, Some(short("m")));
    let parts = frames.iter().filter(|frame| frame.kind == FrameKind::Body);
    let sizes: Vec<_> = parts.map(|frame| frame.payload.len()).collect();
    assert_eq!(sizes, [4, 4088, 4088, 1824]);
}
