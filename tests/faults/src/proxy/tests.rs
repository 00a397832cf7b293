//! The proxy in front of an echo.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::*;

const LIMIT: Duration = Duration::from_secs(10);
const HEARTBEAT: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xce];

/// Sends back what it hears.
async fn echo() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    port
}

async fn connected() -> (Proxy, TcpStream) {
    let proxy = Proxy::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
        .await
        .unwrap();
    round(&mut stream).await.unwrap();
    (proxy, stream)
}

async fn round(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(&HEARTBEAT).await?;
    let mut answer = [0; HEARTBEAT.len()];
    timeout(LIMIT, stream.read_exact(&mut answer))
        .await
        .unwrap()?;
    assert_eq!(answer, HEARTBEAT);
    Ok(())
}

#[tokio::test]
async fn what_goes_through_is_counted() {
    let (proxy, mut stream) = connected().await;
    round(&mut stream).await.unwrap();
    let counts = proxy.counts();
    assert_eq!((counts.accepted, counts.frames_to_client), (1, 2));
    assert_eq!((counts.bytes_to_broker, proxy.open()), (16, 1));
    drop(stream);
    timeout(LIMIT, async {
        while proxy.open() > 0 {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_connection_finishes_or_is_reset() {
    for ending in [Ending::Finish, Ending::Reset] {
        let (proxy, mut stream) = connected().await;
        proxy.cut(ending);
        let end = timeout(LIMIT, stream.read(&mut [0; 8])).await.unwrap();
        match ending {
            Ending::Finish => assert_eq!(end.unwrap(), 0),
            Ending::Reset => {
                assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
            }
        }
    }
}

#[tokio::test]
async fn a_stall_holds_bytes_back_and_loses_none() {
    let (proxy, mut stream) = connected().await;
    for flow in [
        Flow::STALLED,
        Flow {
            stall_to_broker: true,
            ..Flow::default()
        },
        Flow {
            stall_to_client: true,
            ..Flow::default()
        },
    ] {
        proxy.set_flow(flow);
        let silence = timeout(Duration::from_millis(100), round(&mut stream)).await;
        assert!(silence.is_err(), "{flow:?}");
        proxy.heal();
        let mut answer = [0; HEARTBEAT.len()];
        timeout(LIMIT, stream.read_exact(&mut answer))
            .await
            .unwrap()
            .unwrap();
    }
}

#[tokio::test]
async fn a_frame_is_truncated() {
    let (proxy, mut stream) = connected().await;
    proxy.truncate_to_client();
    stream.write_all(&HEARTBEAT).await.unwrap();
    let mut received = Vec::new();
    let end = timeout(LIMIT, stream.read_to_end(&mut received)).await;
    // A reset may overtake the bytes before it.
    assert!(end.unwrap().is_err());
    assert!(received.len() < HEARTBEAT.len());
    assert_eq!(proxy.counts().truncated, 1);
}

#[tokio::test]
async fn a_confirmation_is_lost() {
    let (proxy, mut stream) = connected().await;
    proxy.lose_confirms(1);
    let confirm = [1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 80, 0xce];
    stream.write_all(&confirm).await.unwrap();
    round(&mut stream).await.unwrap();
    assert_eq!(proxy.counts().lost_confirms, 1);
}
