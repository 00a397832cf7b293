use std::collections::BTreeSet;

use amq_protocol::protocol::{AMQPClass, basic, channel, confirm, connection, exchange, queue};
use amq_protocol::protocol::{gen_class, parse_class};
use amq_protocol::types::generation::gen_field_table;
use amq_protocol::types::parsing::parse_field_table;
use amq_protocol::types::{FieldTable, ShortString};
use bytes::BytesMut;
use proptest::prelude::*;

use super::tables::{is_same, table};
use super::{cases, mutate, mutations, text, written};
use crate::protocol::method::{Method, Unreadable};
use crate::protocol::primitive::{Long, Never, Reserved, Short};
use crate::protocol::table::RawTable;

/// What the arguments of a method are taken from.
#[derive(Clone, Debug)]
struct Parts {
    texts: [String; 4],
    bytes: Vec<u8>,
    numbers: [u64; 3],
    bits: [bool; 5],
    table: FieldTable,
    entries: Vec<u8>,
}

fn parts() -> impl Strategy<Value = Parts> {
    let texts = prop::array::uniform4(text().prop_filter("short", |text| text.len() < 256));
    let bytes = prop::collection::vec(any::<u8>(), 0..40);
    let numbers = prop::array::uniform3(any::<u64>());
    let bits = prop::array::uniform5(any::<bool>());
    (texts, bytes, numbers, bits, table()).prop_map(|(texts, bytes, numbers, bits, table)| Parts {
        entries: written(gen_field_table(&table)).split_off(4),
        texts,
        bytes,
        numbers,
        bits,
        table,
    })
}

/// As much of a number as there is room for.
fn number<T: TryFrom<u64>>(number: u64) -> T {
    let shifted = [0, 32, 48, 56].map(|bits| number >> bits);
    shifted
        .into_iter()
        .find_map(|number| T::try_from(number).ok())
        .unwrap()
}

macro_rules! ours {
    ($parts:ident text $place:literal) => {
        Short::new(&$parts.texts[$place]).unwrap()
    };
    ($parts:ident bytes $place:literal) => {
        Long(&$parts.bytes)
    };
    ($parts:ident table $place:literal) => {
        RawTable::new(&$parts.entries)
    };
    ($parts:ident bit $place:literal) => {
        $parts.bits[$place]
    };
    ($parts:ident never $place:literal) => {
        Never
    };
    ($parts:ident number $place:literal) => {
        number($parts.numbers[$place])
    };
}

macro_rules! theirs {
    ($parts:ident text $place:literal) => {
        ShortString::from($parts.texts[$place].clone())
    };
    ($parts:ident bytes $place:literal) => {
        $parts.bytes.clone().into()
    };
    ($parts:ident table $place:literal) => {
        $parts.table.clone()
    };
    ($parts:ident bit $place:literal) => {
        $parts.bits[$place]
    };
    ($parts:ident never $place:literal) => {
        false
    };
    ($parts:ident number $place:literal) => {
        number($parts.numbers[$place])
    };
}

/// The same method as ours and as theirs: each argument by both names, with where it is taken from;
/// then what they keep to themselves.
macro_rules! methods {
    ($($ours:ident = $class:ident $module:ident $theirs:ident
       { $($our:ident $their:ident $kind:ident $place:literal),* $(; $($name:ident $value:expr),*)? })*) => {
        const OURS: &[for<'a> fn(&'a Parts) -> Method<'a>] = &[$(|_parts| Method::$ours {
            $($our: ours!(_parts $kind $place),)*
            $($($name: $value,)*)?
        }),*];
        const THEIRS: &[fn(&Parts) -> AMQPClass] = &[$(|_parts| {
            AMQPClass::$class($module::AMQPMethod::$theirs($module::$theirs {
                $($their: theirs!(_parts $kind $place),)*
            }))
        }),*];
    };
}

methods! {
    ConnectionStart = Connection connection Start { version_major version_major number 0, version_minor version_minor number 1, server_properties server_properties table 0, mechanisms mechanisms bytes 0, locales locales bytes 0 }
    ConnectionStartOk = Connection connection StartOk { client_properties client_properties table 0, mechanism mechanism text 0, response response bytes 0, locale locale text 1 }
    ConnectionSecure = Connection connection Secure { challenge challenge bytes 0 }
    ConnectionSecureOk = Connection connection SecureOk { response response bytes 0 }
    ConnectionTune = Connection connection Tune { channel_max channel_max number 0, frame_max frame_max number 1, heartbeat heartbeat number 2 }
    ConnectionTuneOk = Connection connection TuneOk { channel_max channel_max number 0, frame_max frame_max number 1, heartbeat heartbeat number 2 }
    ConnectionOpen = Connection connection Open { virtual_host virtual_host text 0; reserved Short::EMPTY, insist false }
    ConnectionOpenOk = Connection connection OpenOk { ; reserved Short::EMPTY }
    ConnectionClose = Connection connection Close { reply_code reply_code number 0, reply_text reply_text text 0, class class_id number 1, method method_id number 2 }
    ConnectionCloseOk = Connection connection CloseOk {}
    ConnectionBlocked = Connection connection Blocked { reason reason text 0 }
    ConnectionUnblocked = Connection connection Unblocked {}
    ConnectionUpdateSecret = Connection connection UpdateSecret { secret new_secret bytes 0, reason reason text 0 }
    ConnectionUpdateSecretOk = Connection connection UpdateSecretOk {}
    ChannelOpen = Channel channel Open { ; reserved Short::EMPTY }
    ChannelOpenOk = Channel channel OpenOk { ; reserved Long(&[]) }
    ChannelFlow = Channel channel Flow { active active bit 0 }
    ChannelFlowOk = Channel channel FlowOk { active active bit 0 }
    ChannelClose = Channel channel Close { reply_code reply_code number 0, reply_text reply_text text 0, class class_id number 1, method method_id number 2 }
    ChannelCloseOk = Channel channel CloseOk {}
    ExchangeDeclare = Exchange exchange Declare { exchange exchange text 0, kind kind text 1, passive passive bit 0, durable durable bit 1, auto_delete auto_delete bit 2, internal internal bit 3, no_wait nowait never 0, arguments arguments table 0; reserved Reserved }
    ExchangeDeclareOk = Exchange exchange DeclareOk {}
    QueueDeclare = Queue queue Declare { queue queue text 0, passive passive bit 0, durable durable bit 1, exclusive exclusive bit 2, auto_delete auto_delete bit 3, no_wait nowait never 0, arguments arguments table 0; reserved Reserved }
    QueueDeclareOk = Queue queue DeclareOk { queue queue text 0, message_count message_count number 0, consumer_count consumer_count number 1 }
    QueueBind = Queue queue Bind { queue queue text 0, exchange exchange text 1, routing_key routing_key text 2, no_wait nowait never 0, arguments arguments table 0; reserved Reserved }
    QueueBindOk = Queue queue BindOk {}
    QueueDelete = Queue queue Delete { queue queue text 0, if_unused if_unused bit 0, if_empty if_empty bit 1, no_wait nowait never 0; reserved Reserved }
    QueueDeleteOk = Queue queue DeleteOk { message_count message_count number 0 }
    BasicQos = Basic basic Qos { prefetch_count prefetch_count number 0, global global bit 0; prefetch_size 0 }
    BasicQosOk = Basic basic QosOk {}
    BasicConsume = Basic basic Consume { queue queue text 0, consumer_tag consumer_tag text 1, no_local no_local bit 0, no_ack no_ack bit 1, exclusive exclusive bit 2, no_wait nowait never 0, arguments arguments table 0; reserved Reserved }
    BasicConsumeOk = Basic basic ConsumeOk { consumer_tag consumer_tag text 0 }
    BasicCancel = Basic basic Cancel { consumer_tag consumer_tag text 0, no_wait nowait bit 0 }
    BasicCancelOk = Basic basic CancelOk { consumer_tag consumer_tag text 0 }
    BasicPublish = Basic basic Publish { exchange exchange text 0, routing_key routing_key text 1, mandatory mandatory bit 0, immediate immediate bit 1; reserved Reserved }
    BasicReturn = Basic basic Return { reply_code reply_code number 0, reply_text reply_text text 0, exchange exchange text 1, routing_key routing_key text 2 }
    BasicDeliver = Basic basic Deliver { consumer_tag consumer_tag text 0, delivery_tag delivery_tag number 0, redelivered redelivered bit 0, exchange exchange text 1, routing_key routing_key text 2 }
    BasicAck = Basic basic Ack { delivery_tag delivery_tag number 0, multiple multiple bit 0 }
    BasicNack = Basic basic Nack { delivery_tag delivery_tag number 0, multiple multiple bit 0, requeue requeue bit 1 }
    ConfirmSelect = Confirm confirm Select { no_wait nowait never 0 }
    ConfirmSelectOk = Confirm confirm SelectOk {}
}

fn encoded(method: &Method<'_>) -> BytesMut {
    let mut out = BytesMut::new();
    method.encode(&mut out);
    out
}

/// Takes the table out of a method, which may say the same in other words.
fn without_table<'a>(method: &mut Method<'a>) -> RawTable<'a> {
    match method {
        Method::ConnectionStart {
            server_properties: table,
            ..
        }
        | Method::ConnectionStartOk {
            client_properties: table,
            ..
        }
        | Method::BasicConsume {
            arguments: table, ..
        }
        | Method::ExchangeDeclare {
            arguments: table, ..
        }
        | Method::QueueBind {
            arguments: table, ..
        }
        | Method::QueueDeclare {
            arguments: table, ..
        } => std::mem::take(table),
        _ => RawTable::default(),
    }
}

fn their_table(entries: RawTable<'_>) -> Option<FieldTable> {
    let mut wire = BytesMut::new();
    crate::protocol::primitive::Writer::new(&mut wire).write(&entries);
    parse_field_table(&wire[..]).ok().map(|(_, table)| table)
}

/// What is reserved they write as nothing, and read as anything.
fn without_reserved(method: &mut Method<'_>) {
    match method {
        Method::ConnectionOpen {
            reserved, insist, ..
        } => (*reserved, *insist) = (Short::EMPTY, false),
        Method::ConnectionOpenOk { reserved } | Method::ChannelOpen { reserved } => {
            *reserved = Short::EMPTY;
        }
        Method::ChannelOpenOk { reserved } => *reserved = Long(&[]),
        Method::BasicQos { prefetch_size, .. } => *prefetch_size = 0,
        _ => {}
    }
}

#[test]
fn every_method_of_ours_is_compared() {
    let parts = Parts {
        texts: [const { String::new() }; 4],
        bytes: Vec::new(),
        numbers: [0; 3],
        bits: [false; 5],
        table: FieldTable::default(),
        entries: Vec::new(),
    };
    let compared: BTreeSet<_> = OURS.iter().map(|ours| ours(&parts).numbers()).collect();
    let all = (0..=200).flat_map(|class| (0..=200).map(move |id| (class, id)));
    let known = all.filter(|(class, id)| {
        let wire = [u16::to_be_bytes(*class), u16::to_be_bytes(*id)].concat();
        !matches!(Method::decode(&wire), Err(Unreadable::Unknown { .. }))
    });
    assert_eq!(known.collect::<BTreeSet<(u16, u16)>>(), compared);
    assert_eq!(compared.len(), OURS.len());
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn methods_are_written_and_read_alike(parts in parts()) {
        for (ours, theirs) in OURS.iter().zip(THEIRS) {
            let (ours, theirs) = (ours(&parts), theirs(&parts));
            let wire = encoded(&ours);
            prop_assert_eq!(&wire[..], &written(gen_class(&theirs))[..], "{:?}", ours);
            prop_assert_eq!(Method::decode(&wire), Ok(ours));
            let (rest, read) = parse_class(&wire[..]).unwrap();
            prop_assert!(rest.is_empty());
            prop_assert_eq!(read, theirs);
        }
    }

    #[test]
    fn mutated_methods_are_the_same_or_refused(
        parts in parts(),
        which in 0..OURS.len(),
        mutations in mutations(),
    ) {
        let mut wire = encoded(&OURS[which](&parts)).to_vec();
        mutate(&mut wire, &mutations);
        match (Method::decode(&wire), parse_class(&wire[..])) {
            (Ok(mut ours), Ok((_, theirs))) => {
                let theirs = written(gen_class(&theirs));
                let mut theirs = Method::decode(&theirs).unwrap();
                without_reserved(&mut ours);
                let (our_table, table) = (without_table(&mut ours), without_table(&mut theirs));
                prop_assert!(is_same(our_table, &their_table(table).unwrap()), "{wire:?}");
                prop_assert_eq!(ours, theirs);
            }
            (Ok(mut ours), Err(_)) => {
                let table = without_table(&mut ours);
                let is_text = !format!("{ours:?}").contains('\u{fffd}');
                prop_assert!(!is_text || their_table(table).is_none(), "{wire:?}");
            }
            (Err(Unreadable::Malformed(error)), Ok(_)) => prop_assert!(false, "{error}: {wire:?}"),
            (Err(Unreadable::Unknown { .. } | Unreadable::Malformed(_)), _) => {}
        }
    }
}
