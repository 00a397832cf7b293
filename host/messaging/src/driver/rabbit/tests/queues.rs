//! Queues that are more than one connection's: managed ones and streams.

use std::sync::atomic::{AtomicBool, Ordering};

use oslo_amqp::protocol::Value;

use super::topology::{check_queue, with};
use super::*;

fn managed(program: &'static str) -> Rabbit {
    with(&[
        ("use_queue_manager", "true"),
        ("hostname", "host"),
        ("processname", program),
    ])
}

fn remove_locks(program: &str) {
    let id = program.rsplit('-').next().unwrap();
    for file in std::fs::read_dir(super::super::topology::folder()).unwrap() {
        let path = file.unwrap().path();
        if path.to_string_lossy().contains(id) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test]
async fn managed_queues_keep_their_names_and_stay() {
    let program = unique("program").leak() as &'static str;
    let managed = || managed(program);
    let (one, two) = (managed(), managed());
    let first = reply_queue(&one).await.unwrap();
    let second = reply_queue(&two).await.unwrap();
    assert_eq!(*first, *format!("reply_host:{program}:1"));
    assert_eq!(*second, *format!("reply_host:{program}:2"));
    one.close().await;
    drop(one);
    // It was kept, and is found again with what came meanwhile.
    cast(&two, message(reply_to(&first), true)).await.unwrap();
    let again = managed();
    assert_eq!(reply_queue(&again).await.unwrap(), first);
    again.close().await;
    two.close().await;
    remove_locks(program);
    let observer = Observer::new().await;
    for queue in [first, second] {
        observer.delete_queue(&queue).await;
    }
    observer.close().await;
}

/// As in two containers of one host name, each of which counts for itself.
#[tokio::test]
async fn a_managed_queue_that_another_process_consumes_is_left_to_it() {
    let program = unique("program").leak() as &'static str;
    let managed = || managed(program);
    let subscription = subscription();
    let observer = Observer::new().await;
    let replies = format!("reply_host:{program}:1");
    let fanouts = format!("{}_fanout_host:{program}:2", subscription.topic);
    let before = managed();
    assert_eq!(*reply_queue(&before).await.unwrap(), *replies);
    let listening = before.listen(subscription.clone()).await.unwrap();
    before.close().await;
    drop((before, listening));
    let mut theirs = (
        observer.messages(&replies).await,
        observer.messages(&fanouts).await,
    );

    let ours = managed();
    let own = reply_queue(&ours).await.unwrap();
    assert_ne!(*own, *replies);
    let mut listening = ours.listen(subscription.clone()).await.unwrap();
    for _ in 0..10 {
        let topic = subscription.topic.clone();
        let fanout = message(Destination::Fanout { topic }, false);
        let body = fanout.body.clone();
        cast(&ours, fanout).await.unwrap();
        assert_eq!(next(&mut listening).await, body);
        timeout(LIMIT, theirs.1.recv()).await.unwrap().unwrap();
    }
    assert!(theirs.0.try_recv().is_err());
    ours.close().await;
    for queue in [&replies, &fanouts] {
        observer.delete_queue(queue).await;
    }
    observer.close().await;
    remove_locks(program);
}

/// As above, but both begin at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn managed_queues_that_two_begin_to_consume_at_once_are_not_shared() {
    let (program, observer) = (
        unique("program").leak() as &'static str,
        Observer::new().await,
    );
    for _ in 0..5 {
        let subscription = subscription();
        let transports = [managed(program), managed(program)];
        let begin = async |transport: &Rabbit| {
            let queue = reply_queue(transport).await.unwrap();
            let listening = transport.listen(subscription.clone()).await.unwrap();
            (queue, listening)
        };
        let forgetting = Arc::new(AtomicBool::new(true));
        // Each counts for itself, because it does not see what the other has locked.
        let forgets = Arc::clone(&forgetting);
        let thread = std::thread::spawn(move || {
            while forgets.load(Ordering::Relaxed) {
                remove_locks(program);
            }
        });
        let [one, two] = &transports;
        let (one, two) = tokio::join!(begin(one), begin(two));
        forgetting.store(false, Ordering::Relaxed);
        thread.join().unwrap();
        let mut begun = [one, two];
        assert_ne!(begun[0].0, begun[1].0);
        for _ in 0..4 {
            let topic = subscription.topic.clone();
            let fanout = message(Destination::Fanout { topic }, false);
            let body = fanout.body.clone();
            cast(&transports[0], fanout).await.unwrap();
            for (_, listening) in &mut begun {
                assert_eq!(next(listening).await, body);
            }
        }
        for transport in transports {
            transport.close().await;
        }
        let fanouts = (1..5).map(|n| format!("{}_fanout_host:{program}:{n}", subscription.topic));
        let replies = (1..5).map(|n| format!("reply_host:{program}:{n}"));
        let shared = [
            subscription.topic.clone(),
            format!("{}.server", subscription.topic),
        ];
        for queue in fanouts.chain(replies).chain(shared) {
            if observer.has_queue(&queue).await {
                observer.delete_queue(&queue).await;
            }
        }
    }
    observer.close().await;
    remove_locks(program);
}

#[tokio::test]
async fn a_stream_of_fanouts_is_shared_and_nothing_in_it_comes_twice() {
    let pairs = [
        ("rabbit_stream_fanout", "true"),
        ("rabbit_transient_quorum_queue", "true"),
        ("rabbit_qos_prefetch_count", "10"),
        ("rabbit_retry_interval", "1"),
    ];
    let client = with(&pairs);
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let options = RabbitOptions::from_pairs(pairs).unwrap();
    let far = with_options(&through(&forwarder), options);
    let near = with(&pairs);
    let subscription = subscription();
    let fanout = || {
        let topic = subscription.topic.clone();
        message(Destination::Fanout { topic }, false)
    };
    let mut one = far.listen(subscription.clone()).await.unwrap();
    let observer = Observer::new().await;
    let stream = format!("{}_fanout", subscription.topic);
    let shape = [
        ("x-queue-type", Value::from("stream")),
        ("x-max-age", Value::from("1800s")),
    ];
    check_queue(&observer, &stream, (true, false, &shape)).await;

    let mut sent = Vec::new();
    for _ in 0..25 {
        let message = fanout();
        sent.push(message.body.clone());
        cast(&client, message).await.unwrap();
    }
    let mut got = Vec::new();
    while got.len() < sent.len() {
        got.push(next(&mut one).await);
    }
    assert_eq!(got, sent);

    // A server that starts now gets what comes from now on; one that was cut off gets all.
    let mut two = near.listen(subscription.clone()).await.unwrap();
    forwarder.cut();
    let last = fanout();
    let body = last.body.clone();
    cast(&client, last).await.unwrap();
    for listening in [&mut one, &mut two] {
        assert_eq!(next(listening).await, body);
    }
    sleep(Duration::from_millis(300)).await;
    assert!(one.incoming.try_recv().is_err() && two.incoming.try_recv().is_err());

    // It is nobody's: who stops leaves it.
    drop((one, two));
    for transport in [client, far, near] {
        transport.close().await;
    }
    observer.delete_queue(&stream).await;
    observer.close().await;
}
