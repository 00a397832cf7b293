//! What a script of `tests/tests/behaviours` cannot say: what only the native client has, what a
//! caller or a server does in the middle, and exact counts.

use std::time::{Duration, Instant};

use oslo_messaging::{
    Endpoint, Error, RpcClient, RpcServer, Target, Transport, TransportErrorKind, TransportOptions,
    WaitingFor,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::fixture::{Fixture, eventually};

/// What a plugin is told in words, an error here answers.
pub(crate) async fn an_error_says_whether_the_method_was_executed(fixture: &Fixture) {
    let (_server, seen) = fixture.serve("s1").await;
    let client = fixture.client();
    let error = call(&client, "raise", json!({})).await.unwrap_err();
    assert!(error.was_executed() && !error.may_have_been_executed() && !error.is_retryable());
    let remote = error.remote().unwrap();
    assert!(remote.is("builtins", "ValueError"));
    assert_eq!(remote.args.get(), r#"["boom",42]"#);
    assert_eq!(*remote.traceback, ["line 1\n"]);

    let nobody = client.prepare().server("nobody");
    let error = call(&nobody, "echo", json!({})).await.unwrap_err();
    assert!(error.is_no_such_target() && error.is_retryable(), "{error}");
    assert!(!error.may_have_been_executed() && !error.was_executed());
    assert!(error.to_string().contains(&fixture.topic), "{error}");

    let hasty = client.prepare().timeout(Duration::from_millis(300));
    let error = call(&hasty, "sleep", json!({"seconds": 2}))
        .await
        .unwrap_err();
    assert!(
        error.is_timeout() && error.may_have_been_executed(),
        "{error}"
    );
    assert!(!error.is_retryable() && !error.was_executed());

    let never = client.prepare().timeout(Duration::ZERO);
    let error = cast(&never, "remember", json!({"value": 1}))
        .await
        .unwrap_err();
    assert!(error.is_timeout() && error.is_retryable(), "{error}");
    let capped = client.prepare().version_cap("1.9");
    let error = cast(&capped, "remember", json!({"value": 1}))
        .await
        .unwrap_err();
    assert!(
        !error.may_have_been_executed() && !error.was_executed(),
        "{error}"
    );
    assert!(seen.lock().is_empty());
}

/// Class and module are not imported or rebuilt, and so arrive as they were raised however often
/// they are passed on.
pub(crate) async fn an_exception_can_be_passed_on(fixture: &Fixture) {
    let (_origin, _) = fixture.serve("origin").await;
    let origin = fixture.client().server("origin");
    let proxy = Target::topic(format!("{}-proxy", fixture.topic)).server("proxy");
    let endpoint = Endpoint::new()
        .version("2.0")
        .method("raise", move |_, _: Value| {
            let origin = origin.clone();
            async move {
                match call(&origin, "raise", json!({})).await {
                    Err(Error::Remote(error)) => Err::<(), _>(*error),
                    other => panic!("{other:?}"),
                }
            }
        });
    let _proxy = RpcServer::builder(&fixture.server, proxy.clone())
        .endpoint(endpoint)
        .start()
        .await
        .unwrap();
    let client = RpcClient::new(&fixture.client, proxy.version("2.0"));
    let error = call(&client, "raise", json!({})).await.unwrap_err();
    let remote = error.remote().unwrap();
    assert!(remote.is("builtins", "ValueError"), "{error}");
    assert_eq!(*remote.traceback, ["line 1\n"]);
}

pub(crate) async fn no_message_to_a_topic_is_lost_or_doubled(fixture: &Fixture) {
    let (_one, first) = fixture.serve("s1").await;
    let (_two, second) = fixture.serve("s2").await;
    // Servers of one name share its queue.
    let (_twin, third) = fixture.serve("s2").await;
    let client = fixture.client();
    for value in 0..14 {
        call(&client, "remember", json!({"value": value}))
            .await
            .unwrap();
    }
    for value in 14..34 {
        cast(&client, "remember", json!({"value": value}))
            .await
            .unwrap();
    }
    let server = client.prepare().server("s2");
    for value in 34..44 {
        cast(&server, "remember", json!({"value": value}))
            .await
            .unwrap();
    }
    let all = [&first, &second, &third];
    eventually("all of them are executed", || {
        all.iter().map(|seen| seen.lock().len()).sum::<usize>() >= 44
    })
    .await;
    let mut values = Vec::new();
    for seen in all {
        let seen = seen.lock().clone();
        assert!(seen.len() > 5, "{seen:?}");
        values.extend(seen);
    }
    assert!(first.lock().iter().all(|value| value.as_u64() < Some(34)));
    values.sort_by_key(Value::as_u64);
    assert_eq!(values, (0..44).map(Value::from).collect::<Vec<_>>());
}

pub(crate) async fn a_client_says_what_it_was_given(fixture: &Fixture) {
    let mut options = TransportOptions::default();
    options.rpc_response_timeout = Duration::from_millis(1500);
    options.control_exchange = "nova".to_owned();
    let configured = Transport::with_options(&"memory://".parse().unwrap(), options).unwrap();
    let client = RpcClient::new(&configured, Target::topic("t"));
    assert_eq!(client.effective_timeout(), Duration::from_millis(1500));
    assert_eq!(client.effective_exchange(), "nova");
    let first = fixture.client().server("s1");
    assert_eq!(first.effective_timeout(), Duration::from_secs(10));
    assert_eq!(first.effective_exchange(), fixture.exchange);
    for (given, effective) in [
        (Some(Duration::ZERO), Duration::ZERO),
        (Some(Duration::from_micros(500)), Duration::from_micros(500)),
        (None, Duration::from_secs(60)),
    ] {
        assert_eq!(
            first.prepare().timeout(given).effective_timeout(),
            effective
        );
    }
    let second = first.prepare().server("s2").prepare().version("2.4");
    let expected = fixture.target().server("s2").version("2.4");
    assert_eq!(*second.target(), expected);
    assert_eq!(second.prepare().server(None).target().server, None);
    assert_eq!(first.target().server.as_deref(), Some("s1"));
    let error = first
        .prepare()
        .call_monitor_timeout(Duration::from_secs(1))
        .validate();
    assert!(error.unwrap_err().to_string().contains("at least 2 s"));
}

pub(crate) async fn a_server_needs_a_topic_and_a_name(fixture: &Fixture) {
    for target in [
        Target::topic("t"),
        Target::new().server("s"),
        Target::topic("").server("s"),
        Target::topic("t").server(""),
    ] {
        let started = RpcServer::builder(&fixture.server, target).start().await;
        assert!(matches!(started, Err(Error::InvalidTarget { .. })));
    }
}

pub(crate) async fn json_passes_through_untouched(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let value = r#"{ "big":123456789012345678901234567890, "half":"\ud800","e":1e400}"#;
    let args = RawValue::from_string(format!("{{\"value\": {value}}}")).unwrap();
    let result = fixture
        .client()
        .call_raw(empty(), "echo", &args)
        .await
        .unwrap();
    assert_eq!(result.get(), value);
}

pub(crate) async fn wrong_arguments_are_a_type_error(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let error = call(&fixture.client(), "echo", json!({"wrong": 1}))
        .await
        .unwrap_err();
    assert!(
        error.remote().unwrap().is("builtins", "TypeError"),
        "{error}"
    );
}

pub(crate) async fn a_panicking_method_is_an_exception(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let error = call(&fixture.client(), "panic", json!({}))
        .await
        .unwrap_err();
    assert!(
        error.remote().unwrap().is("builtins", "RuntimeError"),
        "{error}"
    );
    call(&fixture.client(), "echo", json!({"value": 1}))
        .await
        .unwrap();
}

pub(crate) async fn a_monitored_call_ends_without_signs_of_life(fixture: &Fixture) {
    let (server, _) = fixture.serve("s1").await;
    // The topic's queue stays when its server goes, so that the call has nobody to hear from.
    server.stop().await;
    let client = fixture
        .client()
        .call_monitor_timeout(Duration::from_secs(2));
    let started = Instant::now();
    let error = call(&client, "echo", json!({"value": 1}))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                waiting_for: WaitingFor::Heartbeat,
                ..
            }
        ),
        "{error:?}"
    );
    let elapsed = started.elapsed().as_millis();
    assert!((2000..2300).contains(&elapsed), "{elapsed} ms");
}

pub(crate) async fn a_dropped_call_leaves_nothing_behind(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let client = fixture.client();
    let dropped = tokio::time::timeout(
        Duration::from_millis(300),
        call(&client, "sleep", json!({"seconds": 1})),
    );
    assert!(dropped.await.is_err());
    assert_eq!(fixture.client.waiting_calls(), 0);
    // Its late reply disturbs nobody.
    call(&client, "sleep", json!({"seconds": 1.2}))
        .await
        .unwrap();
}

pub(crate) async fn a_server_answers_what_runs_before_it_stops(fixture: &Fixture) {
    let (server, _) = fixture.serve("s1").await;
    let client = fixture.client();
    let running = call(&client, "sleep", json!({"seconds": 0.6}));
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.stop().await;
    };
    let (result, ()) = tokio::join!(running, stopping);
    assert_eq!(result.unwrap(), json!(0.6));
    let late = fixture.client().timeout(Duration::from_millis(300));
    let error = call(&late, "echo", json!({"value": 1})).await.unwrap_err();
    assert!(error.is_timeout(), "the queue stays: {error}");
}

pub(crate) async fn a_closed_transport_says_so(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let client = fixture.client();
    let waiting = call(&client, "sleep", json!({"seconds": 5}));
    let closing = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        fixture.client.close().await;
    };
    let started = Instant::now();
    let (result, ()) = tokio::join!(waiting, closing);
    for error in [
        result.unwrap_err(),
        call(&client, "echo", json!({})).await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, Error::DeliveryFailure { source, .. }
                if source.kind() == TransportErrorKind::Closed),
            "{error}"
        );
    }
    assert!(started.elapsed() < Duration::from_secs(3));
}

async fn call(client: &RpcClient, method: &str, args: Value) -> Result<Value, Error> {
    client.call(empty(), method, &args).await
}

async fn cast(client: &RpcClient, method: &str, args: Value) -> Result<(), Error> {
    client.cast(empty(), method, &args).await
}

fn empty() -> &'static RawValue {
    serde_json::from_str("{}").unwrap()
}
