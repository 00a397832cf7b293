use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::types::Setting;

pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Setting>, D::Error> {
    let mut settings = Vec::new();
    match Given::deserialize(deserializer)? {
        Given::Once(object) => push(object, &mut settings),
        Given::InOrder(objects) => objects
            .into_iter()
            .try_for_each(|object| push(object, &mut settings)),
    }
    .map_err(D::Error::custom)?;
    Ok(settings)
}

pub(crate) fn optional_list<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Setting>>, D::Error> {
    list(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Once(Map<String, Value>),
    InOrder(Vec<Map<String, Value>>),
}

fn push(object: Map<String, Value>, settings: &mut Vec<Setting>) -> Result<(), String> {
    for (name, value) in object {
        settings.push(setting(&name, value)?);
    }
    Ok(())
}

fn setting(name: &str, value: Value) -> Result<Setting, String> {
    /// Null is "given none".
    fn given<T: DeserializeOwned>(name: &str, value: Value) -> Result<Option<T>, String> {
        serde_json::from_value(value).map_err(|e| format!("setting `{name}`: {e}"))
    }
    Ok(match name {
        "exchange" => Setting::Exchange(given(name, value)?),
        "topic" => Setting::Topic(given(name, value)?),
        "namespace" => Setting::Namespace(given(name, value)?),
        "version" => Setting::Version(given(name, value)?),
        "server" => Setting::Server(given(name, value)?),
        "fanout" => Setting::Fanout(given(name, value)?),
        "timeout" => Setting::Timeout(given(name, value)?),
        "version-cap" => Setting::VersionCap(given(name, value)?),
        "retry" => Setting::Retry(given(name, value)?),
        "call-monitor-timeout" => Setting::CallMonitorTimeout(given(name, value)?),
        "at-least-once" => Setting::AtLeastOnce(given(name, value)?),
        _ => return Err(format!("there is no setting `{name}`")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_setting_has_a_name() {
        let check = |text: Value, expected: Setting| assert_eq!(list(text).unwrap(), [expected]);
        check(
            json!({"exchange": "e"}),
            Setting::Exchange(Some("e".into())),
        );
        check(json!({"topic": null}), Setting::Topic(None));
        check(
            json!({"namespace": "n"}),
            Setting::Namespace(Some("n".into())),
        );
        check(
            json!({"version": "1.0"}),
            Setting::Version(Some("1.0".into())),
        );
        check(json!({"server": null}), Setting::Server(None));
        check(json!({"fanout": true}), Setting::Fanout(Some(true)));
        check(json!({"timeout": 5}), Setting::Timeout(Some(5)));
        check(
            json!({"version-cap": "1.0"}),
            Setting::VersionCap(Some("1.0".into())),
        );
        check(json!({"retry": 0}), Setting::Retry(Some(0)));
        check(
            json!({"call-monitor-timeout": 2}),
            Setting::CallMonitorTimeout(Some(2)),
        );
        check(
            json!({"at-least-once": false}),
            Setting::AtLeastOnce(Some(false)),
        );
    }

    #[test]
    fn a_list_keeps_order_and_repetition() {
        assert_eq!(
            list(json!([{"timeout": 1}, {"retry": null}, {"timeout": null}])).unwrap(),
            [
                Setting::Timeout(Some(1)),
                Setting::Retry(None),
                Setting::Timeout(None)
            ]
        );
    }
}
