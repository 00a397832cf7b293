//! A connection whose other end has to take what is written.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Fails when an answer is not taken in time: from the first moment that its client takes no more, until all of it
/// is gone.
pub(super) struct Stalling<S> {
    connection: S,
    within: Duration,
    ends: Option<Pin<Box<Sleep>>>,
}

impl<S> Stalling<S> {
    pub(super) const fn new(connection: S, within: Duration) -> Self {
        Self {
            connection,
            within,
            ends: None,
        }
    }

    fn or_stalled<T>(
        &mut self,
        polled: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            return polled;
        }
        let within = self.within;
        let ends = self.ends.get_or_insert_with(|| Box::pin(sleep(within)));
        ends.as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stalling<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.connection).poll_write(cx, bytes);
        self.or_stalled(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.connection).poll_write_vectored(cx, bytes);
        self.or_stalled(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    /// It is asked for when nothing is left to be written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.connection).poll_flush(cx);
        if polled.is_ready() {
            self.ends = None;
        }
        self.or_stalled(polled, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.connection).poll_shutdown(cx);
        self.or_stalled(polled, cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stalling<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_has_so_long_to_take_all_of_an_answer() {
        let (server, mut client) = duplex(10);
        let mut server = Stalling::new(server, Duration::from_secs(30));
        let answering = tokio::spawn(async move {
            for _ in 0..2 {
                server.write_all(&[0; 40]).await?;
                server.flush().await?;
            }
            io::Result::Ok(Instant::now())
        });
        // The first one is taken slowly, but in time.
        let start = Instant::now();
        let mut taken = [0; 10];
        for _ in 0..4 {
            sleep(Duration::from_secs(7)).await;
            client.read_exact(&mut taken).await.unwrap();
        }
        // Of the second something is taken all the time, and still not enough.
        for _ in 0..4 {
            sleep(Duration::from_secs(9)).await;
            let _ = client.read(&mut taken[..1]).await.unwrap();
        }
        let ended = answering.await.unwrap();
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() >= Duration::from_secs(58));
    }
}
