//! A guest that asks for too much, or says what makes no sense, is told so, and nothing is sent.

use oslo_messaging_wasmtime::Limits;
use oslo_messaging_wasmtime::bindings::limits::Host as Told;
use oslo_messaging_wasmtime::bindings::types::{Error, Target};
use serde_json::json;

use crate::guest::{Guest, Setting, Surface, request, seconds, topic, world};
use crate::on_every_surface;

on_every_surface! {
    a_caller_has_room_for_so_much,
    a_method_has_a_longest_name,
    a_monitor_timeout_must_be_kept,
    a_request_has_a_largest_size,
    a_result_has_a_largest_size,
    an_exception_has_a_largest_size,
    a_version_must_be_one,
    clients_are_counted,
    json_must_be_an_object,
    only_granted_transports_open,
    options_are_counted,
    pending_requests_are_counted,
}

fn argument<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::InvalidArgument(error)) => error.argument,
        other => panic!("{other:?}"),
    }
}

fn limit<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::LimitExceeded(error)) => error.limit,
        other => panic!("{other:?}"),
    }
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

async fn a_method_has_a_longest_name(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let long = "m".repeat(256);
    assert_eq!(
        argument(guest.call(client, &long, json!({})).await),
        "method"
    );
    assert_eq!(
        argument(guest.cast(client, &long, json!({})).await),
        "method"
    );
}

async fn a_monitor_timeout_must_be_kept(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let setting = |length| vec![Setting::CallMonitorTimeout(Some(length))];
    let refused = guest.prepare(client, setting(seconds(1)));
    assert_eq!(argument(refused), "call-monitor-timeout");
    assert_eq!(guest.ctx().open_clients(), 1);
    assert!(guest.prepare(client, setting(seconds(2))).is_ok());
}

async fn a_request_has_a_largest_size(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(
        surface,
        ctx.limits(limits(|limits| limits.request_bytes = 100)),
    );
    let args = |bytes: usize| json!({"a": "x".repeat(bytes)});
    assert!(guest.call(client, "echo", args(50)).await.is_ok());
    assert_eq!(
        limit(guest.call(client, "echo", args(100)).await),
        "request-bytes"
    );
    assert_eq!(
        limit(guest.cast(client, "echo", args(100)).await),
        "request-bytes"
    );
    let context = args(60).to_string();
    let both = guest.call_text(client, &context, "echo", &context).await;
    assert_eq!(limit(both), "request-bytes");
}

async fn a_result_has_a_largest_size(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(
        surface,
        ctx.limits(limits(|limits| limits.reply_bytes = 100)),
    );
    let result = guest
        .call(client, "echo", json!({"a": "x".repeat(100)}))
        .await;
    assert!(matches!(result, Err(Error::InvalidReply(_))), "{result:?}");
}

async fn an_exception_has_a_largest_size(surface: Surface) {
    for (most, fits) in [(40, false), (60, true)] {
        let (_transport, _server, ctx) = world().await;
        let (mut guest, client) = Guest::with_client(
            surface,
            ctx.limits(limits(|limits| limits.reply_bytes = most)),
        );
        // Names, message, args and kwargs of it have 52 bytes together.
        match guest.call(client, "fail", json!({})).await {
            Err(Error::Remote(_)) if fits => {}
            Err(Error::InvalidReply(error)) if !fits => {
                let told = "the exception has 52 bytes, and at most 40 are allowed";
                assert_eq!(error.message, told);
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn a_caller_has_room_for_so_much(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(
        surface,
        ctx.limits(limits(|limits| limits.reply_bytes = 1000)),
    );
    let (small, large) = (json!({"a": "x".repeat(50)}), json!({"a": "x".repeat(500)}));
    let modest = guest
        .prepare(client, vec![Setting::ReplyBytes(Some(100))])
        .unwrap();
    assert!(guest.call(modest, "echo", small).await.is_ok());
    let result = guest.call(modest, "echo", large.clone()).await;
    assert!(matches!(result, Err(Error::InvalidReply(_))), "{result:?}");
    // For one message, back to what the host allows.
    let options = guest.options(vec![Setting::ReplyBytes(None)]);
    let text = large.to_string();
    let result = guest
        .call_with(modest, "{}", "echo", &text, Some(options))
        .await;
    assert!(result.is_ok(), "{result:?}");
    // And never more than that.
    let greedy = guest
        .prepare(client, vec![Setting::ReplyBytes(Some(u64::MAX))])
        .unwrap();
    let result = guest
        .call(greedy, "echo", json!({"a": "x".repeat(1000)}))
        .await;
    assert!(matches!(result, Err(Error::InvalidReply(_))), "{result:?}");
}

async fn options_are_counted(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) =
        Guest::with_client(surface, ctx.limits(limits(|limits| limits.options = 2)));
    let open = [guest.options(vec![]), guest.options(vec![])];
    assert_eq!(guest.ctx().open_options(), 2);
    // Those that are too many can be set, used and dropped as others; what gets them says no.
    for _ in 0..3 {
        let surplus = guest.options(vec![Setting::Server(Some("s1".into()))]);
        let refused = guest
            .call_with(client, "{}", "echo", "{}", Some(surplus))
            .await;
        assert_eq!(limit(refused), "options");
        guest.drop_options(surplus);
    }
    assert_eq!(limit(guest.prepare(client, vec![])), "options");
    guest.drop_options(open[0]);
    assert!(guest.prepare(client, vec![]).is_ok());
    guest.drop_options(open[1]);
    assert_eq!(guest.ctx().open_options(), 0);
}

async fn a_version_must_be_one(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let bad = || Some("one".to_owned());
    let target = Target {
        version: bad(),
        ..topic("compute")
    };
    assert_eq!(argument(guest.open("main", target, vec![])), "version");
    assert_eq!(
        argument(guest.prepare(client, vec![Setting::Version(bad())])),
        "version"
    );
    assert_eq!(
        argument(guest.prepare(client, vec![Setting::VersionCap(bad())])),
        "version-cap"
    );
    assert_eq!(guest.ctx().open_clients(), 1);
}

async fn clients_are_counted(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) =
        Guest::with_client(surface, ctx.limits(limits(|limits| limits.clients = 2)));
    let second = guest.prepare(client, vec![]).unwrap();
    assert_eq!(limit(guest.prepare(client, vec![])), "clients");
    assert_eq!(limit(guest.open("main", topic("t"), vec![])), "clients");
    guest.drop_client(second);
    assert!(guest.open("main", topic("t"), vec![]).is_ok());
}

async fn json_must_be_an_object(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    for text in [
        "",
        "null",
        "[]",
        "{",
        "{} {}",
        "{\"a\": NaN}",
        "\u{0}",
        "{'a': 1}",
    ] {
        let args = guest.call_text(client, "{}", "echo", text).await;
        assert_eq!(argument(args), "args", "{text}");
        let context = guest.call_text(client, text, "echo", "{}").await;
        assert_eq!(argument(context), "context", "{text}");
    }
    let spaced = guest
        .call_text(client, " {} ", "echo", "\n{\"a\": 1}\t")
        .await;
    assert_eq!(spaced.unwrap().replace(' ', ""), "{\"a\":1}");
}

async fn only_granted_transports_open(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let mut guest = Guest::new(surface, ctx);
    let error = guest.open("other", topic("compute"), vec![]).unwrap_err();
    let Error::AccessDenied(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.rule, "default");
    assert_eq!(
        argument(guest.open(&"x".repeat(256), topic("t"), vec![])),
        "transport"
    );
    assert_eq!(guest.transports(), ["main"]);
}

async fn pending_requests_are_counted(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(
        surface,
        ctx.limits(limits(|limits| limits.pending_calls = 3)),
    );
    let results = guest
        .call_many(client, "sleep", vec![json!({"seconds": 1}); 5])
        .await;
    let (done, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 3);
    for result in refused {
        assert_eq!(limit(result), "pending-calls");
    }
    assert_eq!(guest.ctx().pending_calls(), 0);
    assert!(guest.call(client, "echo", json!({})).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn call_all_has_a_largest_number_of_requests() {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(
        Surface::Plain,
        ctx.limits(limits(|limits| limits.requests = 3)),
    );
    let requests = |number| {
        (0..number)
            .map(|_| request(client, None, "echo", json!({})))
            .collect()
    };
    for result in guest.call_all(requests(4)).await {
        assert_eq!(limit(result), "requests");
    }
    assert!(guest.call_all(requests(3)).await.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn the_replies_of_call_all_have_a_largest_size_together() {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(
        Surface::Plain,
        ctx.limits(limits(|limits| limits.held_reply_bytes = 250)),
    );
    let requests = |number| -> Vec<_> {
        let args = || json!({"a": "x".repeat(92)});
        (0..number)
            .map(|_| request(client, None, "echo", args()))
            .collect()
    };
    for _ in 0..2 {
        let results = guest.call_all(requests(5)).await;
        let (fit, rest): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(fit.len(), 2);
        for result in rest {
            assert!(matches!(result, Err(Error::InvalidReply(_))), "{result:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_guest_is_told_its_limits() {
    let (_transport, _server, ctx) = world().await;
    let limits = limits(|limits| {
        limits.request_bytes = 1;
        limits.reply_bytes = 2;
        limits.held_reply_bytes = 3;
        limits.calls_in_flight = 4;
        limits.pending_calls = usize::MAX;
        limits.requests = 6;
    });
    let mut guest = Guest::new(Surface::Plain, ctx.limits(limits));
    let mut view = guest.view();
    let bytes = (
        Told::request_bytes(&mut view).unwrap(),
        Told::reply_bytes(&mut view).unwrap(),
        Told::held_reply_bytes(&mut view).unwrap(),
    );
    assert_eq!(bytes, (1, 2, 3));
    let calls = (
        Told::calls_in_flight(&mut view).unwrap(),
        Told::pending_calls(&mut view).unwrap(),
        Told::requests(&mut view).unwrap(),
    );
    assert_eq!(calls, (4, u32::MAX, 6));
}
