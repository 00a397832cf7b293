//! Calls that are started, go on by themselves, and whose end is taken.

use std::time::Duration;

use oslo_messaging_wasmtime::Limits;
use oslo_messaging_wasmtime::bindings::rpc_poll::HostPending as _;
use oslo_messaging_wasmtime::bindings::types::{Error, Outcome, WaitingFor};
use serde_json::json;
use tokio::time::Instant;
use wasmtime::component::Resource;
use wasmtime_wasi_io::bindings::wasi::io::poll::HostPollable;

use crate::guest::{Guest, Setting, Surface, seconds, world};

#[tokio::test(start_paused = true)]
async fn a_call_goes_on_while_the_guest_computes() {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(Surface::Poll, ctx);
    let args = json!({"seconds": 2});
    let pending = guest.start_call(client, "sleep", &args).unwrap();
    assert!(guest.take(pending).is_none());
    // Nobody polls it, and its client is gone.
    guest.drop_client(client);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let start = Instant::now();
    assert_eq!(guest.end(pending).await.unwrap(), args.to_string());
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_counts_from_the_start() {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(Surface::Poll, ctx);
    let hasty = guest
        .prepare(client, vec![Setting::Timeout(Some(seconds(1)))])
        .unwrap();
    let pending = guest
        .start_call(hasty, "sleep", &json!({"seconds": 5}))
        .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let Some(Err(Error::Timeout(error))) = guest.take(pending) else {
        panic!("it has not timed out")
    };
    assert_eq!(
        (error.waiting_for, error.outcome),
        (WaitingFor::Reply, Outcome::Unknown)
    );
}

#[tokio::test(start_paused = true)]
async fn an_end_is_taken_once() {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(Surface::Poll, ctx);
    let pending = guest.start_call(client, "echo", &json!({})).unwrap();
    guest.block(pending).await;
    assert_eq!(guest.ctx().pending_calls(), 1);
    assert!(matches!(guest.take(pending), Some(Ok(_))));
    assert_eq!(guest.ctx().pending_calls(), 0);
    // It stays ready.
    guest.block(pending).await;
    let Some(Err(Error::Other(error))) = guest.take(pending) else {
        panic!("it was taken twice")
    };
    assert_eq!(error.outcome, Outcome::Unknown);
    guest.drop_pending(pending);
}

#[tokio::test(start_paused = true)]
async fn dropping_it_cancels_it() {
    let (transport, _server, ctx) = world().await;
    let mut limits = Limits::default();
    limits.pending_calls = 1;
    limits.calls_in_flight = 1;
    let (mut guest, client) = Guest::with_client(Surface::Poll, ctx.limits(limits));
    let long = json!({"seconds": 50});
    let pending = guest.start_call(client, "sleep", &long).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(transport.waiting_calls(), 1);
    assert!(matches!(
        guest.start_call(client, "echo", &json!({})),
        Err(Error::LimitExceeded(_))
    ));
    guest.drop_pending(pending);
    // Its place is free at once, and what ran for it ends.
    let next = guest.start_call(client, "echo", &json!({"a": 1})).unwrap();
    assert_eq!(guest.end(next).await.unwrap(), r#"{"a":1}"#);
    assert_eq!(
        (guest.ctx().pending_calls(), transport.waiting_calls()),
        (0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_dropped_cancels_what_it_started() {
    let (transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(Surface::Poll, ctx);
    for _ in 0..3 {
        guest
            .start_call(client, "sleep", &json!({"seconds": 50}))
            .unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(transport.waiting_calls(), 3);
    drop(guest);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(transport.waiting_calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn pollables_and_pendings_are_dropped_in_any_order() {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(Surface::Poll, ctx);
    let pending = guest
        .start_call(client, "sleep", &json!({"seconds": 50}))
        .unwrap();
    let mut view = guest.view();
    let subscribe = |view: &mut oslo_messaging_wasmtime::MessagingCtxView<'_>| {
        view.subscribe(Resource::new_borrow(pending)).unwrap().rep()
    };
    let (first, second) = (subscribe(&mut view), subscribe(&mut view));
    HostPollable::drop(view.table, Resource::new_own(first)).unwrap();
    let ready = HostPollable::ready(view.table, Resource::new_borrow(second)).await;
    assert!(!ready.unwrap());
    guest.drop_pending(pending);
    // Whoever still waits for it does not wait for ever.
    let view = guest.view();
    HostPollable::block(view.table, Resource::new_borrow(second))
        .await
        .unwrap();
    HostPollable::drop(view.table, Resource::new_own(second)).unwrap();
    guest.drop_client(client);
    assert!(guest.view().table.is_empty());
}

#[tokio::test(start_paused = true)]
async fn replies_are_kept_until_there_is_no_room() {
    let (_transport, _server, ctx) = world().await;
    let mut limits = Limits::default();
    limits.held_reply_bytes = 150;
    let (mut guest, client) = Guest::with_client(Surface::Poll, ctx.limits(limits));
    let args = json!({"a": "x".repeat(92)});
    let started: Vec<_> = (0..2)
        .map(|_| guest.start_call(client, "echo", &args).unwrap())
        .collect();
    for &pending in &started {
        guest.block(pending).await;
    }
    let results: Vec<_> = started
        .iter()
        .filter_map(|&pending| guest.take(pending))
        .collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(
        results
            .iter()
            .any(|result| matches!(result, Err(Error::InvalidReply(_)))),
        "{results:?}"
    );
    // What was taken makes room.
    let pending = guest.start_call(client, "echo", &args).unwrap();
    assert!(guest.end(pending).await.is_ok());
}
