use std::time::{Duration, Instant};

use futures_util::future::join_all;
use oslo_messaging::{Delivery, Error, RpcClient, Target, TransportErrorKind, WaitingFor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::fixture::{Fixture, eventually};

pub(crate) async fn a_call_returns_its_result(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let value = json!({"a": 1, "b": "\u{e9}\u{2603}", "n": null, "l": [1, 2], "d": {"x": 1.5}});
    assert_eq!(
        call(&fixture.client(), "echo", json!({"value": value}))
            .await
            .unwrap(),
        value
    );
}

pub(crate) async fn falsy_results_survive(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    for value in [
        json!(null),
        json!(0),
        json!(false),
        json!([]),
        json!({}),
        json!(""),
    ] {
        let result = call(&fixture.client(), "echo", json!({"value": value}))
            .await
            .unwrap();
        assert_eq!(result, value);
    }
}

pub(crate) async fn context_reaches_the_method(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let context = json!({"user": "alice", "roles": ["a", {"b": null}]});
    let seen: Value = fixture
        .client()
        .call(&context, "context", &json!({}))
        .await
        .unwrap();
    assert_eq!(seen, context);
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

pub(crate) async fn an_exception_arrives_as_data(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let error = call(&fixture.client(), "raise", json!({}))
        .await
        .unwrap_err();
    assert!(error.was_executed() && !error.may_have_been_executed() && !error.is_retryable());
    let remote = error.remote().unwrap();
    assert!(remote.is("builtins", "ValueError"));
    assert_eq!(remote.message, "('boom', 42)");
    assert_eq!(remote.args.get(), r#"["boom",42]"#);
    assert_eq!(*remote.traceback, ["line 1\n"]);
}

pub(crate) async fn an_unknown_method_is_an_exception(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let error = call(&fixture.client(), "nope", json!({}))
        .await
        .unwrap_err();
    assert!(
        error
            .remote()
            .unwrap()
            .is("oslo_messaging.rpc.dispatcher", "NoSuchMethod")
    );
}

pub(crate) async fn an_unsupported_version_is_an_exception(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let error = call(&fixture.client().version("2.9"), "echo", json!({}))
        .await
        .unwrap_err();
    let remote = error.remote().unwrap();
    assert!(remote.is("oslo_messaging.rpc.dispatcher", "UnsupportedVersion"));
    assert_eq!(
        remote.message,
        "Endpoint does not support RPC version 2.9. Attempted method: echo"
    );
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

pub(crate) async fn namespaces_and_versions_select_the_endpoint(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let ns = fixture.client().namespace("ns").version("1.0");
    assert_eq!(
        call(&ns, "hello", json!({"who": "bob"})).await.unwrap(),
        json!("hello bob")
    );
    for client in [ns.prepare().version("1.2"), ns.prepare().namespace("other")] {
        let error = call(&client, "hello", json!({"who": "bob"}))
            .await
            .unwrap_err();
        assert_eq!(error.remote().unwrap().class, "UnsupportedVersion");
    }
}

pub(crate) async fn a_call_to_one_server_reaches_only_that_one(fixture: &Fixture) {
    let (_one, _) = fixture.serve("s1").await;
    let (_two, _) = fixture.serve("s2").await;
    for name in ["s1", "s2", "s1", "s1"] {
        let client = fixture.client().server(name);
        assert_eq!(
            call(&client, "whoami", json!({})).await.unwrap(),
            json!(name)
        );
    }
}

pub(crate) async fn calls_to_a_topic_are_spread_over_its_servers(fixture: &Fixture) {
    let (_one, _) = fixture.serve("s1").await;
    let (_two, _) = fixture.serve("s2").await;
    let (_three, _) = fixture.serve("s3").await;
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    for _ in 0..15 {
        let name: String = fixture
            .client()
            .call(empty(), "whoami", empty())
            .await
            .unwrap();
        *counts.entry(name).or_default() += 1;
    }
    assert_eq!(counts.len(), 3, "{counts:?}");
}

pub(crate) async fn the_exchange_is_a_part_of_the_address(fixture: &Fixture) {
    let other = format!("{}-other", fixture.exchange);
    let (_one, _) = fixture.serve("s1").await;
    let (_two, _) = fixture
        .serve_on(fixture.target().exchange(&other).server("s2"))
        .await;
    for (exchange, server, reached) in [
        (fixture.exchange.as_str(), "s1", true),
        (fixture.exchange.as_str(), "s2", false),
        (other.as_str(), "s1", false),
        (other.as_str(), "s2", true),
    ] {
        let client = fixture.client().exchange(exchange).server(server);
        match call(&client, "whoami", json!({})).await {
            Ok(name) => assert!(reached && name == server, "{exchange} {server}: {name}"),
            Err(error) => assert!(!reached && error.is_no_such_target(), "{error}"),
        }
    }
}

pub(crate) async fn a_cast_is_executed(fixture: &Fixture) {
    let (_server, seen) = fixture.serve("s1").await;
    for value in 0..10 {
        cast(&fixture.client(), "remember", json!({"value": value}))
            .await
            .unwrap();
    }
    eventually("ten casts are executed", || seen.lock().len() == 10).await;
    let mut seen = seen.lock().clone();
    seen.sort_by_key(Value::as_u64);
    assert_eq!(seen, (0..10).map(Value::from).collect::<Vec<_>>());
}

pub(crate) async fn a_fanout_cast_reaches_every_server(fixture: &Fixture) {
    let (_one, first) = fixture.serve("s1").await;
    let (_two, second) = fixture.serve("s2").await;
    cast(
        &fixture.client().fanout(true),
        "remember",
        json!({"value": "x"}),
    )
    .await
    .unwrap();
    eventually("both servers have it", || {
        first.lock().len() + second.lock().len() == 2
    })
    .await;
    assert_eq!((first.lock().len(), second.lock().len()), (1, 1));
}

pub(crate) async fn a_fanout_cast_to_nobody_succeeds(fixture: &Fixture) {
    let client = fixture.client().fanout(true).at_least_once(true);
    cast(&client, "remember", json!({"value": "x"}))
        .await
        .unwrap();
}

pub(crate) async fn a_call_to_nobody_fails_at_once(fixture: &Fixture) {
    let started = Instant::now();
    let error = call(&fixture.client(), "echo", json!({}))
        .await
        .unwrap_err();
    assert!(error.is_no_such_target() && error.is_retryable(), "{error}");
    assert!(!error.may_have_been_executed() && !error.was_executed());
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(error.to_string().contains(&fixture.topic), "{error}");
}

pub(crate) async fn a_call_to_nobody_times_out_without_at_least_once(fixture: &Fixture) {
    let client = fixture
        .client()
        .at_least_once(false)
        .timeout(Duration::from_millis(500));
    let error = call(&client, "echo", json!({})).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                waiting_for: WaitingFor::Reply,
                delivery: Delivery::MaybeDelivered,
                ..
            }
        ),
        "{error:?}"
    );
}

pub(crate) async fn a_cast_to_nobody_is_lost_unless_asked_for(fixture: &Fixture) {
    cast(&fixture.client(), "remember", json!({"value": 1}))
        .await
        .unwrap();
    let asking = fixture.client().at_least_once(true);
    let error = cast(&asking, "remember", json!({"value": 1}))
        .await
        .unwrap_err();
    assert!(error.is_no_such_target(), "{error}");
}

pub(crate) async fn a_slow_call_times_out_alone(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let slow = fixture.client().timeout(Duration::from_millis(600));
    let slow = async {
        let started = Instant::now();
        let error = call(&slow, "sleep", json!({"seconds": 3}))
            .await
            .unwrap_err();
        assert!(
            error.is_timeout() && error.may_have_been_executed(),
            "{error}"
        );
        let elapsed = started.elapsed();
        assert!((600..750).contains(&elapsed.as_millis()), "{elapsed:?}");
    };
    let fast = async {
        for value in 0..10 {
            let result = call(&fixture.client(), "echo", json!({"value": value})).await;
            assert_eq!(result.unwrap(), value);
        }
    };
    tokio::join!(slow, fast);
}

pub(crate) async fn a_zero_timeout_times_out_at_once(fixture: &Fixture) {
    let (_server, seen) = fixture.serve("s1").await;
    let client = fixture.client().timeout(Duration::ZERO);
    for error in [
        call(&client, "remember", json!({"value": 1}))
            .await
            .unwrap_err(),
        cast(&client, "remember", json!({"value": 1}))
            .await
            .unwrap_err(),
    ] {
        assert!(
            error.is_timeout() && !error.may_have_been_executed(),
            "{error}"
        );
    }
    assert!(seen.lock().is_empty());
}

pub(crate) async fn a_monitored_call_lives_as_long_as_its_server_beats(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let client = fixture
        .client()
        .call_monitor_timeout(Duration::from_secs(2));
    let result = call(&client, "sleep", json!({"seconds": 3.5}))
        .await
        .unwrap();
    assert_eq!(result, json!(3.5));
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

pub(crate) async fn the_timeout_ends_a_monitored_call(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let client = fixture
        .client()
        .call_monitor_timeout(Duration::from_secs(2))
        .timeout(Duration::from_millis(2500));
    let error = call(&client, "sleep", json!({"seconds": 5}))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                waiting_for: WaitingFor::Reply,
                ..
            }
        ),
        "{error:?}"
    );
}

pub(crate) async fn a_version_cap_refuses_before_sending(fixture: &Fixture) {
    let (_server, seen) = fixture.serve("s1").await;
    let client = fixture.client().version("2.1").version_cap("2.0");
    for error in [
        call(&client, "remember", json!({"value": 1}))
            .await
            .unwrap_err(),
        cast(&client, "remember", json!({"value": 1}))
            .await
            .unwrap_err(),
        call(&client.prepare().version(None), "remember", json!({}))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(&error, Error::VersionCap { version_cap, .. } if version_cap == "2.0"));
    }
    assert!(!client.can_send_version(None).unwrap());
    assert!(client.can_send_version(Some("2.0")).unwrap());
    assert!(client.can_send_version(Some("garbage")).is_err());
    call(
        &client.prepare().version("2.0"),
        "remember",
        json!({"value": 2}),
    )
    .await
    .unwrap();
    call(
        &client.prepare().version_cap(None),
        "remember",
        json!({"value": 3}),
    )
    .await
    .unwrap();
    assert_eq!(*seen.lock(), [json!(2), json!(3)]);
}

pub(crate) async fn a_call_with_fanout_is_refused(fixture: &Fixture) {
    let error = call(&fixture.client().fanout(true), "echo", json!({}))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::InvalidTarget { target, .. } if target.fanout),
        "{error}"
    );
}

pub(crate) async fn a_target_without_topic_is_refused(fixture: &Fixture) {
    for client in [
        RpcClient::new(&fixture.client, Target::new()),
        fixture.client().topic(""),
    ] {
        let error = call(&client, "echo", json!({})).await.unwrap_err();
        assert!(matches!(error, Error::InvalidTarget { .. }), "{error}");
        let error = cast(&client, "echo", json!({})).await.unwrap_err();
        assert!(matches!(error, Error::InvalidTarget { .. }), "{error}");
    }
}

pub(crate) async fn prepared_settings_override_inherit_and_clear(fixture: &Fixture) {
    let (_one, _) = fixture.serve("s1").await;
    let (_two, _) = fixture.serve("s2").await;
    let first = fixture.client().server("s1");
    let second = first.prepare().server("s2");
    let twice = second.prepare().version("2.0");
    assert_eq!(call(&first, "whoami", json!({})).await.unwrap(), "s1");
    assert_eq!(call(&second, "whoami", json!({})).await.unwrap(), "s2");
    assert_eq!(call(&twice, "whoami", json!({})).await.unwrap(), "s2");
    assert_eq!(twice.prepare().server(None).target().server, None);
    assert_eq!(first.effective_timeout(), Duration::from_secs(10));
    assert_eq!(
        first.prepare().timeout(None).effective_timeout(),
        Duration::from_secs(60)
    );
    let error = call(&first.prepare().version("5"), "whoami", json!({}))
        .await
        .unwrap_err();
    assert!(matches!(&error, Error::InvalidArgument { argument, .. } if argument == "version"));
    let error = first
        .prepare()
        .call_monitor_timeout(Duration::from_secs(1))
        .validate();
    assert!(error.unwrap_err().to_string().contains("at least 2 s"));
}

pub(crate) async fn a_hundred_calls_take_the_time_of_one(fixture: &Fixture) {
    let (_one, _) = fixture.serve("s1").await;
    let (_two, _) = fixture.serve("s2").await;
    let client = fixture.client();
    call(&client, "echo", json!({"value": 0})).await.unwrap();
    let started = Instant::now();
    let calls = (0..100).map(|n| {
        let client = client.clone();
        async move {
            let sleep = call(&client, "sleep", json!({"seconds": 0.5}))
                .await
                .unwrap();
            assert_eq!(sleep, json!(0.5));
            call(&client, "echo", json!({"value": n})).await.unwrap()
        }
    });
    let results = join_all(calls).await;
    let elapsed = started.elapsed();
    assert_eq!(results, (0..100).map(Value::from).collect::<Vec<_>>());
    assert!(elapsed < Duration::from_millis(1500), "{elapsed:?}");
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

pub(crate) async fn a_ping_is_answered(fixture: &Fixture) {
    let (_server, _) = fixture.serve("s1").await;
    let client = fixture.client().server("s1").version(None);
    let pong = call(&client, "oslo_rpc_server_ping", json!({"anything": 1}))
        .await
        .unwrap();
    assert_eq!(pong, "pong");
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
