//! A broker that takes no queues but durable ones, as RabbitMQ 4.3 does: a real one, behind a
//! forwarder that refuses the others in its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
                to_client.write_all(&close()).await.unwrap();
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
        // `queue.declare`: class, method, two reserved bytes, the name, and bits.
        if frame[0] == 1 && rest[..4] == [0, 50, 0, 10] {
            let bits = rest[7 + usize::from(rest[6])];
            if bits & DURABLE == 0 {
                return;
            }
        }
        to.write_all(&[frame, rest].concat()).await.unwrap();
    }
}

/// `connection.close` with 541.
fn close() -> Vec<u8> {
    let text = b"INTERNAL_ERROR";
    let mut payload = vec![
        0,
        10,
        0,
        50,
        541_u16.to_be_bytes()[0],
        541_u16.to_be_bytes()[1],
    ];
    payload.push(u8::try_from(text.len()).unwrap());
    payload.extend(text);
    payload.extend([0, 50, 0, 10]);
    let size = u32::try_from(payload.len()).unwrap();
    [&[1, 0, 0], &size.to_be_bytes()[..], &payload, &[0xce]].concat()
}

#[tokio::test]
async fn a_broker_that_takes_durable_queues_only_gets_them_at_once() {
    let (port, refusals) = refusing_forwarder().await;
    let transport = transport(&changed(None, Some(&format!("127.0.0.1:{port}")), None));
    let begin = Instant::now();
    // No failed round: not one attempt more would be made.
    let queue = transport.reply_queue(&Attempt::new(Some(0))).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(refusals.load(Ordering::SeqCst), 1);
    let reply = reply_to(&queue);
    publish(&transport, &reply).await.unwrap();
    transport.close().await;
}

const DURABLE: u8 = 2;
