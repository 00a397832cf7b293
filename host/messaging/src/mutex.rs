//! The standard library's mutex, for code that cannot panic half-way.

use std::sync::{MutexGuard, PoisonError};

/// A mutex without poison: no code that holds it leaves what it guards half done, so that a panic
/// elsewhere in its thread says nothing about it.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    #[cfg(feature = "rabbit")]
    pub(crate) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
