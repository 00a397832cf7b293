//! Standard output and standard error, each written by a thread of its own: a reader that stands still
//! stops what writes, and neither a time limit nor a signal.

use std::io::{self, Write};
use std::sync::Once;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use serde_json::json;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

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

/// From here on, the log is for programs.
pub(crate) fn log_is_json() {
    stderr().waiting.lock().is_json = true;
}

/// Waits until all is written, or cannot be.
pub(crate) async fn written() {
    for output in [stdout(), stderr()] {
        // A reader that went away is no failure of ours.
        let _ = std::future::poll_fn(|cx| output.poll_idle(cx)).await;
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
    /// How many more are being written.
    writing: usize,
    /// How many more guests may append.
    promised: usize,
    /// How many lines of the log there was no room for since the last that there was.
    lost_lines: usize,
    /// That is told as JSON.
    is_json: bool,
    /// It cannot be written to any more.
    broken: Option<io::ErrorKind>,
    wakers: Vec<Waker>,
}

impl Output {
    const fn new() -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                bytes: Vec::new(),
                writing: 0,
                promised: 0,
                lost_lines: 0,
                is_json: false,
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
                waiting.tell_lost_lines();
                waiting.writing = waiting.bytes.len();
                std::mem::take(&mut waiting.bytes)
            };
            // A reader that is slow is seen to read.
            for piece in bytes.chunks(PIECE) {
                let written = to.write_all(piece).and_then(|()| to.flush());
                if !self.wrote(piece.len(), written) {
                    break;
                }
            }
        }
    }

    /// Whether the rest can be written.
    fn wrote(&self, bytes: usize, written: io::Result<()>) -> bool {
        let wakers = {
            let mut waiting = self.waiting.lock();
            waiting.writing = waiting.writing.saturating_sub(bytes);
            waiting.broken = written.err().map(|error| error.kind());
            if waiting.broken.is_some() {
                waiting.writing = 0;
                waiting.bytes.clear();
            }
            std::mem::take(&mut waiting.wakers)
        };
        self.progress.notify_all();
        for waker in wakers {
            waker.wake();
        }
        self.waiting.lock().broken.is_none()
    }

    /// Appends something, however much waits.
    pub(crate) fn push(&self, bytes: &[u8]) -> io::Result<()> {
        let mut waiting = self.waiting.lock();
        waiting.check()?;
        waiting.append(bytes);
        self.work.notify_one();
        Ok(())
    }

    /// Appends a line unless too much waits; then it is lost, and is counted.
    pub(crate) fn push_if_there_is_room(&self, line: &[u8]) {
        let mut waiting = self.waiting.lock();
        if waiting.check().is_err() {
            return;
        }
        if waiting.bytes.len() < MOST {
            waiting.append(line);
            self.work.notify_one();
        } else {
            waiting.lost_lines += 1;
        }
    }

    /// Appends what was [promised](Self::promise).
    pub(crate) fn push_promised(&self, bytes: &[u8]) -> io::Result<()> {
        let mut waiting = self.waiting.lock();
        waiting.promised = waiting.promised.saturating_sub(bytes.len());
        waiting.check()?;
        waiting.append(bytes);
        self.work.notify_one();
        Ok(())
    }

    /// How much may be appended from now on by one of many, who gives back what is left of an earlier
    /// promise. What others were promised and do not use leaves less, and never nothing.
    pub(crate) fn promise(&self, back: usize) -> io::Result<usize> {
        let mut waiting = self.waiting.lock();
        waiting.promised = waiting.promised.saturating_sub(back);
        waiting.check()?;
        let room = MOST.saturating_sub(waiting.bytes.len());
        let free = room.saturating_sub(waiting.promised);
        let promised = (free / 2).clamp(LEAST_PROMISE, MOST_PROMISE).min(room);
        waiting.promised += promised;
        Ok(promised)
    }

    /// Gives back what is left of a promise.
    pub(crate) fn give_back(&self, promised: usize) {
        let mut waiting = self.waiting.lock();
        waiting.promised = waiting.promised.saturating_sub(promised);
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

    /// Waits until all is written, and as long as somebody reads: until nobody has read for so long. How
    /// many bytes are left. For a program that ends whether or not anybody reads.
    pub(crate) fn wait_for_reader(&self, patience: Duration) -> usize {
        let until = Instant::now() + LONGEST;
        let mut waiting = self.waiting.lock();
        loop {
            let left = waiting.unwritten();
            if left == 0 || waiting.broken.is_some() {
                return 0;
            }
            let is_late = self.progress.wait_for(&mut waiting, patience).timed_out();
            if is_late && waiting.unwritten() >= left || Instant::now() > until {
                return waiting.unwritten();
            }
        }
    }
}

impl Waiting {
    fn check(&self) -> io::Result<()> {
        self.broken.map_or(Ok(()), |kind| Err(kind.into()))
    }

    const fn unwritten(&self) -> usize {
        self.bytes.len() + self.writing
    }

    const fn is_idle(&self) -> bool {
        self.unwritten() == 0
    }

    fn append(&mut self, bytes: &[u8]) {
        self.tell_lost_lines();
        self.bytes.extend_from_slice(bytes);
    }

    /// In their place.
    fn tell_lost_lines(&mut self) {
        let lost = std::mem::take(&mut self.lost_lines);
        if lost > 0 {
            let told = told_as(self.is_json, lost);
            self.bytes.extend_from_slice(told.as_bytes());
        }
    }

    fn wait<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        if !self.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

fn told_as(json: bool, lost: usize) -> String {
    if !json {
        return format!("({lost} lines of the log were lost: nobody read them in time)\n");
    }
    let mut timestamp = String::new();
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    let told = json!({
        "timestamp": timestamp, "level": "WARN", "target": "oslo_plugin",
        "fields": {"message": "lines of the log were lost: nobody read them in time", "lines": lost},
    });
    format!("{told}\n")
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
/// Promises cannot be taken back, so each is small.
const MOST_PROMISE: usize = 8 * 1024;
/// A plugin's handle costs the host no less.
const LEAST_PROMISE: usize = 256;
/// So much is written at a time: a pipe takes it whole.
const PIECE: usize = 4 * 1024;
/// A program that is to end does so, however slowly somebody reads.
const LONGEST: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    fn output() -> &'static Output {
        Box::leak(Box::new(Output::new()))
    }

    #[test]
    fn lines_that_nobody_reads_are_counted() {
        const LINES: usize = 20_000;
        let (reader, writer) = io::pipe().unwrap();
        let output = output();
        output.begin("test", writer);
        for _ in 0..LINES {
            output.push_if_there_is_room(b"a line of a log that nobody reads\n");
        }
        output.push(b"the end\n").unwrap();
        let lines = BufReader::new(reader).lines().map(Result::unwrap);
        let (mut found, mut lost) = (0, 0);
        for line in lines.take_while(|line| line != "the end") {
            match line.strip_prefix('(').and_then(|told| told.split_once(' ')) {
                Some((number, _)) => lost += number.parse::<usize>().unwrap(),
                None => found += 1,
            }
        }
        assert!(lost > LINES / 2, "{lost}");
        assert_eq!(found + lost, LINES);
    }

    #[test]
    fn lost_lines_of_a_log_of_json_are_an_object() {
        let told: serde_json::Value = serde_json::from_str(&told_as(true, 7)).unwrap();
        assert_eq!(told["fields"]["lines"], 7);
        assert!(told["timestamp"].as_str().unwrap().ends_with('Z'), "{told}");
        for field in ["level", "target"] {
            assert!(told[field].is_string(), "{told}");
        }
    }

    #[test]
    fn what_is_promised_to_many_is_bounded() {
        const HANDLES: usize = 1000;
        let output = output();
        let promises: Vec<_> = (0..HANDLES).map(|_| output.promise(0).unwrap()).collect();
        let sum = promises.iter().sum::<usize>();
        assert!(promises.iter().all(|promise| *promise > 0));
        assert!(sum <= MOST + HANDLES * LEAST_PROMISE, "{sum}");
        for promise in promises {
            output.give_back(promise);
        }
        assert_eq!(output.promise(0).unwrap(), MOST_PROMISE);
        // What it has not used is its own.
        output.push_promised(&[b'x'; MOST_PROMISE / 2]).unwrap();
        assert_eq!(output.promise(MOST_PROMISE / 2).unwrap(), MOST_PROMISE);
        output.push_promised(&[b'x'; MOST_PROMISE]).unwrap();
        output.push(&[b'x'; MOST]).unwrap();
        assert_eq!(output.promise(0).unwrap(), 0);
    }
}
