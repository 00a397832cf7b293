//! Serializers: the same one here and in Python (`Marking` of `tests/python/peer.py`).

use std::borrow::Cow;

use oslo_messaging::raw::Entries;
use oslo_messaging::{
    Context, Endpoint, Error, RpcClient, RpcServer, Serializer, SerializerError, Target, Transport,
};
use oslo_messaging_tests::peer::{PythonClient, PythonServer, transport_url, unique_name};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

/// Says with every entity whose it is, and gives every name of a context a prefix.
#[derive(Debug)]
struct Marking;

impl Serializer for Marking {
    fn serialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        renamed(context, |name| format!("x-{name}"))
    }

    fn deserialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        renamed(context, |name| {
            name.strip_prefix("x-").unwrap_or(name).to_owned()
        })
    }

    fn serialize_entity<'a>(
        &self,
        context: &RawValue,
        entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        let marked = json!({"of": user(context)?, "is": entity});
        Ok(Cow::Owned(to_raw_value(&marked)?))
    }

    fn deserialize_entity<'a>(
        &self,
        context: &RawValue,
        entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        let marked: Value = serde_json::from_str(entity.get())?;
        let user = user(context)?;
        if marked["of"] != user {
            return Err(format!("this is of {}, not of {user}", marked["of"]).into());
        }
        Ok(Cow::Owned(to_raw_value(&marked["is"])?))
    }
}

fn renamed<'a>(
    context: &RawValue,
    name: impl Fn(&str) -> String,
) -> Result<Cow<'a, RawValue>, SerializerError> {
    let mut entries = Entries::default();
    for (old, value) in Entries::read(context)?.iter() {
        entries.push(name(old), Cow::Owned(value.to_owned()));
    }
    Ok(Cow::Owned(entries.write()?))
}

fn user(context: &RawValue) -> serde_json::Result<Value> {
    let context: Value = serde_json::from_str(context.get())?;
    Ok(context["user"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_and_pythons_server_understand_each_other() {
    let url = transport_url().unwrap();
    let topic = unique_name("serializers");
    let marking = ["--marking"];
    let mut server = PythonServer::start_with(&url, &topic, "s1", &marking)
        .await
        .unwrap();
    let transport = Transport::new(&url).unwrap();
    let target = Target::topic(&topic).version("2.5");
    let client = RpcClient::with_serializer(&transport, target.clone(), Marking);
    let context = json!({"user": "alice", "roles": ["a"]});
    let sum: i64 = client
        .prepare()
        .server("s1")
        .call(&context, "add", &json!({"a": 40, "b": 2}))
        .await
        .unwrap();
    assert_eq!(sum, 42);
    let invocation = server.next_invocation().await.unwrap();
    assert_eq!(invocation["args"], json!({"a": 40, "b": 2}));
    assert_eq!(
        invocation["context"],
        json!({"user": "alice", "roles": ["a"], "client_timeout": null})
    );
    client
        .cast(&context, "remember", &json!({"word": ["w"]}))
        .await
        .unwrap();
    let invocation = server.next_invocation().await.unwrap();
    assert_eq!(invocation["args"], json!({"word": ["w"]}));

    // Without it the server cannot read the arguments, and we cannot read the result.
    let plain = RpcClient::new(&transport, target);
    let refused = plain
        .call::<Value>(&context, "add", &json!({"a": 40, "b": 2}))
        .await;
    assert!(matches!(refused, Err(Error::Remote(_))), "{refused:?}");
    let raw: Value = plain.call(&json!({}), "none", &json!({})).await.unwrap();
    assert_eq!(raw, json!({"of": null, "is": null}));
    server.stop().await.unwrap();
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pythons_client_and_our_server_understand_each_other() {
    let url = transport_url().unwrap();
    let topic = unique_name("serializers");
    let transport = Transport::new(&url).unwrap();
    let echo = |context: Context, args: Value| async move {
        Ok(json!([context.get::<String>("user"), args]))
    };
    let server = RpcServer::builder(&transport, Target::topic(&topic).server("s1"))
        .serializer(Marking)
        .endpoint(Endpoint::new().version("2.5").method("echo", echo))
        .start()
        .await
        .unwrap();
    let client = PythonClient::start(&url, &["--marking"]).await.unwrap();
    let request = |method: &str| {
        json!({"op": "call", "target": {"topic": topic, "version": "2.5"},
            "context": {"user": "bob"}, "method": method, "args": {"a": [1], "b": null}})
    };
    let answer = client.request(request("echo")).await.unwrap();
    assert_eq!(answer["result"], json!(["bob", {"a": [1], "b": null}]));
    // Exceptions are not serialized.
    let answer = client.request(request("nope")).await.unwrap();
    assert_eq!(answer["error"]["remote_type"], "NoSuchMethod", "{answer}");

    let plain = PythonClient::start(&url, &[]).await.unwrap();
    let answer = plain.request(request("echo")).await.unwrap();
    let error = &answer["error"];
    assert_eq!(error["class"], "ValueError", "{answer}");
    assert!(
        error["message"].as_str().unwrap().contains("argument a"),
        "{answer}"
    );
    server.stop().await;
    transport.close().await;
}
