//! The properties of a message.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};

use crate::wire::Compression;

/// Dossier §3.2: what Python's oslo.messaging sets, and nothing else.
pub(super) fn properties(
    expiration: Option<u128>,
    compression: Option<Compression>,
) -> BasicProperties {
    let mut headers = FieldTable::default();
    if let Some(compression) = compression {
        let method = AMQPValue::LongString(compression.header().into());
        headers.insert("compression".into(), method);
    }
    let properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_content_encoding("utf-8".into())
        .with_headers(headers)
        .with_delivery_mode(2)
        .with_priority(0);
    match expiration {
        // The broker takes no more than 32 bits of milliseconds.
        Some(millis) => properties.with_expiration(millis.min(u32::MAX.into()).to_string().into()),
        None => properties,
    }
}

#[cfg(test)]
mod tests {
    use super::super::consume::header;
    use super::*;

    #[test]
    fn properties_are_those_of_python() {
        let properties_of = |expiration| {
            let properties = properties(expiration, None);
            (
                properties.content_type().as_ref().map(ToString::to_string),
                properties
                    .content_encoding()
                    .as_ref()
                    .map(ToString::to_string),
                properties.headers().clone(),
                *properties.delivery_mode(),
                *properties.priority(),
                properties.expiration().as_ref().map(ToString::to_string),
            )
        };
        let expected = |expiration: Option<&str>| {
            (
                Some("application/json".to_owned()),
                Some("utf-8".to_owned()),
                Some(FieldTable::default()),
                Some(2),
                Some(0),
                expiration.map(ToOwned::to_owned),
            )
        };
        assert_eq!(properties_of(None), expected(None));
        assert_eq!(properties_of(Some(60_000)), expected(Some("60000")));
        assert_eq!(properties_of(Some(u128::MAX)), expected(Some("4294967295")));
        let compressed = properties(None, Some(Compression::Gzip));
        let method = header(&compressed, "compression");
        assert_eq!(method.as_deref(), Some("application/x-gzip"));
        let absent = properties(Some(1), None);
        assert!(absent.correlation_id().is_none() && absent.reply_to().is_none());
        assert!(absent.message_id().is_none() && absent.timestamp().is_none());
    }
}
