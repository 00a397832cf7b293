//! What was handed over stays on somebody's account until the broker has it or it is lost, also
//! after its cast was given up: a guest that gives up at once must not fill the host's memory
//! with what the broker does not take. Waiting for room is "not sent".

use std::time::Duration;

use oslo_messaging::{Delivery, Error, Event, RpcClient, Transport};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::timeout;

use super::amqp::BASIC_PUBLISH;
use super::case::{
    LIMIT, becomes, client, echo, echo_server, transport, transport_at, transport_with, trials,
    unique,
};
use super::measure::Watch;
use super::node::node;
use super::scripted::{Answer, Scripted};

trials![
    casts_given_up_under_a_memory_alarm_hold_little,
    casts_given_up_on_a_stalled_connection_hold_little,
    casts_dropped_on_a_stalled_connection_hold_little,
    an_alarm_that_lasts_only_delays,
];

async fn casts_given_up_under_a_memory_alarm_hold_little() {
    let (transport, topic) = (transport(), unique("topic"));
    let server = echo_server(&transport, &topic).await;
    let client = client(&transport, &topic);
    echo(&client).await.unwrap();
    let (alarm, large) = (Alarm::raise(), large());
    let watch = Watch::start();
    let last = cast_and_give_up(&client, &large, &watch).await;
    let most = watch.most();
    drop(alarm);
    // The connection works again when the alarm is over.
    let works = becomes(LIMIT, async || echo(&client).await.is_ok()).await;
    assert!(most < MOST, "{most} MiB were held");
    assert_not_sent(&last);
    assert!(works, "no call works after the alarm");
    server.stop().await;
    transport.close().await;
    let is_freed = becomes(LIMIT, async || watch.now() < 16).await;
    assert!(is_freed, "{} MiB are still held", watch.now());
}

/// For many heartbeats the broker does not read what it has begun to read.
async fn an_alarm_that_lasts_only_delays() {
    let transport = transport_with("heartbeat_timeout_threshold=2");
    let topic = unique("topic");
    let server = echo_server(&transport, &topic).await;
    let client = client(&transport, &topic).timeout(LIMIT * 2);
    echo(&client).await.unwrap();
    let mut events = transport.events();
    let alarm = Alarm::raise();
    let casting = [large(), empty()].map(|arguments| {
        let client = client.clone();
        tokio::spawn(async move { client.cast_raw(&empty(), "m", &arguments).await })
    });
    let lost = async {
        loop {
            if let Some(Event::Lost { purpose, reason }) = events.next().await {
                return format!("{purpose}: {reason}");
            }
        }
    };
    let lost = timeout(Duration::from_secs(12), lost).await.ok();
    let waits = casting.iter().all(|cast| !cast.is_finished());
    drop(alarm);
    for cast in casting {
        let cast = cast.await.unwrap();
        assert!(cast.is_ok(), "{cast:?}, lost: {lost:?}");
    }
    assert!(waits, "the alarm delayed nothing");
    assert_eq!(lost, None);
    server.stop().await;
    transport.close().await;
}

async fn casts_given_up_on_a_stalled_connection_hold_little() {
    let (_scripted, transport, client) = stalled().await;
    let large = large();
    let watch = Watch::start();
    let last = cast_and_give_up(&client, &large, &watch).await;
    assert!(watch.most() < MOST, "{} MiB were held", watch.most());
    assert_not_sent(&last);
    transport.close().await;
    let is_freed = becomes(LIMIT, async || watch.now() < 16).await;
    assert!(is_freed, "{} MiB are still held", watch.now());
}

/// As a guest's `async` call that is cancelled.
async fn casts_dropped_on_a_stalled_connection_hold_little() {
    let (_scripted, transport, client) = stalled().await;
    let (client, large) = (client.timeout(LIMIT), large());
    let watch = Watch::start();
    for _ in 0..CASTS {
        let context = empty();
        let cast = client.cast_raw(&context, "m", &large);
        drop(timeout(Duration::from_millis(5), cast).await);
        if watch.now() > ENOUGH {
            break;
        }
    }
    assert!(watch.most() < MOST, "{} MiB were held", watch.most());
    transport.close().await;
}

/// A broker that stops reading with the first message.
async fn stalled() -> (Scripted, Transport, RpcClient) {
    let scripted = Scripted::start(2047, |frame| match frame.id() {
        Some(BASIC_PUBLISH) => Answer::Deaf,
        _ => Answer::Good,
    });
    let scripted = scripted.await;
    let transport = transport_at(scripted.port, "");
    let client = client(&transport, "topic");
    let first = client.prepare().timeout(Duration::from_millis(500));
    first.cast(&json!({}), "m", &json!({})).await.unwrap_err();
    (scripted, transport, client)
}

/// Returns how the last one ended.
async fn cast_and_give_up(client: &RpcClient, large: &RawValue, watch: &Watch) -> Error {
    let client = client.prepare().timeout(Duration::from_millis(5));
    let mut last = None;
    for _ in 0..CASTS {
        last = client.cast_raw(&empty(), "m", large).await.err();
        if watch.now() > ENOUGH {
            break;
        }
    }
    last.expect("nobody takes the last cast")
}

fn assert_not_sent(error: &Error) {
    let delivery = match error {
        Error::Timeout { delivery, .. } | Error::DeliveryFailure { delivery, .. } => *delivery,
        other => panic!("{other}"),
    };
    assert_eq!(delivery, Delivery::NotSent, "{error}");
}

/// Fits into what a broker takes when it is in its envelope.
fn large() -> Box<RawValue> {
    to_raw_value(&json!({"a": "x".repeat(15 * 1024 * 1024)})).unwrap()
}

fn empty() -> Box<RawValue> {
    to_raw_value(&json!({})).unwrap()
}

/// The broker finds that it has no memory left, and blocks whoever publishes.
struct Alarm;

impl Alarm {
    fn raise() -> Self {
        Self::set("0.00001");
        Self
    }

    fn set(part: &str) {
        let set = node().control(&["set_vm_memory_high_watermark", part]);
        set.unwrap();
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        Self::set("0.4");
    }
}

const CASTS: usize = 30;
/// In MiB: eight of the largest messages.
const MOST: usize = 128;
/// In MiB: shows that more would be held, and spares the machine the rest.
const ENOUGH: usize = 400;
