//! A child process that ends with the value that owns it.

use std::process::{Child, ExitStatus};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A running child, and its process group if it leads one.
#[derive(Debug)]
pub struct Running {
    child: Child,
    leads_group: bool,
}

impl Running {
    /// A child without children of its own.
    #[must_use]
    pub const fn alone(child: Child) -> Self {
        Self {
            child,
            leads_group: false,
        }
    }

    /// A child that was started as the leader of a process group, which is ended with it.
    #[must_use]
    pub const fn with_group(child: Child) -> Self {
        Self {
            child,
            leads_group: true,
        }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub fn has_exited(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal, unless it has ended.
    ///
    /// # Errors
    ///
    /// Fails when the kernel refuses.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        if self.has_exited() {
            return Ok(());
        }
        let pid = Pid::from_raw(self.child.id().cast_signed()).context("a child has an id")?;
        if self.leads_group {
            kill_process_group(pid, signal)?;
        } else {
            kill_process(pid, signal)?;
        }
        Ok(())
    }

    /// Waits until it has ended by itself, or because of a signal.
    ///
    /// # Errors
    ///
    /// Fails when the kernel refuses.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Ends it without a word, and returns when it is gone.
    ///
    /// # Errors
    ///
    /// As [`signal`](Self::signal).
    pub fn kill(&mut self) -> Result<()> {
        self.signal(Signal::KILL)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
