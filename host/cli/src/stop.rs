//! Ctrl-C and SIGTERM.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::failure::{Exit, Failure};
use crate::print;

/// Hears the signals that ask the program to end.
#[derive(Debug)]
pub(crate) struct Stop {
    asked: watch::Sender<Option<Exit>>,
}

impl Stop {
    /// Begins to hear them. What does not listen has nothing to close, and ends at once; so does all at
    /// a second signal.
    pub(crate) fn at_signals(json: bool) -> io::Result<Self> {
        let asked = watch::Sender::new(None);
        let mut signals = Signals::new()?;
        let sender = asked.clone();
        tokio::spawn(async move {
            loop {
                let exit = signals.next().await;
                // Asked before they are told: whoever listens may have ended in good order right after that.
                let somebody_listens = sender.receiver_count() > 0;
                let is_first = sender.send_replace(Some(exit)).is_none();
                if !(is_first && somebody_listens) {
                    print::failure(&asked_to(exit), json);
                    print::rest(PATIENCE, json);
                    std::process::exit(exit.code().into());
                }
            }
        });
        Ok(Self { asked })
    }

    /// From here on there is something to close.
    pub(crate) fn listen(&self) -> Listening {
        Listening(self.asked.subscribe())
    }
}

/// Keeps a first signal from ending the program at once.
#[derive(Debug)]
pub(crate) struct Listening(watch::Receiver<Option<Exit>>);

impl Listening {
    /// Does something until it is done or a signal comes: then it is dropped, and that is the failure.
    pub(crate) async fn or<T, E: Into<Failure>>(
        &mut self,
        doing: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            done = doing => done.map_err(Into::into),
            failure = self.asked() => Err(failure),
        }
    }

    /// Waits for a signal.
    pub(crate) async fn asked(&mut self) -> Failure {
        let asked = self.0.wait_for(Option::is_some).await;
        // The sender lives as long as the program.
        asked_to(
            asked
                .ok()
                .and_then(|asked| *asked)
                .unwrap_or(Exit::Interrupted),
        )
    }
}

fn asked_to(exit: Exit) -> Failure {
    Failure::new(exit, exit.name())
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

/// Whoever sends a signal waits for the end.
pub(crate) const PATIENCE: Duration = Duration::from_millis(500);
