use std::time::Duration;

use oslo_messaging_guest::Settings;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Settings, D::Error> {
    let objects = match Given::deserialize(deserializer)? {
        Given::Once(object) => vec![object],
        Given::InOrder(objects) => objects,
    };
    let mut settings = Settings::new();
    for (name, value) in objects.into_iter().flatten() {
        settings = with(settings, &name, value).map_err(D::Error::custom)?;
    }
    Ok(settings)
}

pub(crate) fn optional_list<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Settings>, D::Error> {
    list(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Once(Map<String, Value>),
    InOrder(Vec<Map<String, Value>>),
}

fn with(settings: Settings, name: &str, value: Value) -> Result<Settings, String> {
    /// Null is "given none".
    fn given<T: DeserializeOwned>(name: &str, value: Value) -> Result<Option<T>, String> {
        serde_json::from_value(value).map_err(|e| format!("setting `{name}`: {e}"))
    }
    /// Calls one of the two methods that a setting has.
    macro_rules! set {
        ($method:ident, $default:ident, $as:expr) => {
            match given(name, value)? {
                Some(value) => settings.$method($as(value)),
                None => settings.$default(),
            }
        };
    }
    let text = |text: String| text;
    let flag = |flag: bool| flag;
    let length = Duration::from_nanos;
    Ok(match name {
        "exchange" => set!(exchange, default_exchange, text),
        "topic" => set!(topic, default_topic, text),
        "namespace" => set!(namespace, default_namespace, text),
        "version" => set!(version, default_version, text),
        "server" => set!(server, default_server, text),
        "fanout" => set!(fanout, default_fanout, flag),
        "timeout" => set!(timeout, default_timeout, length),
        "version-cap" => set!(version_cap, default_version_cap, text),
        "retry" => set!(retry, default_retry, |times: u32| times),
        "call-monitor-timeout" => set!(call_monitor_timeout, default_call_monitor_timeout, length),
        "mandatory" => set!(mandatory, default_mandatory, flag),
        "reply-bytes" => set!(reply_bytes, default_reply_bytes, |bytes: u64| bytes),
        _ => return Err(format!("there is no setting `{name}`")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_setting_has_a_name() {
        let check = |text: Value, expected: Settings| {
            let settings = list(text).unwrap();
            assert_eq!(format!("{settings:?}"), format!("{expected:?}"));
        };
        let new = Settings::new;
        check(json!({"exchange": "e"}), new().exchange("e"));
        check(json!({"topic": null}), new().default_topic());
        check(json!({"namespace": "n"}), new().namespace("n"));
        check(json!({"version": "1.0"}), new().version("1.0"));
        check(json!({"server": null}), new().default_server());
        check(json!({"fanout": true}), new().fanout(true));
        check(
            json!({"timeout": 5}),
            new().timeout(Duration::from_nanos(5)),
        );
        check(json!({"version-cap": "1.0"}), new().version_cap("1.0"));
        check(json!({"retry": 0}), new().retry(0));
        check(
            json!({"call-monitor-timeout": 2}),
            new().call_monitor_timeout(Duration::from_nanos(2)),
        );
        check(json!({"mandatory": false}), new().mandatory(false));
        check(json!({"reply-bytes": 7}), new().reply_bytes(7));
    }

    #[test]
    fn a_list_keeps_order_and_repetition() {
        let settings = list(json!([{"timeout": 1}, {"retry": null}, {"timeout": null}])).unwrap();
        let expected = Settings::new()
            .timeout(Duration::from_nanos(1))
            .default_retry()
            .default_timeout();
        assert_eq!(format!("{settings:?}"), format!("{expected:?}"));
    }
}
