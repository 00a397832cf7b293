//! Where a server is in the stream of its topic's fanouts.

use std::time::SystemTime;

use crate::mutex::Mutex;
use oslo_amqp::protocol::{Properties, RawValue, Value};

/// The place where the next subscription begins.
///
/// Upstream begins with the last chunk of the stream, and so executes again what it executed
/// before a restart. Here a server gets what comes after its start, as with a queue of its own,
/// and what it missed while a connection was being replaced.
#[derive(Debug, Default)]
pub(super) struct Position(Mutex<Next>);

#[derive(Clone, Copy, Debug, Default)]
enum Next {
    /// This message.
    Offset(i64),
    /// What comes from now on.
    #[default]
    New,
    /// What came since, in seconds of the epoch.
    Since(u64),
}

impl Position {
    /// The consumer's argument `x-stream-offset`. Whoever has subscribed once does not want to
    /// miss anything from then on.
    pub(super) fn subscribe(&self) -> Value {
        let mut next = self.0.lock();
        match *next {
            Next::Offset(offset) => Value::Long(offset),
            Next::New => {
                *next = Next::Since(now());
                Value::from("next")
            }
            Next::Since(time) => Value::Timestamp(time),
        }
    }

    /// This message was handed out.
    pub(super) fn handed_out(&self, properties: &Properties) {
        let headers = properties.read().headers.unwrap_or_default();
        let Some(RawValue::Int(offset)) = headers.get("x-stream-offset") else {
            return;
        };
        *self.0.lock() = Next::Offset(offset.saturating_add(1));
    }

    /// The stream was deleted: another one begins to count anew.
    pub(super) fn forget(&self) {
        *self.0.lock() = Next::Since(now());
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use oslo_amqp::protocol::Table;

    use super::*;

    #[test]
    fn goes_on_after_what_was_handed_out() {
        let message = |offset: i64| {
            let headers = Table::new().with("x-stream-offset", Value::Long(offset));
            Properties::builder().headers(&headers).build()
        };
        let position = Position::default();
        assert_eq!(position.subscribe(), Value::from("next"));
        position.handed_out(&Properties::default());
        let Value::Timestamp(since) = position.subscribe() else {
            panic!()
        };
        assert!(now() - since < 60);
        position.handed_out(&message(7));
        assert_eq!(position.subscribe(), Value::Long(8));
        assert_eq!(position.subscribe(), Value::Long(8));
        position.forget();
        assert!(matches!(position.subscribe(), Value::Timestamp(_)));
    }
}
