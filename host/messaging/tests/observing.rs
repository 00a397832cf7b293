//! What can be seen of a transport, and steered: state, events, counts, connecting ahead, flushing,
//! draining, traces.

use std::time::Duration;

use oslo_messaging::{
    ConnectionState, Context, Endpoint, Error, Event, RemoteError, RpcClient, RpcServer, Target,
    Transport, TransportErrorKind,
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

const LIMIT: Duration = Duration::from_secs(20);
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn server(transport: &Transport, topic: &str) -> RpcServer {
    let endpoint = Endpoint::new()
        .version("1.2")
        .method("about", |context: Context, _: Value| async move {
            assert!(context.unique_id().is_some_and(|id| id.len() == 32));
            Ok(json!([
                context.method(),
                context.version(),
                context.traceparent()
            ]))
        })
        .method("raise", |_, _: Value| async {
            Err::<(), _>(RemoteError::new("builtins", "ValueError", "no"))
        })
        .method("slow", |_, _: Value| async {
            sleep(Duration::from_millis(300)).await;
            Ok(7)
        });
    let target = Target::topic(topic).server("host-1");
    let server = RpcServer::builder(transport, target).endpoint(endpoint);
    server.start().await.unwrap()
}

async fn call(client: &RpcClient, method: &str) -> oslo_messaging::Result<Value> {
    client.call(&json!({}), method, &json!({})).await
}

async fn counts_and_traces(transport: &Transport, topic: &str) {
    let server = server(transport, topic).await;
    let traced = transport
        .clone()
        .with_trace_context(|| Some(TRACE.to_owned()));
    let client = RpcClient::new(&traced, Target::topic(topic).version("1.1"));
    let about = call(&client, "about").await.unwrap();
    assert_eq!(about, json!(["about", "1.1", TRACE]));
    let own: Value = client
        .call(&json!({"traceparent": "own"}), "about", &json!({}))
        .await
        .unwrap();
    assert_eq!(own, json!(["about", "1.1", "own"]));
    call(&client, "raise").await.unwrap_err();
    client.cast(&json!({}), "about", &json!({})).await.unwrap();
    let nobody = client.prepare().server("nobody");
    assert!(
        call(&nobody, "about")
            .await
            .unwrap_err()
            .is_no_such_target()
    );
    let hasty = client.prepare().timeout(Duration::from_millis(50));
    assert!(call(&hasty, "slow").await.unwrap_err().is_timeout());
    let counts = transport.statistics();
    assert_eq!((counts.calls, counts.casts), (5, 1), "{counts:?}");
    assert_eq!(
        (counts.succeeded, counts.remote_errors),
        (3, 1),
        "{counts:?}"
    );
    assert_eq!((counts.returned, counts.timed_out), (1, 1), "{counts:?}");
    assert!(
        counts.bytes_sent > 1000 && counts.bytes_received > 300,
        "{counts:?}"
    );
    server.stop().await;
}

async fn a_drained_transport_ends_what_runs_and_takes_no_more(transport: &Transport, topic: &str) {
    let server = server(transport, topic).await;
    let client = RpcClient::new(transport, Target::topic(topic));
    let slow = tokio::spawn({
        let client = client.clone();
        async move { call(&client, "slow").await }
    });
    while transport.waiting_calls() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    let draining = tokio::spawn({
        let transport = transport.clone();
        async move { transport.drain(LIMIT).await }
    });
    tokio::task::yield_now().await;
    sleep(Duration::from_millis(50)).await;
    let late = call(&client, "about").await.unwrap_err();
    assert!(
        matches!(&late, Error::DeliveryFailure { source, .. } if source.kind() == TransportErrorKind::Closed),
        "{late}"
    );
    assert_eq!(slow.await.unwrap().unwrap(), json!(7));
    timeout(LIMIT, draining).await.unwrap().unwrap();
    assert_eq!(transport.state(), ConnectionState::Closed);
    drop(server);
}

#[tokio::test]
async fn in_memory() {
    let transport = Transport::memory();
    let mut events = transport.events();
    transport.connect().await.unwrap();
    counts_and_traces(&transport, "t").await;
    transport.flush().await;
    a_drained_transport_ends_what_runs_and_takes_no_more(&transport, "u").await;
    assert!(matches!(events.next().await, Some(Event::Closed)));
}

#[cfg(feature = "broker-tests")]
#[tokio::test]
async fn over_a_broker() {
    use oslo_messaging::Purpose;

    let url = std::env::var("OSLO_TEST_TRANSPORT_URL").unwrap();
    let unique = format!("observing-{:016x}", fastrand::u64(..));
    let transport = Transport::new(&url).unwrap();
    let mut events = transport.events();
    assert_eq!(transport.state(), ConnectionState::Idle);
    transport.connect().await.unwrap();
    assert_eq!(transport.state(), ConnectionState::Connected);
    assert_eq!(transport.statistics().connects, 2);
    let mut purposes = Vec::new();
    for _ in 0..2 {
        let Some(Event::Connected {
            purpose,
            failed_over,
            ..
        }) = events.next().await
        else {
            panic!("it was connected")
        };
        assert!(!failed_over);
        purposes.push(purpose);
    }
    purposes.sort_by_key(ToString::to_string);
    assert_eq!(purposes, [Purpose::Publish, Purpose::Replies]);
    counts_and_traces(&transport, &unique).await;
    transport.flush().await;
    a_drained_transport_ends_what_runs_and_takes_no_more(&transport, &format!("{unique}-2")).await;

    let nowhere = Transport::new("rabbit://127.0.0.1:1/?rabbit_retry_interval=1").unwrap();
    let mut events = nowhere.events();
    let connecting = timeout(Duration::from_millis(500), nowhere.connect());
    assert!(connecting.await.is_err());
    let Some(Event::ConnectFailed { reason, .. }) = events.next().await else {
        panic!("nothing listens there")
    };
    assert_eq!(reason.kind(), TransportErrorKind::ConnectionRefused);
    assert!(std::error::Error::source(&reason).is_some());
    assert_eq!(nowhere.state(), ConnectionState::Disconnected);
    nowhere.close().await;
}
