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

/// A broker that lets one in, or closes the connection with these words.
async fn broker(refuses: Option<(u16, &'static str)>) -> SocketAddr {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut near, far) = duplex(1 << 16);
        tokio::spawn(async move { copy_bidirectional(&mut socket, &mut near).await });
        let mut peer = Peer::new(far);
        if let Some((code, text)) = refuses {
            peer.tunes().await;
            let close = Method::ConnectionClose {
                reply_code: code,
                reply_text: Short::new(text).unwrap(),
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
    let broker_at = broker(None).await;
    let addresses = [nobody_at, silent_at, closing_at, broker_at];
    let connection = dial().connect_to(addresses, config()).await.unwrap();
    assert!(matches!(&*connection.state().borrow(), State::Open));
    drop(silent);
}

#[tokio::test]
async fn what_tells_most_is_told() {
    let (silent, silent_at) = listener().await;
    let (_, nobody_at) = listener().await;
    let failed =
        |addresses| async move { dial().connect_to(addresses, config()).await.unwrap_err() };
    for addresses in [[nobody_at, silent_at], [silent_at, nobody_at]] {
        let error = failed(addresses).await;
        assert!(matches!(error, DialError::TooSlow { .. }), "{error}");
    }
    for is_first in [true, false] {
        let stopping_at = broker(Some((320, "the node is stopped"))).await;
        let addresses = if is_first {
            [stopping_at, silent_at]
        } else {
            [silent_at, stopping_at]
        };
        let error = failed(addresses).await.to_string();
        assert!(error.contains("the node is stopped"), "{error}");
    }
    let error = failed([nobody_at; 2]).await;
    assert!(matches!(error, DialError::Tcp(_)), "{error}");
    let error = dial().connect_to([], config()).await.unwrap_err();
    assert!(matches!(error, DialError::Lookup(_)), "{error}");
    drop(silent);
}

/// Nodes of a cluster may have one name, and some things are wrong with one alone.
#[tokio::test]
async fn what_is_wrong_with_one_node_is_asked_of_the_next() {
    for (code, text) in [
        (320, "CONNECTION_FORCED - broker forced connection closure"),
        (
            541,
            "INTERNAL_ERROR - access to vhost 'v': vhost 'v' is down",
        ),
        (530, "NOT_ALLOWED - node connection limit (9) is reached"),
    ] {
        let addresses = [broker(Some((code, text))).await, broker(None).await];
        let connected = dial().connect_to(addresses, config()).await;
        assert!(connected.is_ok(), "{code} {text}: {connected:?}");
    }
}

#[tokio::test]
async fn a_broker_that_refuses_is_not_asked_at_its_other_addresses() {
    for (code, text) in [(530, "no such virtual host"), (403, "wrong password")] {
        let addresses = [broker(Some((code, text))).await, broker(None).await];
        let error = dial().connect_to(addresses, config()).await.unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
}
