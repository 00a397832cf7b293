//! However often opening fails, however many exchanges are named and however long an id is: queues,
//! files, channels and what is remembered are bounded, and others do not notice.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use oslo_messaging::{Endpoint, Error, Transport};
use serde_json::{Value, json};

use super::amqp::{
    BASIC_PUBLISH, CHANNEL_OPEN, EXCHANGE_DECLARE, Properties, QUEUE_DECLARE, QUEUE_DELETE,
};
use super::case::{
    LIMIT, becomes, cast, client, echo, echo_server, serve, transport, transport_at, trials, unique,
};
use super::forwarder::Forwarder;
use super::measure::Watch;
use super::node::Login;
use super::raw::{Declared, Raw, envelope};
use super::scripted::{Answer, Scripted};

trials![
    reply_queues_that_are_refused_leave_no_files,
    reply_queues_that_are_refused_leave_no_queues,
    many_exchanges_evict_nobody,
    many_exchanges_need_few_channels,
    many_exchanges_need_few_channels_without_confirmations,
    long_ids_are_not_kept,
];

async fn reply_queues_that_are_refused_leave_no_files() {
    let program = unique("program");
    let scripted = refusing_replies(usize::MAX).await;
    let options = format!("use_queue_manager=true&hostname=here&processname={program}");
    let transport = transport_at(scripted.port, &options);
    fail_to_open(&transport, &scripted).await;
    let files = open_files(&program);
    transport.close().await;
    assert!(files <= 2, "{files} lock files are open");
    assert_eq!(open_files(&program), 0);
}

/// What is deleted later is only what was declared, one after the other.
async fn reply_queues_that_are_refused_leave_no_queues() {
    let scripted = refusing_replies(OPENINGS).await;
    let transport = transport_at(scripted.port, "");
    fail_to_open(&transport, &scripted).await;
    let works = becomes(LIMIT, async || {
        let call = client(&transport, "any").timeout(Duration::from_millis(300));
        // Nobody answers it; what matters is that it was sent.
        drop(echo(&call).await);
        scripted.seen().methods.contains_key(&BASIC_PUBLISH)
    });
    assert!(works.await);
    // What it believes to be too much is deleted right after that.
    let deletes = || {
        let seen = scripted.seen();
        seen.methods.get(&QUEUE_DELETE).copied().unwrap_or_default()
    };
    becomes(Duration::from_secs(2), async || deletes() >= OPENINGS).await;
    let (deleted, channels) = (deletes(), scripted.seen().most_channels);
    transport.close().await;
    assert!(
        deleted <= 2,
        "{deleted} queues that are not there are deleted"
    );
    assert!(channels < 16, "{channels} channels were open at once");
}

async fn many_exchanges_evict_nobody() {
    let (forwarder, topic) = (Forwarder::start().await, unique("topic"));
    let served = transport();
    let server = echo_server(&served, &topic).await;
    let exchanges = Exchanges::declare(600).await;
    let transport = transport_at(forwarder.port, "");
    let client = client(&transport, &topic);
    echo(&client).await.unwrap();
    let mut slowest = Duration::ZERO;
    for exchange in &exchanges.0 {
        cast(&client.prepare().exchange(exchange.as_str()))
            .await
            .unwrap();
        let begin = Instant::now();
        let opened = || {
            let declared = forwarder.to_broker(EXCHANGE_DECLARE);
            forwarder.to_broker(CHANNEL_OPEN) + declared
        };
        let before = opened();
        echo(&client).await.unwrap();
        slowest = slowest.max(begin.elapsed());
        assert_eq!(opened(), before, "a call had to open what was open");
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    transport.close().await;
    server.stop().await;
    served.close().await;
    exchanges.delete().await;
}

async fn many_exchanges_need_few_channels() {
    many_exchanges_on_few_channels(|_| Answer::Good).await;
}

/// As under a broker that is slow.
async fn many_exchanges_need_few_channels_without_confirmations() {
    many_exchanges_on_few_channels(|frame| match frame.id() {
        Some(BASIC_PUBLISH) => Answer::Silence,
        _ => Answer::Good,
    })
    .await;
}

async fn many_exchanges_on_few_channels(
    script: impl Fn(&super::amqp::Frame) -> Answer + Send + Sync + 'static,
) {
    const CHANNELS: u16 = 64;
    let scripted = Scripted::start(CHANNELS, script).await;
    let transport = transport_at(scripted.port, "");
    let client = client(&transport, "topic").timeout(Duration::from_secs(3));
    let mut casts = tokio::task::JoinSet::new();
    for number in 0..600 {
        let client = client.prepare().exchange(format!("e{number}").as_str());
        casts.spawn(async move { cast(&client).await });
    }
    let mut failed = Vec::new();
    while let Some(cast) = casts.join_next().await {
        match cast.unwrap() {
            // Not confirmed in time.
            Ok(()) | Err(Error::Timeout { .. }) => {}
            Err(error) => failed.push(error.to_string()),
        }
    }
    let seen = scripted.seen();
    transport.close().await;
    assert!(failed.is_empty(), "{} failed: {}", failed.len(), failed[0]);
    assert_eq!(seen.published, 600);
    assert!(seen.most_channels <= usize::from(CHANNELS), "{seen:?}");
    assert_eq!(seen.connections, 1);
}

async fn long_ids_are_not_kept() {
    const IDS: usize = 48;
    let (transport, topic) = (transport(), unique("topic"));
    let executed = Arc::new(AtomicUsize::new(0));
    let endpoint = Endpoint::new().method("m", {
        let executed = Arc::clone(&executed);
        move |_, _: Value| {
            executed.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        }
    });
    let server = serve(&transport, &topic, endpoint).await;
    let mut raw = Raw::open().await;
    let watch = Watch::start();
    for number in 0..IDS {
        let id = format!("{number}{}", "x".repeat(1024 * 1024));
        let request = json!({"method": "m", "args": {}, "version": "1.0", "_unique_id": id});
        let body = envelope(&request.to_string());
        raw.publish("openstack", &topic, Properties::JSON, &body)
            .await;
    }
    let all = async || executed.load(Ordering::SeqCst) == IDS;
    assert!(becomes(LIMIT, all).await);
    let is_freed = becomes(Duration::from_secs(2), async || watch.now() < 24).await;
    let kept = watch.now();
    server.stop().await;
    transport.close().await;
    assert!(is_freed, "{kept} MiB are kept");
}

/// A broker that refuses the right to declare a reply queue for so many times.
async fn refusing_replies(times: usize) -> Scripted {
    let refused = AtomicUsize::new(0);
    Scripted::start(2047, move |frame| {
        if frame.id() != Some(QUEUE_DECLARE) || refused.load(Ordering::SeqCst) >= times {
            return Answer::Good;
        }
        let mut arguments = frame.arguments();
        arguments.u16();
        arguments.short();
        let is_passive = arguments.u8() & 1 == 1;
        if !is_passive {
            refused.fetch_add(1, Ordering::SeqCst);
        }
        Answer::CloseChannel(403, "ACCESS_REFUSED - access to queue refused")
    })
    .await
}

/// Calls until the reply queue has been refused often.
async fn fail_to_open(transport: &Transport, scripted: &Scripted) {
    let client = client(transport, "any").timeout(Duration::from_secs(2));
    let often = becomes(Duration::from_secs(40), async || {
        drop(echo(&client).await);
        let tried = scripted.seen().methods.get(&QUEUE_DECLARE).copied();
        tried.unwrap_or_default() >= OPENINGS
    });
    assert!(often.await, "it is not tried again");
}

/// Of this process, with this in their name.
fn open_files(name: &str) -> usize {
    let files = fs::read_dir("/proc/self/fd").unwrap();
    files
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|path| path.to_string_lossy().contains(&name.replace('-', "%2D")))
        .count()
}

/// Exchanges without queues.
struct Exchanges(Vec<String>);

impl Exchanges {
    async fn declare(count: usize) -> Self {
        let (mut raw, prefix) = (Raw::open().await, unique("exchange"));
        let names: Vec<_> = (0..count)
            .map(|place| format!("{prefix}-{place}"))
            .collect();
        for name in &names {
            let exchange = raw.exchange(name, "topic", Declared::default());
            exchange.await.unwrap();
        }
        Self(names)
    }

    async fn delete(self) {
        let mut raw = Raw::open_as(&Login::of_the_node()).await;
        for name in &self.0 {
            raw.delete_exchange(name).await;
        }
    }
}

const OPENINGS: usize = 16;
