//! Compiled functions, kept in files.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::{fmt, mem};

use parking_lot::Mutex;
use wasmtime::CacheStore;

use self::pack::{Key, Pack};

mod pack;

/// Compiled functions in a folder, by what they were compiled of. Most of a plugin in Python or JavaScript is its
/// interpreter, which is the same in all of them: of a plugin that was changed, or of another one, only the rest is
/// compiled.
///
/// The folder is looked through when something is compiled, and written by [`Kept::write`](crate::Kept::write); until
/// then, what is new is in memory. What cannot be read or written, or is not as it was written, costs time only, and is
/// logged. Processes may share a folder, which nobody else may write to: what is in it is machine code.
pub struct Functions {
    folder: PathBuf,
    limit: u64,
    /// None until something is compiled.
    packs: Mutex<Option<Arc<[Pack]>>>,
    fresh: Mutex<Fresh>,
}

#[derive(Default)]
struct Fresh {
    functions: HashMap<Key, Vec<u8>>,
    bytes: u64,
}

impl Functions {
    /// In bytes, for most: a plugin in Python has 27 MB of functions, and the next one some 5 MB that are not the same.
    pub const LIMIT: u64 = 256 << 20;

    /// In this folder, which is made when it is written to. At most so many bytes are kept: what was of no use for the
    /// longest time makes way.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>, limit: u64) -> Self {
        Self {
            folder: folder.into(),
            limit,
            packs: Mutex::default(),
            fresh: Mutex::default(),
        }
    }

    pub(crate) fn write(&self) {
        let packs = self.packs.lock().take();
        let fresh = mem::take(&mut *self.fresh.lock());
        // Nothing was compiled.
        let Some(packs) = packs else { return };
        let written = pack::write(&self.folder, fresh.functions, &packs, self.limit);
        if let Err(error) = written {
            let folder = self.folder.display();
            tracing::warn!(%folder, "compiled functions are not kept: {error}");
        }
    }

    /// Many threads compile, and the first of them looks through the folder.
    fn packs(&self) -> Arc<[Pack]> {
        let mut packs = self.packs.lock();
        Arc::clone(packs.get_or_insert_with(|| pack::read(&self.folder).into()))
    }
}

impl CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let key = Key::try_from(key).ok()?;
        let packs = self.packs();
        packs.iter().find_map(|pack| pack.get(&key)).map(Cow::Owned)
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        let (Ok(key), Ok(more)) = (Key::try_from(key), u64::try_from(value.len())) else {
            return false;
        };
        let mut fresh = self.fresh.lock();
        let fits = fresh.bytes + more <= self.limit;
        if fits && fresh.functions.insert(key, value).is_none() {
            fresh.bytes += more;
        }
        fits
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions")
            .field("folder", &self.folder)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
