//! A child process that ends with the value that owns it.

use std::process::Child;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A running child, and its process group if it leads one.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    leads_group: bool,
}

impl Running {
    pub(super) const fn alone(child: Child) -> Self {
        Self {
            child,
            leads_group: false,
        }
    }

    pub(super) const fn with_group(child: Child) -> Self {
        Self {
            child,
            leads_group: true,
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn has_exited(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal, unless it has ended.
    pub(super) fn signal(&mut self, signal: Signal) -> Result<()> {
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

    /// Ends it without a word, and returns when it is gone.
    pub(super) fn kill(&mut self) -> Result<()> {
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
