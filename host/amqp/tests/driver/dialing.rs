//! From addresses to a connection, over real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use oslo_amqp::driver::{Dial, DialError, State};
use oslo_amqp::protocol::{Method, Short};
use tokio::io::{copy_bidirectional, duplex};
use tokio::net::TcpListener;

use super::peer::{Peer, config};

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A broker that lets one in, or refuses it.
async fn broker(refuses: bool) -> SocketAddr {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut near, far) = duplex(1 << 16);
        tokio::spawn(async move { copy_bidirectional(&mut socket, &mut near).await });
        let mut peer = Peer::new(far);
        if refuses {
            peer.tunes().await;
            let close = Method::ConnectionClose {
                reply_code: 530,
                reply_text: Short::new("no such virtual host").unwrap(),
                class: 10,
                method: 40,
            };
            peer.say(0, &close).await;
        } else {
            peer.handshake().await;
        }
        // As long as anything comes.
        while peer.next().await.is_some() {}
    });
    address
}

fn dial() -> Dial {
    let mut dial = Dial::new("any", 1);
    dial.step_limit = Duration::from_millis(300);
    dial
}

#[tokio::test]
async fn the_next_address_is_tried_whatever_step_failed() {
    let (silent, silent_at) = listener().await;
    let (closing, closing_at) = listener().await;
    tokio::spawn(async move { while closing.accept().await.is_ok() {} });
    let (_, nobody_at) = listener().await;
    let broker_at = broker(false).await;
    let addresses = [nobody_at, silent_at, closing_at, broker_at];
    let connection = dial().connect_to(addresses, config()).await.unwrap();
    assert!(matches!(&*connection.state().borrow(), State::Open));
    drop(silent);
}

#[tokio::test]
async fn what_the_last_address_met_is_told() {
    let (silent, silent_at) = listener().await;
    let (_, nobody_at) = listener().await;
    let failed =
        |addresses| async move { dial().connect_to(addresses, config()).await.unwrap_err() };
    let error = failed([nobody_at, silent_at]).await;
    assert!(matches!(error, DialError::TooSlow { .. }), "{error}");
    let error = failed([silent_at, nobody_at]).await;
    assert!(matches!(error, DialError::Tcp(_)), "{error}");
    let error = dial().connect_to([], config()).await.unwrap_err();
    assert!(matches!(error, DialError::Lookup(_)), "{error}");
    drop(silent);
}

#[tokio::test]
async fn a_broker_that_refuses_is_not_asked_at_its_other_addresses() {
    let (refusing_at, letting_in_at) = (broker(true).await, broker(false).await);
    let error = dial()
        .connect_to([refusing_at, letting_in_at], config())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("no such virtual host"),
        "{error}"
    );
}
