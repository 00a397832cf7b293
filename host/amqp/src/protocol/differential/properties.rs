use amq_protocol::protocol::basic::{AMQPProperties, gen_properties, parse_properties};
use bytes::{Bytes, BytesMut};
use proptest::option;
use proptest::prelude::*;

use super::tables::{is_same, table, theirs as their_table};
use super::{cases, mutate, mutations, text, written};
use crate::protocol::primitive::Short;
use crate::protocol::properties::{Properties, PropertiesRead};
use crate::protocol::table::Table;

fn theirs() -> impl Strategy<Value = AMQPProperties> {
    let known = (
        option::of(text()),
        option::of(text()),
        option::of(table()),
        option::of(any::<u8>()),
        option::of(any::<u8>()),
        option::of(text()),
        option::of(text()),
        option::of(text()),
        option::of(text()),
    );
    let unknown = (
        option::of(any::<u64>()),
        prop::array::uniform4(option::of(text())),
    );
    (known, unknown).prop_map(|(known, (timestamp, [kind, user, app, cluster]))| {
        let mut made = AMQPProperties::default();
        macro_rules! set {
            ($($value:expr => $with:ident),* $(,)?) => {$(
                if let Some(value) = $value {
                    made = made.$with(value.into());
                }
            )*};
        }
        set!(
            known.0 => with_content_type,
            known.1 => with_content_encoding,
            known.3 => with_delivery_mode,
            known.4 => with_priority,
            known.5 => with_correlation_id,
            known.6 => with_reply_to,
            known.7 => with_expiration,
            known.8 => with_message_id,
            timestamp => with_timestamp,
            kind => with_type,
            user => with_user_id,
            app => with_app_id,
            cluster => with_cluster_id,
        );
        match known.2 {
            Some(headers) => made.with_headers(headers),
            None => made,
        }
    })
}

fn is_equal(ours: &PropertiesRead<'_>, theirs: &AMQPProperties) -> bool {
    macro_rules! texts {
        ($($field:ident),*) => {
            $(ours.$field.map(|it| it.as_bytes())
                == theirs.$field().as_ref().map(|it| it.as_str().as_bytes()))&&*
        };
    }
    texts!(
        content_type,
        content_encoding,
        correlation_id,
        reply_to,
        expiration,
        message_id
    ) && ours.delivery_mode == *theirs.delivery_mode()
        && ours.priority == *theirs.priority()
        && match (ours.headers, theirs.headers()) {
            (Some(ours), Some(theirs)) => is_same(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn their_properties_are_read(theirs in theirs()) {
        let wire = Properties::from_wire(written(gen_properties(&theirs)).into());
        prop_assert!(is_equal(&wire.read(), &theirs), "{theirs:?}");
    }

    #[test]
    fn our_properties_are_theirs(
        texts in prop::array::uniform4(option::of(text())),
        octets in prop::array::uniform2(option::of(any::<u8>())),
        headers in option::of("[a-z]{1,9}"),
    ) {
        let texts = texts.map(|text| text.filter(|text| text.len() < 256));
        let short = |place: usize| texts[place].as_deref().map(|text| Short::new(text).unwrap());
        let headers = headers.map(|name| Table::new().with(name.leak(), true));
        let mut ours = Properties::builder();
        let mut theirs = AMQPProperties::default();
        macro_rules! set {
            ($($place:literal $ours:ident $theirs:ident)*) => {$(
                if let Some(text) = short($place) {
                    ours = ours.$ours(text);
                    theirs = theirs.$theirs(texts[$place].clone().unwrap().into());
                }
            )*};
        }
        set!(
            0 content_type with_content_type
            1 content_encoding with_content_encoding
            2 expiration with_expiration
            3 message_id with_message_id
        );
        if let Some(mode) = octets[0] {
            (ours, theirs) = (ours.delivery_mode(mode), theirs.with_delivery_mode(mode));
        }
        if let Some(priority) = octets[1] {
            (ours, theirs) = (ours.priority(priority), theirs.with_priority(priority));
        }
        if let Some(headers) = &headers {
            (ours, theirs) = (ours.headers(headers), theirs.with_headers(their_table(headers)));
        }
        let mut wire = BytesMut::new();
        ours.encode(&mut wire);
        prop_assert_eq!(&wire[..], &written(gen_properties(&theirs))[..]);
        prop_assert_eq!(parse_properties(&wire[..]).unwrap(), (&[][..], theirs));
    }

    #[test]
    fn mutated_properties_are_the_same_or_end_early(theirs in theirs(), mutations in mutations()) {
        let mut wire = written(gen_properties(&theirs));
        mutate(&mut wire, &mutations);
        let ours = Properties::from_wire(Bytes::from(wire.clone()));
        let read = ours.read();
        let has_more_flags = wire.get(1).is_some_and(|flags| flags & 1 == 1);
        if let Ok((_, theirs)) = parse_properties(&wire[..]) && !has_more_flags {
            prop_assert!(is_equal(&read, &theirs), "{wire:?}");
        }
    }
}
