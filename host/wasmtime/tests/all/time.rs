//! Every call ends when its time is up, counted from the moment the guest makes it.

use std::time::Duration;

use oslo_messaging_wasmtime::bindings::types::{Error, Outcome, TimeoutError, WaitingFor};
use oslo_messaging_wasmtime::{Admission, Denied, Grant, Limits, MessagingHooks, Request};
use serde_json::json;
use tokio::time::Instant;

use crate::guest::{Guest, Setting, Surface, request, seconds, topic, world};
use crate::on_every_surface;

on_every_surface! {
    a_call_ends_with_the_shortest_of_its_limits,
    calls_run_at_the_same_time,
    calls_wait_for_their_turn,
    no_length_of_time_is_too_long,
    remaining_says_what_is_left,
    the_limit_that_is_told_is_the_whole,
    the_wait_for_a_place_is_inside_the_timeout,
    zero_times_out_at_once,
}

fn timed_out<T: std::fmt::Debug>(result: Result<T, Error>) -> TimeoutError {
    match result {
        Err(Error::Timeout(error)) => error,
        other => panic!("{other:?}"),
    }
}

struct Cap(Option<Duration>);

impl MessagingHooks for Cap {
    fn authorize(&mut self, _: &Request<'_>) -> Result<Grant, Denied> {
        Ok(self.0.into_iter().fold(Grant::default(), Grant::timeout))
    }
}

/// A timeout of so many seconds.
fn timeout(length: u64) -> Setting {
    Setting::Timeout(Some(seconds(length)))
}

async fn a_call_ends_with_the_shortest_of_its_limits(surface: Surface) {
    for (asked, host, grant, invocation, expected) in [
        (5, 60, None, None, 5),
        (50, 7, None, None, 7),
        (50, 60, Some(8), None, 8),
        (50, 60, Some(30), Some(9), 9),
        (4, 7, Some(8), Some(9), 4),
    ] {
        let (transport, _server, ctx) = world().await;
        let mut limits = Limits::default();
        limits.call_timeout = Duration::from_secs(host);
        let mut guest =
            Guest::new(surface, ctx.limits(limits)).hooks(Cap(grant.map(Duration::from_secs)));
        guest
            .ctx()
            .start_invocation(invocation.map(Duration::from_secs));
        let client = guest
            .open("main", topic("compute"), vec![timeout(asked)])
            .unwrap();
        let start = Instant::now();
        let error = timed_out(guest.call(client, "sleep", json!({"seconds": 100})).await);
        let elapsed = start.elapsed();
        assert_eq!(error.limit, seconds(expected));
        assert!(elapsed >= Duration::from_secs(expected), "{elapsed:?}");
        assert!(
            elapsed < Duration::from_millis(expected * 1000 + 50),
            "{elapsed:?}"
        );
        assert_eq!(error.waiting_for, WaitingFor::Reply);
        assert_eq!(error.outcome, Outcome::Unknown);
        assert_eq!(
            (guest.ctx().pending_calls(), transport.waiting_calls()),
            (0, 0)
        );
    }
}

async fn calls_run_at_the_same_time(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let start = Instant::now();
    let args = vec![json!({"seconds": 2}); 20];
    for result in guest.call_many(client, "sleep", args).await {
        assert_eq!(result.unwrap(), json!({"seconds": 2}));
    }
    assert!(
        start.elapsed() < Duration::from_millis(2050),
        "{:?}",
        start.elapsed()
    );
}

async fn calls_wait_for_their_turn(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let mut limits = Limits::default();
    limits.calls_in_flight = 2;
    let (mut guest, client) = Guest::with_client(surface, ctx.limits(limits));
    let start = Instant::now();
    let args = vec![json!({"seconds": 1}); 5];
    assert!(
        guest
            .call_many(client, "sleep", args)
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert!(
        start.elapsed() >= Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );

    // Each has its own time, which runs while it waits for the others.
    let hurried = guest.prepare(client, vec![timeout(2)]).unwrap();
    let start = Instant::now();
    let args = vec![json!({"seconds": 10}); 4];
    for result in guest.call_many(hurried, "sleep", args).await {
        timed_out(result);
    }
    assert!(
        start.elapsed() < Duration::from_millis(2050),
        "{:?}",
        start.elapsed()
    );
}

async fn no_length_of_time_is_too_long(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let settings = vec![
        Setting::Timeout(Some(u64::MAX)),
        Setting::CallMonitorTimeout(Some(u64::MAX)),
        Setting::Retry(Some(u32::MAX)),
    ];
    let client = guest.prepare(client, settings).unwrap();
    guest.ctx().start_invocation(Duration::MAX);
    assert!(guest.call(client, "echo", json!({})).await.is_ok());
}

async fn remaining_says_what_is_left(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    assert_eq!(guest.remaining(), None);
    guest.ctx().start_invocation(Duration::from_secs(10));
    guest
        .call(client, "sleep", json!({"seconds": 4}))
        .await
        .unwrap();
    let left = guest.remaining().unwrap();
    assert!(left <= seconds(6) && left > seconds(5), "{left}");
    tokio::time::advance(Duration::from_secs(7)).await;
    assert_eq!(guest.remaining(), Some(0));
    assert_eq!(
        timed_out(guest.call(client, "echo", json!({})).await).limit,
        0
    );
}

async fn the_limit_that_is_told_is_the_whole(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx.admission(Admission::new(1)));
    let client = guest.prepare(client, vec![timeout(3)]).unwrap();
    let start = Instant::now();
    let args = vec![json!({"seconds": 1}), json!({"seconds": 10})];
    let mut results = guest.call_many(client, "sleep", args).await;
    // The second got its place with two of its three seconds left.
    let error = timed_out(results.remove(1));
    assert!(results.remove(0).is_ok());
    assert_eq!(
        (error.limit, error.waiting_for),
        (seconds(3), WaitingFor::Reply)
    );
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_millis(3050), "{elapsed:?}");
}

async fn the_wait_for_a_place_is_inside_the_timeout(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let host = Admission::new(0);
    let ctx = ctx.admission(Admission::new(1)).admission(host.clone());
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let client = guest.prepare(client, vec![timeout(3)]).unwrap();
    let start = Instant::now();
    let error = timed_out(guest.call(client, "echo", json!({})).await);
    assert!(
        start.elapsed() < Duration::from_millis(3050),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(error.waiting_for, WaitingFor::Admission);
    assert_eq!(error.outcome, Outcome::NotExecuted);
    assert_eq!((error.limit, host.refused()), (seconds(3), 1));
    timed_out(guest.cast(client, "echo", json!({})).await);
    assert_eq!(host.refused(), 2);
}

async fn zero_times_out_at_once(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let client = guest.prepare(client, vec![timeout(0)]).unwrap();
    let start = Instant::now();
    let error = timed_out(guest.call(client, "echo", json!({})).await);
    assert_eq!((error.outcome, error.limit), (Outcome::NotExecuted, 0));
    timed_out(guest.cast(client, "echo", json!({})).await);
    assert!(
        start.elapsed() < Duration::from_millis(50),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn each_request_of_call_all_has_its_own_timeout() {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(Surface::Plain, ctx);
    let start = Instant::now();
    let (short, long) = (
        guest.options(vec![timeout(1)]),
        guest.options(vec![timeout(9)]),
    );
    let requests = vec![
        request(client, Some(short), "sleep", json!({"seconds": 5})),
        request(client, Some(long), "sleep", json!({"seconds": 5})),
    ];
    let results = guest.call_all(requests).await;
    assert_eq!(timed_out(results[0].clone()).limit, seconds(1));
    assert!(results[1].is_ok());
    assert!(
        start.elapsed() < Duration::from_millis(5050),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_of_call_all_that_never_had_its_turn_says_so() {
    let (_transport, _server, ctx) = world().await;
    let mut limits = Limits::default();
    limits.calls_in_flight = 1;
    let (mut guest, client) = Guest::with_client(Surface::Plain, ctx.limits(limits));
    let (long, short) = (
        guest.options(vec![timeout(9)]),
        guest.options(vec![timeout(1)]),
    );
    let start = Instant::now();
    let requests = vec![
        request(client, Some(long), "sleep", json!({"seconds": 5})),
        request(client, Some(short), "echo", json!({})),
    ];
    let results = guest.call_all(requests).await;
    assert!(results[0].is_ok(), "{results:?}");
    let error = timed_out(results[1].clone());
    assert_eq!(error.waiting_for, WaitingFor::Admission);
    assert_eq!(error.outcome, Outcome::NotExecuted);
    assert_eq!(error.limit, seconds(1));
    assert!(start.elapsed() < Duration::from_millis(5050));
}
