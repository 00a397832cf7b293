//! Serializers, in memory: what is converted, when, and with which context.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oslo_messaging::{
    Context, ContextFields, Endpoint, Error, RpcClient, RpcServer, Serializer, SerializerError,
    Target, Transport,
};
use parking_lot::Mutex;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

/// What a Python server sends is what a typed call returns, to the last bit.
#[tokio::test]
async fn numbers_keep_their_last_bit() {
    let transport = Transport::memory();
    let numbers = [
        9_007_199_254_740_991.0,
        0.1,
        1.0 / 3.0,
        5e-324,
        f64::MAX,
        0.573_294_823_751_047_8,
    ];
    let server = RpcServer::builder(&transport, Target::topic("numbers").server("one"))
        .endpoint(Endpoint::new().method("echo", |_, args: Value| async move {
            Ok(args["value"].clone())
        }))
        .start()
        .await
        .unwrap();
    let client = RpcClient::new(&transport, Target::topic("numbers"));
    for number in numbers {
        let returned: f64 = client
            .call(&json!({}), "echo", &json!({"value": number}))
            .await
            .unwrap();
        assert_eq!(returned.to_bits(), number.to_bits(), "{number}");
    }
    server.stop().await;
}

/// Writes down what it is asked, and wraps every value in a list.
#[derive(Debug, Default)]
struct Wrapping {
    asked: Mutex<Vec<String>>,
}

impl Wrapping {
    fn note(&self, what: &str, context: &RawValue, entity: &RawValue) {
        let line = format!("{what} {} {}", context.get(), entity.get());
        self.asked.lock().push(line);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock())
    }
}

impl Serializer for Wrapping {
    fn serialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        self.note("context out", context, RawValue::NULL);
        Ok(Cow::Owned(to_raw_value(&json!({"wrapped": context}))?))
    }

    fn deserialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        self.note("context in", context, RawValue::NULL);
        let context: Value = serde_json::from_str(context.get())?;
        Ok(Cow::Owned(to_raw_value(&context["wrapped"])?))
    }

    fn serialize_entity<'a>(
        &self,
        context: &RawValue,
        entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        self.note("out", context, entity);
        if entity.get().contains("secret") {
            return Err("it is a secret".into());
        }
        Ok(Cow::Owned(to_raw_value(&[entity])?))
    }

    fn deserialize_entity<'a>(
        &self,
        context: &RawValue,
        entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        self.note("in", context, entity);
        let [entity]: [&RawValue; 1] = serde_json::from_str(entity.get())?;
        Ok(Cow::Borrowed(entity))
    }
}

async fn served(transport: &Transport, serializer: Arc<Wrapping>) -> RpcServer {
    let echo = |context: Context, args: Value| async move {
        Ok(json!({"user": context.get::<String>("user"), "args": args}))
    };
    let endpoint = Endpoint::new()
        .method("echo", echo)
        .method("leak", |_, _: Value| async { Ok("secret") });
    RpcServer::builder(transport, Target::topic("t").server("s"))
        .serializer(serializer)
        .endpoint(endpoint)
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn arguments_context_and_result_are_converted_once_each() {
    let transport = Transport::memory();
    let (theirs, ours) = (Arc::<Wrapping>::default(), Arc::<Wrapping>::default());
    let _server = served(&transport, Arc::clone(&theirs)).await;
    let client = RpcClient::with_serializer(&transport, Target::topic("t"), Arc::clone(&ours));
    let context = json!({"user": "u"});
    // A prepared client has it too.
    let client = client.prepare().server("s");
    let args = json!({"a": 1, "b": [2]});
    let result: Value = client.call(&context, "echo", &args).await.unwrap();
    assert_eq!(result, json!({"user": "u", "args": args}));
    let echoed = r#"{"args":{"a":1,"b":[2]},"user":"u"}"#;
    assert_eq!(
        ours.asked(),
        [
            r#"out {"user":"u"} 1"#.to_owned(),
            r#"out {"user":"u"} [2]"#.to_owned(),
            r#"context out {"user":"u"} null"#.to_owned(),
            format!(r#"in {{"user":"u"}} [{echoed}]"#),
        ]
    );
    assert_eq!(
        theirs.asked(),
        [
            r#"context in {"wrapped":{"user":"u"}} null"#.to_owned(),
            r#"in {"user":"u"} [1]"#.to_owned(),
            r#"in {"user":"u"} [[2]]"#.to_owned(),
            format!(r#"out {{"user":"u"}} {echoed}"#),
        ]
    );

    // A cast has no result.
    client.cast(&context, "echo", &json!({})).await.unwrap();
    assert_eq!(ours.asked(), [r#"context out {"user":"u"} null"#]);
}

#[tokio::test]
async fn what_cannot_be_converted_is_told_to_the_caller() {
    let transport = Transport::memory();
    let serializer = Arc::<Wrapping>::default();
    let _server = served(&transport, Arc::clone(&serializer)).await;
    let target = Target::topic("t");
    let client = RpcClient::with_serializer(&transport, target.clone(), serializer);
    let plain = RpcClient::new(&transport, target);
    let context = json!({"user": "u"});
    let call = async |client: &RpcClient, method: &str, args: Value| {
        let result = client.call::<Value>(&context, method, &args).await;
        result.unwrap_err()
    };

    let error = call(&client, "echo", json!({"a": 1, "b": "secret"})).await;
    assert_eq!(
        error.to_string(),
        "invalid argument `args.b`: it cannot be serialized: it is a secret"
    );
    assert!(!error.was_executed() && !error.may_have_been_executed());

    let error = call(&client, "leak", json!({})).await;
    let remote = error.remote().unwrap();
    assert!(remote.is("builtins", "ValueError"), "{error}");
    assert!(remote.message.starts_with("leak(): the result "), "{error}");

    // Who does not have it is not understood.
    let error = call(&plain, "echo", json!({"a": 1})).await;
    assert!(error.remote().unwrap().is("builtins", "ValueError"));
    let unwrapping = Unwrapping::default();
    let client = RpcClient::with_serializer(&transport, Target::topic("t"), unwrapping);
    let error = call(&client, "echo", json!({})).await;
    assert!(matches!(error, Error::InvalidReply { .. }), "{error}");
    assert!(error.was_executed());
}

/// Sends as [`Wrapping`] does, and expects something else back.
#[derive(Debug, Default)]
struct Unwrapping(Wrapping);

impl Serializer for Unwrapping {
    fn serialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        self.0.serialize_context(context)
    }

    fn deserialize_entity<'a>(
        &self,
        _context: &RawValue,
        _entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        Err("nothing is understood".into())
    }
}

/// A context that is written already is the same to a server and to a serializer as one that is not.
#[tokio::test]
async fn a_written_context_arrives_as_any_other() {
    let transport = Transport::memory();
    let serializer = Arc::new(Wrapping::default());
    let server = served(&transport, Arc::clone(&serializer)).await;
    let context = to_raw_value(&json!({"user": "u", "quota": 1})).unwrap();
    let args = to_raw_value(&json!({"value": 7})).unwrap();
    let fields = ContextFields::read(&context).unwrap();
    let by = Instant::now() + Duration::from_secs(10);
    let client =
        RpcClient::with_serializer(&transport, Target::topic("t"), Arc::clone(&serializer));
    let expected = client.call_raw(&context, "echo", &args).await.unwrap();
    let asked = serializer.asked();
    let result = client.call_written_by(by, &fields, "echo", &args).await;
    assert_eq!(result.unwrap().get(), expected.get());
    assert_eq!(serializer.asked(), asked);
    client
        .cast_written_by(by, &fields, "echo", &args)
        .await
        .unwrap();
    server.stop().await;

    let traced = transport.with_trace_context(|| Some("theirs".to_owned()));
    let tell = |context: Context, _: Value| async move { Ok(context.traceparent()) };
    let server = RpcServer::builder(&traced, Target::topic("told").server("s"))
        .endpoint(Endpoint::new().method("tell", tell))
        .start()
        .await
        .unwrap();
    let client = RpcClient::new(&traced, Target::topic("told"));
    for (object, expected) in [
        ("{}", r#""theirs""#),
        (r#"{"traceparent":"own"}"#, r#""own""#),
    ] {
        let object: &RawValue = serde_json::from_str(object).unwrap();
        let fields = ContextFields::read(object).unwrap();
        let told = client.call_written_by(by, &fields, "tell", &args).await;
        assert_eq!(told.unwrap().get(), expected);
    }
    server.stop().await;
}
