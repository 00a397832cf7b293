//! How many instances there may be of everything together.

use std::pin::Pin;
use std::sync::Weak;

/// Places for instances, of which an embedder has only so many: for all pools of a plugin, or of all plugins.
///
/// A pool that makes an instance asks for a place first, and gives it back when the instance is gone and all that
/// it had, whether it was at work or idle.
pub trait Places: Send + Sync {
    /// A place for one more instance, which is waited for as long as the embedder likes. The time limit of the
    /// invocation runs meanwhile.
    ///
    /// An error, best a [`Halted`](crate::Halted) with [`Halt::NoRoom`](crate::Halt::NoRoom), is how the invocation
    /// ends that wanted it.
    ///
    /// It has to be cancel safe: dropped, it takes none.
    fn place(&self) -> Taking<'_>;

    /// A pool keeps idle instances, which have places: whoever has none left may end some of them. It says so once.
    ///
    /// Default: they are left alone.
    fn keeps(&self, _spare: Weak<dyn Spare>) {}

    /// Whether somebody waits for a place that an idle instance has: when one has done its work, one of its pool ends
    /// then.
    ///
    /// Default: nobody does.
    fn is_wanted(&self) -> bool {
        false
    }
}

/// The idle instances of a pool.
pub trait Spare: Send + Sync {
    /// Ends the one that was idle for longest, which gives its place back. False: there is none.
    fn end_one(&self) -> bool;
}

/// What an instance has of its embedder's [`Places`]. Dropped, it is free again.
pub type Place = Box<dyn Send + Sync>;

/// A place that is waited for.
pub type Taking<'a> = Pin<Box<dyn Future<Output = wasmtime::Result<Place>> + Send + 'a>>;
