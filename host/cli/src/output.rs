//! Standard output and standard error, each written by a thread of its own: a reader that stands still
//! stops what writes, and neither a time limit nor a signal.

use std::io::{self, Write};
use std::sync::Once;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Standard output, which belongs to results and to plugins.
pub(crate) fn stdout() -> &'static Output {
    static STDOUT: Output = Output::new();
    static BEGINS: Once = Once::new();
    BEGINS.call_once(|| STDOUT.begin("stdout", io::stdout()));
    &STDOUT
}

/// Standard error.
pub(crate) fn stderr() -> &'static Output {
    static STDERR: Output = Output::new();
    static BEGINS: Once = Once::new();
    BEGINS.call_once(|| STDERR.begin("stderr", io::stderr()));
    &STDERR
}

/// Waits until all is written, or cannot be.
pub(crate) async fn written() {
    for output in [stdout(), stderr()] {
        // A reader that went away is no failure of ours.
        let _ = std::future::poll_fn(|cx| output.poll_idle(cx)).await;
    }
}

/// As [`written`], for a program that ends whether or not anybody reads.
pub(crate) fn written_soon() {
    let until = Instant::now() + PATIENCE;
    for output in [stdout(), stderr()] {
        output.wait_until(until);
    }
}

/// Bytes on their way to one of the two.
pub(crate) struct Output {
    waiting: Mutex<Waiting>,
    /// There is something to write.
    work: Condvar,
    /// Something was written.
    progress: Condvar,
}

struct Waiting {
    bytes: Vec<u8>,
    /// Some more are being written.
    is_writing: bool,
    /// It cannot be written to any more.
    broken: Option<io::ErrorKind>,
    wakers: Vec<Waker>,
}

impl Output {
    const fn new() -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                bytes: Vec::new(),
                is_writing: false,
                broken: None,
                wakers: Vec::new(),
            }),
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    fn begin(&'static self, name: &str, to: impl Write + Send + 'static) {
        let thread = thread::Builder::new().name(name.to_owned());
        if let Err(error) = thread.spawn(move || self.write_to(to)) {
            self.waiting.lock().broken = Some(error.kind());
        }
    }

    fn write_to(&self, mut to: impl Write) {
        loop {
            let bytes = {
                let mut waiting = self.waiting.lock();
                self.work
                    .wait_while(&mut waiting, |waiting| waiting.bytes.is_empty());
                waiting.is_writing = true;
                std::mem::take(&mut waiting.bytes)
            };
            let written = to.write_all(&bytes).and_then(|()| to.flush());
            let wakers = {
                let mut waiting = self.waiting.lock();
                waiting.is_writing = false;
                waiting.broken = written.err().map(|error| error.kind());
                if waiting.broken.is_some() {
                    waiting.bytes.clear();
                }
                std::mem::take(&mut waiting.wakers)
            };
            self.progress.notify_all();
            for waker in wakers {
                waker.wake();
            }
        }
    }

    /// Appends something, however much waits.
    pub(crate) fn push(&self, bytes: &[u8]) -> io::Result<()> {
        let mut waiting = self.waiting.lock();
        waiting.check()?;
        waiting.bytes.extend_from_slice(bytes);
        self.work.notify_one();
        Ok(())
    }

    /// Appends something unless too much waits; then it is lost.
    pub(crate) fn push_if_there_is_room(&self, bytes: &[u8]) {
        let mut waiting = self.waiting.lock();
        if waiting.check().is_ok() && waiting.bytes.len() < MOST {
            waiting.bytes.extend_from_slice(bytes);
            self.work.notify_one();
        }
    }

    /// How much may be appended now.
    pub(crate) fn room(&self) -> io::Result<usize> {
        let waiting = self.waiting.lock();
        waiting.check()?;
        Ok(MOST.saturating_sub(waiting.bytes.len()))
    }

    /// Waits until something may be appended.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<io::Result<usize>> {
        let mut waiting = self.waiting.lock();
        waiting.check()?;
        match MOST.saturating_sub(waiting.bytes.len()) {
            0 => waiting.wait(cx),
            room => Poll::Ready(Ok(room)),
        }
    }

    /// Waits until all is written.
    pub(crate) fn poll_idle(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let mut waiting = self.waiting.lock();
        waiting.check()?;
        if waiting.is_idle() {
            Poll::Ready(Ok(()))
        } else {
            waiting.wait(cx)
        }
    }

    /// Whether all is written.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.lock().is_idle()
    }

    fn wait_until(&self, until: Instant) {
        let mut waiting = self.waiting.lock();
        let is_not_done = |waiting: &mut Waiting| waiting.broken.is_none() && !waiting.is_idle();
        let left = until.saturating_duration_since(Instant::now());
        self.progress
            .wait_while_for(&mut waiting, is_not_done, left);
    }
}

impl Waiting {
    fn check(&self) -> io::Result<()> {
        self.broken.map_or(Ok(()), |kind| Err(kind.into()))
    }

    const fn is_idle(&self) -> bool {
        self.bytes.is_empty() && !self.is_writing
    }

    fn wait<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        if !self.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

/// The program's log, which is incomplete rather than late.
pub(crate) struct Log;

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        stderr().push_if_there_is_room(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// As much waits for a reader as a pipe has.
const MOST: usize = 64 * 1024;
/// A reader that is there takes no longer.
const PATIENCE: Duration = Duration::from_millis(500);
