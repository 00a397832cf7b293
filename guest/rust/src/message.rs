use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::finite::Finite;
use crate::serializer::{BoxError, Serializer};

/// A request as it goes to the host, and what its reply is read with.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) context: String,
    pub(crate) args: String,
    /// The caller's context for the serializer; none when there is nothing for it to do.
    caller: Option<Value>,
}

impl Message {
    pub(crate) fn encode<S: Serializer>(
        serializer: &S,
        context: &(impl Serialize + ?Sized),
        args: &(impl Serialize + ?Sized),
    ) -> Result<Self> {
        if S::UNCHANGED {
            return Ok(Self {
                context: text("context", context)?,
                args: text("args", args)?,
                caller: None,
            });
        }
        let caller =
            serde_json::to_value(Finite(context)).map_err(|e| Error::serialize("context", e))?;
        let mut args =
            serde_json::to_value(Finite(args)).map_err(|e| Error::serialize("args", e))?;
        if let Value::Object(args) = &mut args {
            for (name, entity) in args {
                *entity = serializer
                    .serialize_entity(&caller, entity.take())
                    .map_err(|e| Error::serialize(name, e))?;
            }
        }
        let context = serializer
            .serialize_context(caller.clone())
            .map_err(|e| Error::serialize("context", e))?;
        Ok(Self {
            context: text("context", &context)?,
            args: text("args", &args)?,
            caller: Some(caller),
        })
    }

    pub(crate) fn decode<R: DeserializeOwned, S: Serializer>(
        caller: Option<&Value>,
        serializer: &S,
        reply: String,
    ) -> Result<R> {
        let read = || -> Result<R, BoxError> {
            let Some(caller) = caller else {
                return Ok(serde_json::from_str(&reply)?);
            };
            let entity = serde_json::from_str(&reply)?;
            let entity = serializer.deserialize_entity(caller, entity)?;
            Ok(serde_json::from_value(entity)?)
        };
        read().map_err(|source| Error::UnexpectedReply {
            expected: type_name::<R>(),
            reply: reply.into(),
            source,
        })
    }

    /// The parts: context, args, and the caller's context for [`decode`](Self::decode).
    pub(crate) fn into_parts(self) -> (String, String, Option<Value>) {
        (self.context, self.args, self.caller)
    }
}

/// JSON of a context or of arguments, where `()` stands for "none": an empty object.
pub(crate) fn text(what: &str, value: &(impl Serialize + ?Sized)) -> Result<String> {
    let text = json(what, value)?;
    Ok(if text == "null" {
        "{}".to_owned()
    } else {
        text
    })
}

/// JSON of anything, in which no number has become null.
pub(crate) fn json(what: &str, value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(&Finite(value)).map_err(|e| Error::serialize(what, e))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::error::Error as _;

    use serde_json::json;

    use super::*;
    use crate::{Outcome, Plain};

    /// Writes down what it is asked.
    struct Marks;

    impl Serializer for Marks {
        fn serialize_entity(&self, context: &Value, entity: Value) -> Result<Value, BoxError> {
            if entity == json!("poison") {
                return Err("poisoned".into());
            }
            Ok(json!({ "sent": entity, "by": context["user"] }))
        }

        fn deserialize_entity(&self, context: &Value, entity: Value) -> Result<Value, BoxError> {
            if entity.is_null() {
                return Err("nothing came".into());
            }
            Ok(json!([entity, context["user"]]))
        }

        fn serialize_context(&self, mut context: Value) -> Result<Value, BoxError> {
            context["stamped"] = json!(true);
            Ok(context)
        }
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn plain_messages_are_what_serde_makes_of_them() {
        let message = Message::encode(&Plain, &json!({"user": "u"}), &json!({"a": 1})).unwrap();
        let (context, args, caller) = message.into_parts();
        assert_eq!(
            (context.as_str(), args.as_str()),
            (r#"{"user":"u"}"#, r#"{"a":1}"#)
        );
        assert_eq!(caller, None);
    }

    #[test]
    fn unit_and_none_are_empty_objects() {
        let message = Message::encode(&Plain, &(), &None::<Value>).unwrap();
        assert_eq!(
            (message.context.as_str(), message.args.as_str()),
            ("{}", "{}")
        );
        let message = Message::encode(&Marks, &json!({}), &()).unwrap();
        assert_eq!(message.args, "{}");
    }

    #[test]
    fn a_serializer_sees_each_argument_the_context_and_the_result() {
        let context = json!({"user": "u"});
        let message = Message::encode(&Marks, &context, &json!({"a": 1, "b": [2]})).unwrap();
        let (sent, args, caller) = message.into_parts();
        assert_eq!(
            value(&args),
            json!({"a": {"sent": 1, "by": "u"}, "b": {"sent": [2], "by": "u"}})
        );
        assert_eq!(value(&sent), json!({"user": "u", "stamped": true}));
        let reply: Value = Message::decode(caller.as_ref(), &Marks, "7".into()).unwrap();
        assert_eq!(reply, json!([7, "u"]));
    }

    #[test]
    fn what_cannot_be_sent_is_named() {
        let check = |result: Result<Message>, name: &str| match result.unwrap_err() {
            Error::Serialize { argument, .. } => assert_eq!(argument, name),
            other => panic!("{other}"),
        };
        let no_key = BTreeMap::from([((1, 2), 3)]);
        check(Message::encode(&Plain, &(), &no_key), "args");
        check(Message::encode(&Plain, &no_key, &()), "context");
        let no_number = BTreeMap::from([("load", f64::NAN)]);
        check(Message::encode(&Plain, &(), &no_number), "args");
        check(Message::encode(&Plain, &(), &f64::NAN), "args");
        check(Message::encode(&Plain, &no_number, &()), "context");
        check(Message::encode(&Marks, &json!({}), &no_number), "args");
        check(Message::encode(&Marks, &no_number, &()), "context");
        check(
            Message::encode(&Marks, &json!({}), &json!({"a": 1, "b": "poison"})),
            "b",
        );
    }

    #[test]
    fn a_reply_of_another_type_says_what_was_expected() {
        let error = Message::decode::<u8, _>(None, &Plain, "[1]".into()).unwrap_err();
        assert_eq!(error.outcome(), Outcome::Executed);
        assert!(
            error
                .source()
                .is_some_and(|source| source.is::<serde_json::Error>())
        );
        assert_eq!(
            error.to_string(),
            "the reply does not fit `u8`: invalid type: sequence, expected u8 at line 1 column 0"
        );
        let error = Message::decode::<u8, _>(Some(&json!({})), &Marks, "null".into()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the reply does not fit `u8`: nothing came"
        );
    }
}
