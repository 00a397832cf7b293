//! Standard output and standard error of a plugin: the program's own.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::output::{self, Output};

/// Standard output.
pub(super) struct Stdout;

/// Standard error.
pub(super) struct Stderr;

impl IsTerminal for Stdout {
    fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }
}

impl IsTerminal for Stderr {
    fn is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }
}

impl StdoutStream for Stdout {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(Stream::to(output::stdout()))
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Stream::to(output::stdout()))
    }
}

impl StdoutStream for Stderr {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(Stream::to(output::stderr()))
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Stream::to(output::stderr()))
    }
}

/// A plugin's handle to one of the two. Dropped, it gives its permit back.
struct Stream {
    output: &'static Output,
    /// How much it may write without asking again.
    permit: usize,
    is_flushing: bool,
}

impl Stream {
    const fn to(output: &'static Output) -> Self {
        Self {
            output,
            permit: 0,
            is_flushing: false,
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Stream {
    async fn ready(&mut self) {
        // What is wrong is told when it is asked.
        if self.is_flushing {
            let _ = std::future::poll_fn(|cx| self.output.poll_idle(cx)).await;
        } else {
            let _ = std::future::poll_fn(|cx| self.output.poll_room(cx)).await;
        }
    }
}

impl OutputStream for Stream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.permit = self
            .permit
            .checked_sub(bytes.len())
            .ok_or_else(|| StreamError::trap("more was written than `check-write` had allowed"))?;
        self.output.push_promised(&bytes).map_err(to_stream_error)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.is_flushing = true;
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.is_flushing &= !self.output.is_idle();
        let unused = std::mem::take(&mut self.permit);
        if self.is_flushing {
            self.output.give_back(unused);
        } else {
            self.permit = self.output.promise(unused).map_err(to_stream_error)?;
        }
        Ok(self.permit)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.output.give_back(self.permit);
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let room = std::task::ready!(self.output.poll_room(cx))?;
        let bytes = bytes.get(..room).unwrap_or(bytes);
        Poll::Ready(self.output.push(bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.output.poll_idle(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // It is the program's, and others'.
        Poll::Ready(Ok(()))
    }
}

/// As WASI's own streams have it: nobody reads any more.
fn to_stream_error(error: io::Error) -> StreamError {
    match error.kind() {
        io::ErrorKind::BrokenPipe => StreamError::Closed,
        _ => StreamError::LastOperationFailed(error.into()),
    }
}
