use std::time::Duration;

use serde_json::{Value, json};

use super::{Transport, exception, set_remaining};
use crate::{BoxError, Client, Error, Outcome, Serializer, Settings, Target, call_all, poll};

/// A transport whose servers say where a message went.
fn echoing() -> Transport {
    let transport = Transport::grant("default");
    transport.method("where", |sent| Ok(json!(sent.target.to_string())));
    transport.method("echo", |sent| Ok(sent.args.clone()));
    transport
}

fn compute() -> Client {
    Client::open("default", Target::topic("compute")).unwrap()
}

/// Says who wrote it, and who read it.
#[derive(Clone)]
struct Signed(&'static str);

impl Serializer for Signed {
    fn serialize_entity(&self, _: &Value, entity: Value) -> Result<Value, BoxError> {
        Ok(json!([entity, self.0]))
    }

    fn deserialize_entity(&self, _: &Value, entity: Value) -> Result<Value, BoxError> {
        Ok(json!({ "read by": self.0, "entity": entity }))
    }
}

#[test]
fn each_request_of_call_all_goes_where_its_own_client_sends() {
    let _transport = echoing();
    let compute = compute();
    let host = compute.prepare().server("host-1").client().unwrap();
    let other = Client::open("default", Target::topic("volume")).unwrap();
    let requests = [
        compute.request(&(), "where", &()),
        host.request(&(), "where", &()),
        other.request(&(), "where", &()),
        host.prepare().topic("x").request(&(), "where", &()),
    ];
    let requests = requests.map(Result::unwrap);
    let said: Vec<String> = call_all(requests).into_iter().map(Result::unwrap).collect();
    assert_eq!(
        said,
        [
            "<Target topic=compute>",
            "<Target topic=compute, server=host-1>",
            "<Target topic=volume>",
            "<Target topic=x, server=host-1>",
        ]
    );
}

#[test]
fn each_reply_of_call_all_is_read_by_its_own_client() {
    let _transport = echoing();
    let (one, two) = (
        compute().with_serializer(Signed("one")),
        compute().with_serializer(Signed("two")),
    );
    let args = json!({"a": 1});
    let requests = [
        one.request(&(), "echo", &args),
        two.request(&(), "echo", &args),
    ];
    let replies: Vec<Value> = call_all(requests.map(Result::unwrap))
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let signed = |by: &str| json!({"read by": by, "entity": {"a": [1, by]}});
    assert_eq!(replies, [signed("one"), signed("two")]);
}

#[test]
fn settings_add_to_what_was_set_before() {
    let transport = echoing();
    let more = Settings::new().timeout(Duration::from_secs(3));
    let client = compute();
    let prepared = client.prepare().server("s").settings(&more);
    let _: Value = prepared.call(&(), "echo", &()).unwrap();
    let sent = &transport.sent()[0];
    assert_eq!(sent.target.server.as_deref(), Some("s"));
    assert_eq!(sent.timeout, Duration::from_secs(3));
}

#[test]
fn a_client_says_what_it_is() {
    let _transport = echoing();
    let settings = Settings::new()
        .timeout(Duration::from_secs(5))
        .version("1.4")
        .version_cap("1.9")
        .retry(3)
        .call_monitor_timeout(Duration::from_secs(4))
        .mandatory(true)
        .reply_bytes(7);
    let client = Client::open_with("default", Target::topic("t"), &settings).unwrap();
    let prepared = client.prepare().default_timeout().default_retry();
    let prepared = prepared.client().unwrap();
    assert_eq!(client.timeout(), Duration::from_secs(5));
    assert_eq!(prepared.timeout(), Duration::from_secs(60));
    assert_eq!((client.retry(), prepared.retry()), (Some(3), None));
    assert_eq!(prepared.target(), Target::topic("t").version("1.4"));
    assert_eq!(prepared.version_cap().as_deref(), Some("1.9"));
    assert_eq!(
        prepared.call_monitor_timeout(),
        Some(Duration::from_secs(4))
    );
    assert_eq!(
        (prepared.mandatory(), prepared.reply_bytes()),
        (Some(true), 7)
    );
    assert_eq!(prepared.transport(), "default");
    assert!(prepared.can_send_version("1.8").unwrap());
    assert!(!prepared.can_send_version("2.0").unwrap());
    assert!(prepared.can_send_version(None).unwrap());
    assert_eq!(crate::transports(), ["default"]);
}

#[test]
fn the_played_host_refuses_what_a_host_refuses() {
    let transport = echoing();
    let client = compute();
    let outcome = |error: Error| (error.outcome(), error);
    let refused = |result: Result<Value, Error>| match outcome(result.unwrap_err()) {
        (Outcome::NotExecuted, error) => error,
        (_, error) => panic!("{error:?}"),
    };
    assert!(matches!(
        Client::open("other", Target::topic("t")),
        Err(Error::AccessDenied { .. })
    ));
    let error = refused(client.prepare().default_topic().call(&(), "echo", &()));
    assert!(matches!(error, Error::InvalidTarget { .. }), "{error:?}");
    let error = refused(client.prepare().fanout(true).call(&(), "echo", &()));
    assert!(matches!(error, Error::InvalidTarget { .. }), "{error:?}");
    let error = refused(client.prepare().version("one").call(&(), "echo", &()));
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
    let error = refused(client.prepare().version_cap("1.0").call(&(), "echo", &()));
    assert!(matches!(error, Error::VersionCap { .. }), "{error:?}");
    let error = refused(client.call(&(), "echo", &[1]));
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
    assert_eq!(transport.sent(), []);

    let error = client.call::<Value>(&(), "missing", &()).unwrap_err();
    assert!(
        error
            .remote()
            .is_some_and(|it| it.type_name == "NoSuchMethod")
    );
    // Of a cast nothing comes back.
    client.cast(&(), "missing", &()).unwrap();
    drop(transport);
    assert!(Client::open("default", Target::topic("t")).is_err());
}

#[test]
fn handlers_fail_as_they_want() {
    let transport = Transport::grant("default");
    transport.answers("seven", 7);
    transport.method("late", |_| {
        Err(Error::Timeout {
            waiting_for: crate::WaitingFor::Reply,
            outcome: Outcome::Unknown,
            limit: Duration::from_secs(1),
            message: "late".to_owned(),
        })
    });
    transport.method("bad", |_| Err(exception("builtins", "ValueError", "no")));
    let client = compute();
    assert_eq!(client.call::<u8>(&(), "seven", &()).unwrap(), 7);
    let error = client.call::<u8>(&(), "late", &()).unwrap_err();
    assert_eq!(
        (error.is_timeout(), error.outcome()),
        (true, Outcome::Unknown)
    );
    let error = client.call::<u8>(&(), "bad", &()).unwrap_err();
    assert_eq!(error.to_string(), "ValueError: no");
}

#[test]
fn the_other_forms_of_the_verbs_are_played_too() {
    let transport = echoing();
    let client = compute();
    let args = json!({"a": 1});
    let awaited = futures_util::FutureExt::now_or_never(client.call_async(&(), "echo", &args));
    assert_eq!(awaited.unwrap().ok(), Some(args.clone()));
    let mut running = vec![
        client.start_call::<Value>(&(), "echo", &args).unwrap(),
        client.start_call(&(), "missing", &()).unwrap(),
    ];
    let ready = poll::wait_any(running.iter().map(|pending| pending.pollable()));
    assert_eq!(ready, [0, 1]);
    assert!(running.remove(1).wait().unwrap_err().was_executed());
    assert_eq!(running.remove(0).wait().unwrap(), args);
    assert_eq!(poll::wait_any([]), [0; 0]);
    client.start_cast(&(), "echo", &()).unwrap().wait().unwrap();
    let kinds: Vec<_> = transport.sent().iter().map(|sent| sent.is_call).collect();
    assert_eq!(kinds, [true, true, true, false]);
}

#[test]
fn the_time_that_is_left_is_said() {
    assert_eq!(crate::remaining(), None);
    set_remaining(Some(Duration::from_millis(5)));
    assert_eq!(crate::remaining(), Some(Duration::from_millis(5)));
}
