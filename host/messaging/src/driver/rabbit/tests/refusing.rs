//! A broker that takes no queues but durable ones, as RabbitMQ 4.3 does: a real one, behind a
//! forwarder that refuses the others in its place.

use std::sync::atomic::{AtomicUsize, Ordering};

use oslo_amqp::driver::short;
use oslo_amqp::protocol::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Returns its port, and how often it has refused a queue.
async fn refusing_forwarder() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let refusals = Arc::new(AtomicUsize::new(0));
    let refused = Arc::clone(&refusals);
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            let far = TcpStream::connect(broker_address().to_string())
                .await
                .unwrap();
            let refused = Arc::clone(&refused);
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = near.into_split();
                let (mut from_broker, mut to_broker) = far.into_split();
                let back = tokio::io::copy(&mut from_broker, &mut to_client);
                tokio::select! {
                    _ = back => return,
                    () = forward_until_refused(&mut from_client, &mut to_broker) => {}
                }
                refused.fetch_add(1, Ordering::SeqCst);
                let close = forwarder::frame(&Method::ConnectionClose {
                    reply_code: 541,
                    reply_text: short("INTERNAL_ERROR").unwrap(),
                    class: 50,
                    method: 10,
                });
                to_client.write_all(&close).await.unwrap();
                // The client says goodbye.
                sleep(Duration::from_millis(200)).await;
            });
        }
    });
    (port, refusals)
}

async fn forward_until_refused(from: &mut OwnedReadHalf, to: &mut (impl AsyncWriteExt + Unpin)) {
    let mut protocol = [0; 8];
    from.read_exact(&mut protocol).await.unwrap();
    to.write_all(&protocol).await.unwrap();
    loop {
        let mut frame = vec![0; 7];
        if from.read_exact(&mut frame).await.is_err() {
            std::future::pending::<()>().await;
        }
        let size = u32::from_be_bytes(frame[3..7].try_into().unwrap());
        let mut rest = vec![0; size as usize + 1];
        from.read_exact(&mut rest).await.unwrap();
        let is_method = frame[0] == 1;
        if is_method && let Ok(Method::QueueDeclare { durable: false, .. }) = Method::decode(&rest)
        {
            return;
        }
        to.write_all(&[frame, rest].concat()).await.unwrap();
    }
}

#[tokio::test]
async fn a_broker_that_takes_durable_queues_only_gets_them_at_once() {
    let (port, refusals) = refusing_forwarder().await;
    let transport = transport(&changed(None, Some(&format!("127.0.0.1:{port}")), None));
    let begin = Instant::now();
    // No failed round: not one attempt more would be made.
    let queue = reply_queue(&transport).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(refusals.load(Ordering::SeqCst), 1);
    cast(&transport, message(reply_to(&queue), true))
        .await
        .unwrap();
    transport.close().await;
}
