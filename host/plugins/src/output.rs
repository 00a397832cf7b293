//! What plugins write: lines of the log, and not more than they may.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::logging::{LogLevel, log_event};
use crate::statistics::Counters;

/// The output of one store, whose clones are its streams.
#[derive(Clone)]
pub(crate) struct Output(Arc<Mutex<Lines>>);

impl Output {
    pub(crate) fn new(plugin: Arc<str>, most: usize, counters: Arc<Counters>) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            plugin,
            most,
            left: most,
            is_cut: false,
            counters,
            line: Vec::new(),
        })))
    }

    /// Another invocation has the whole limit again.
    pub(crate) fn begin(&self) {
        let mut lines = self.0.lock();
        lines.end_line();
        lines.left = lines.most;
        lines.is_cut = false;
    }

    /// What is logged counts as what is written does.
    pub(crate) fn log(&self, level: LogLevel, context: &str, message: &str) {
        self.0.lock().log(level, context, message);
    }

    fn take(&self, bytes: &[u8]) {
        self.0.lock().take(bytes);
    }
}

struct Lines {
    plugin: Arc<str>,
    most: usize,
    left: usize,
    /// Whether that was told of this invocation.
    is_cut: bool,
    counters: Arc<Counters>,
    line: Vec<u8>,
}

impl Lines {
    /// What is over the limit is left out rather than refused: many programs end when they cannot write.
    fn take(&mut self, bytes: &[u8]) {
        let taken = bytes.get(..self.left).unwrap_or(bytes);
        for part in taken.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() >= LONGEST_LINE {
                self.end_line();
            }
        }
        self.spend(bytes.len());
    }

    fn log(&mut self, level: LogLevel, context: &str, message: &str) {
        // The line around it is in the log as well.
        let bytes = context.len().saturating_add(message.len());
        let bytes = bytes.saturating_add(EVENT);
        if self.left > 0 {
            // What was written before comes before it.
            self.end_line();
            let context = start(context, self.left.min(LONGEST_LINE));
            let mut rest = start(message, self.left - context.len());
            loop {
                let line = start(rest, LONGEST_LINE);
                log_event(&self.plugin, level, context, line);
                rest = rest.get(line.len()..).unwrap_or_default();
                if rest.is_empty() {
                    break;
                }
            }
        }
        self.spend(bytes);
    }

    /// Tells the first time that there was too much.
    fn spend(&mut self, bytes: usize) {
        if bytes > self.left && !self.is_cut {
            self.is_cut = true;
            self.end_line();
            self.counters.output_cut.add();
            if self.counters.told.is_one_more() {
                let (plugin, most) = (&*self.plugin, self.most);
                tracing::warn!(plugin, most, "output of an invocation is cut at its limit");
            }
        }
        self.left = self.left.saturating_sub(bytes);
    }

    fn end_line(&mut self) {
        if self.line.is_empty() {
            return;
        }
        // As a string field, which is escaped: a guest chose what is in it.
        let (line, plugin) = (String::from_utf8_lossy(&self.line), &*self.plugin);
        tracing::info!(target: "plugin", plugin, line = line.trim_end());
        drop(line);
        self.line.clear();
    }
}

/// No more than so many bytes of it, and no part of a character.
pub(crate) fn start(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// What a plugin wrote last may have no line's end.
impl Drop for Lines {
    fn drop(&mut self) {
        self.end_line();
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(AT_ONCE)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What is longer is several lines of the log.
const LONGEST_LINE: usize = 4096;

const AT_ONCE: usize = 64 * 1024;

/// What an event counts for besides its text.
const EVENT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_the_limit_is_counted_once_of_an_invocation_wherever_its_writes_end() {
        let counters = Arc::new(Counters::default());
        let output = Output::new("plugin".into(), 8, Arc::clone(&counters));
        let cut = || counters.statistics().output_cut;
        output.take(b"1234567\n");
        assert_eq!(cut(), 0);
        output.take(b"x");
        output.take(b"x");
        assert_eq!(cut(), 1);
        output.begin();
        output.take(b"123456789");
        output.take(b"x");
        assert_eq!(cut(), 2);
    }
}
