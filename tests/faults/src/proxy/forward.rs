//! Taking connections, and carrying their bytes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::Ending;
use super::shared::{Direction, Shared, take_one};
use crate::frames::{Frames, Sieve};

/// Takes connections for ever.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        if shared.refuses.load(Ordering::SeqCst) {
            continue;
        }
        let number = shared.counters.accepted.fetch_add(1, Ordering::SeqCst);
        let (sender, ending) = mpsc::unbounded_channel();
        shared.connections().insert(number, sender);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _ = forward(client, &shared, ending).await;
            shared.connections().remove(&number);
        });
    }
}

async fn forward(
    mut client: TcpStream,
    shared: &Shared,
    mut ending: mpsc::UnboundedReceiver<Ending>,
) -> io::Result<()> {
    let mut broker = TcpStream::connect(shared.broker).await?;
    client.set_nodelay(true)?;
    broker.set_nodelay(true)?;
    let ending = {
        let (from_client, to_client) = client.split();
        let (from_broker, to_broker) = broker.split();
        tokio::select! {
            ending = to_the_broker(from_client, to_broker, shared) => ending?,
            ending = to_the_client(from_broker, to_client, shared) => ending?,
            ending = ending.recv() => ending.unwrap_or(Ending::Reset),
        }
    };
    if ending == Ending::Reset {
        for stream in [&client, &broker] {
            SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
        }
    }
    Ok(())
}

async fn to_the_broker(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
) -> io::Result<Ending> {
    let mut buffer = vec![0; PIECE];
    loop {
        let count = from.read(&mut buffer).await?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return Ok(Ending::Finish);
        };
        shared.gate(Direction::ToBroker).await;
        if take_one(&shared.truncate_to_broker) {
            to.write_all(&bytes[..count / 2]).await?;
            shared.counters.truncated.fetch_add(1, Ordering::SeqCst);
            return Ok(Ending::Reset);
        }
        to.write_all(bytes).await?;
        shared
            .counters
            .bytes_to_broker
            .fetch_add(count as u64, Ordering::SeqCst);
    }
}

async fn to_the_client(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
) -> io::Result<Ending> {
    let mut buffer = vec![0; PIECE];
    let (mut frames, mut sieve) = (Frames::default(), Sieve::default());
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(Ending::Finish);
        }
        shared.gate(Direction::ToClient).await;
        frames.push(&buffer[..count]);
        let mut passing = Vec::new();
        while let Some(frame) = frames.next_frame() {
            if !sieve.passes(&frame, |kind| shared.loses(kind)) {
                continue;
            }
            passing.extend_from_slice(&frame.bytes);
            let counter = &shared.counters.frames_to_client;
            counter.fetch_add(1, Ordering::SeqCst);
            if take_one(&shared.truncate_to_client) {
                to.write_all(&passing[..passing.len() - frame.bytes.len() / 2])
                    .await?;
                shared.counters.truncated.fetch_add(1, Ordering::SeqCst);
                return Ok(Ending::Reset);
            }
        }
        to.write_all(&passing).await?;
        shared
            .counters
            .bytes_to_client
            .fetch_add(passing.len() as u64, Ordering::SeqCst);
    }
}

const PIECE: usize = 64 * 1024;
