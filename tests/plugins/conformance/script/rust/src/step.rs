use oslo_messaging_guest::{Settings, Target};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::settings;

/// A whole script.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The first client.
    pub open: Open,
    /// What to do with it.
    #[serde(default)]
    pub steps: Vec<Step>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }
}

/// What `client.open` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The transport's name.
    #[serde(default = "default_transport")]
    pub transport: String,
    /// The target.
    #[serde(default)]
    pub target: TargetFields,
    /// The client's defaults.
    #[serde(default, deserialize_with = "settings::list")]
    pub settings: Settings,
}

fn default_transport() -> String {
    "default".to_owned()
}

/// The fields of a target, all of which may be absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in wit/types.wit")]
pub struct TargetFields {
    pub exchange: Option<String>,
    pub topic: Option<String>,
    pub namespace: Option<String>,
    pub version: Option<String>,
    pub server: Option<String>,
    pub fanout: bool,
}

impl From<TargetFields> for Target {
    fn from(fields: TargetFields) -> Self {
        let TargetFields {
            exchange,
            topic,
            namespace,
            version,
            server,
            fanout,
        } = fields;
        let mut target = Self::new().fanout(fanout);
        target.exchange = exchange;
        target.topic = topic;
        target.namespace = namespace;
        target.version = version;
        target.server = server;
        target
    }
}

/// One step.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// The number of the client to use; none: the newest.
    pub client: Option<usize>,
    /// What to do.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What a step does.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kind {
    /// Calls.
    Call(Message),
    /// Makes many calls at once (`rpc`).
    CallAll {
        /// The calls.
        requests: Vec<Message>,
    },
    /// Starts a call or cast, and gives it up (`rpc-poll`).
    Cancel {
        /// The call or cast.
        step: Box<Step>,
    },
    /// Asks whether a version may be sent.
    CanSendVersion {
        /// The version; none: the target's.
        version: Option<String>,
    },
    /// Casts.
    Cast(Message),
    /// Runs steps at the same time (`rpc-poll`, `rpc-async`).
    Concurrently {
        /// The steps.
        steps: Vec<Step>,
    },
    /// Asks a client what it is.
    Describe,
    /// Drops a client.
    Drop,
    /// Asks for the limits.
    Limits,
    /// Makes a client with other settings.
    Prepare {
        /// The settings.
        #[serde(default, deserialize_with = "settings::list")]
        settings: Settings,
    },
    /// Asks for the time left.
    Remaining,
    /// Asks for the transports.
    Transports,
}

/// One message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Message {
    /// In `call-all`: the number of its client; none: that of the step.
    pub client: Option<usize>,
    /// The method.
    pub method: String,
    /// Overrides for this message; none: sent by the client as it is.
    #[serde(default, deserialize_with = "settings::optional_list")]
    pub settings: Option<Settings>,
    context: Option<Map<String, Value>>,
    context_text: Option<String>,
    args: Option<Value>,
    args_text: Option<String>,
}

impl Message {
    /// The context's text.
    #[must_use]
    pub fn context(&self) -> Verbatim {
        Verbatim(match (&self.context_text, &self.context) {
            (Some(text), _) => text.clone(),
            (None, Some(context)) => Value::Object(context.clone()).to_string(),
            (None, None) => "{}".to_owned(),
        })
    }

    /// The arguments' text.
    #[must_use]
    pub fn args(&self) -> Verbatim {
        Verbatim(match (&self.args_text, &self.args) {
            (Some(text), _) => text.clone(),
            (None, Some(args)) => args.to_string(),
            (None, None) => "{}".to_owned(),
        })
    }

    /// Its options; none: as its client is.
    pub fn settings(&self) -> Settings {
        self.settings.clone().unwrap_or_default()
    }
}

/// A text that `serde_json` writes as it is, well-formed or not, which no author can make it do:
/// the host is to refuse what is no JSON, and the SDK is to be what it goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbatim(String);

impl Serialize for Verbatim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// How a `RawValue` tells `serde_json` what it is.
        const RAW: &str = "$serde_json::private::RawValue";
        let mut raw = serializer.serialize_struct(RAW, 1)?;
        raw.serialize_field(RAW, &self.0)?;
        raw.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str) -> Result<Step, String> {
        let script = format!(r#"{{"open": {{}}, "steps": [{text}]}}"#);
        Script::parse(&script).map(|mut script| script.steps.remove(0))
    }

    #[test]
    fn a_script_that_says_little_has_defaults() {
        let script = Script::parse(r#"{"open": {}}"#).unwrap();
        assert_eq!(script.open.transport, "default");
        assert_eq!(
            format!("{:?}", script.open.settings),
            format!("{:?}", Settings::new())
        );
        assert!(script.steps.is_empty());
        let step = step(r#"{"op": "call", "method": "m"}"#).unwrap();
        assert_eq!(step.client, None);
        let Kind::Call(message) = step.kind else {
            panic!("{step:?}")
        };
        assert_eq!(
            (message.context().0.as_str(), message.args().0.as_str()),
            ("{}", "{}")
        );
        assert!(message.settings.is_none());
    }

    #[test]
    fn text_is_sent_as_it_is() {
        let text =
            r#"{"op": "cast", "client": 2, "method": "m", "args-text": "{", "context": {"a": 1}}"#;
        let step = step(text).unwrap();
        assert_eq!(step.client, Some(2));
        let Kind::Cast(message) = step.kind else {
            panic!("{step:?}")
        };
        assert_eq!(
            (message.context().0.as_str(), message.args().0.as_str()),
            (r#"{"a":1}"#, "{")
        );
        assert_eq!(serde_json::to_string(&message.args()).unwrap(), "{");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |text: &str, part: &str| {
            let message = step(text).unwrap_err();
            assert!(message.contains(part), "{message}");
        };
        check(r#"{"op": "fly"}"#, "unknown variant `fly`");
        check(r#"{"op": "call"}"#, "missing field `method`");
        check(
            r#"{"op": "prepare", "settings": {"speed": 1}}"#,
            "there is no setting `speed`",
        );
        check(
            r#"{"op": "prepare", "settings": {"timeout": "soon"}}"#,
            "`timeout`",
        );
        check("{}", "missing field `op`");
        let deep = r#"{"op": "concurrently", "steps": ["#.repeat(100_000);
        check(&deep, "recursion limit");
        assert!(Script::parse("").unwrap_err().contains("EOF"));
    }
}
