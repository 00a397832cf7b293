//! Files of compiled functions: what was compiled together is in one, and is read and removed together.
//!
//! A file has the hash of all that follows, and then each function: its key, its length in four bytes, the least
//! first, and itself.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

/// The hash of what a function is compiled of.
pub(super) type Key = [u8; 32];

/// A file that was read.
pub(super) struct Pack {
    path: PathBuf,
    bytes: Vec<u8>,
    places: HashMap<Key, Range<usize>>,
    hits: AtomicUsize,
}

impl Pack {
    fn read(path: PathBuf) -> io::Result<Self> {
        let bytes = fs::read(&path)?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
        let (hash, mut rest) = bytes.split_at_checked(HASH).ok_or_else(damaged)?;
        if hash != Sha256::digest(rest).as_slice() {
            return Err(damaged());
        }
        let mut places = HashMap::new();
        while let Some((key, after)) = rest.split_first_chunk::<32>() {
            let (length, after) = after.split_first_chunk().ok_or_else(damaged)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| damaged())?;
            let (_, after) = after.split_at_checked(length).ok_or_else(damaged)?;
            let end = bytes.len() - after.len();
            places.insert(*key, end - length..end);
            rest = after;
        }
        Ok(Self {
            path,
            places,
            hits: AtomicUsize::new(0),
            bytes,
        })
    }

    pub(super) fn get(&self, key: &Key) -> Option<&[u8]> {
        let place = self.places.get(key)?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        self.bytes.get(place.clone())
    }

    /// Whether it was of more use than for a function or two, which anything may have.
    fn is_used(&self) -> bool {
        self.hits.load(Ordering::Relaxed) * 10 > self.places.len()
    }
}

/// All that are in a folder, without those that cannot be read, which are removed: nobody else would read them either.
pub(super) fn read(folder: &Path) -> Vec<Pack> {
    let files = files(folder).unwrap_or_default().into_iter();
    let files = files.filter(|file| !file.is_unfinished());
    let packs = files.filter_map(|file| {
        Pack::read(file.path.clone())
            .inspect_err(|error| {
                tracing::debug!(path = %file.path.display(), "compiled functions are left out: {error}");
                if error.kind() == io::ErrorKind::InvalidData {
                    let _ = fs::remove_file(&file.path);
                }
            })
            .ok()
    });
    packs.collect()
}

/// Writes functions into a file of their own, says which files were of use, and removes what is too much.
pub(super) fn write(
    folder: &Path,
    functions: HashMap<Key, Vec<u8>>,
    packs: &[Pack],
    limit: u64,
) -> io::Result<()> {
    let now = SystemTime::now();
    for pack in packs.iter().filter(|pack| pack.is_used()) {
        // It may be gone.
        if let Ok(file) = File::options().append(true).open(&pack.path) {
            let _ = file.set_modified(now);
        }
    }
    if functions.is_empty() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    let mut functions: Vec<_> = functions.into_iter().collect();
    // The same functions are the same file.
    functions.sort_unstable();
    for (key, function) in functions {
        let Ok(length) = u32::try_from(function.len()) else {
            continue;
        };
        bytes.extend(key);
        bytes.extend(length.to_le_bytes());
        bytes.extend(function);
    }
    let hash = Sha256::digest(&bytes);
    make(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .suffix(&format!(".{EXTENSION}"))
        .tempfile_in(folder)?;
    file.write_all(&hash)?;
    file.write_all(&bytes)?;
    let name = oslo_messaging_policy::Digest::from_bytes(hash.into()).to_string();
    file.persist(folder.join(name).with_extension(EXTENSION))?;

    let mut files = files(folder)?;
    files.sort_by_key(|file| std::cmp::Reverse(file.modified));
    let mut sum = 0;
    for (count, file) in files.iter().enumerate() {
        sum += file.bytes;
        if sum > limit || count >= FILES {
            fs::remove_file(&file.path)?;
        }
    }
    Ok(())
}

struct Found {
    path: PathBuf,
    bytes: u64,
    modified: SystemTime,
}

impl Found {
    /// Whether somebody writes it, or did when the process was killed.
    fn is_unfinished(&self) -> bool {
        let name = self.path.file_name().and_then(OsStr::to_str);
        name.is_none_or(|name| name.starts_with(UNFINISHED))
    }
}

fn files(folder: &Path) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // Another process may remove it.
        if path
            .extension()
            .is_some_and(|extension| extension == EXTENSION)
            && let Ok(metadata) = fs::metadata(&path)
        {
            files.push(Found {
                path,
                bytes: metadata.len(),
                modified: metadata.modified()?,
            });
        }
    }
    Ok(files)
}

/// For nobody else.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

const HASH: usize = 32;
const EXTENSION: &str = "functions";
const UNFINISHED: &str = ".";

/// Each of a plugin's versions may leave a small one.
const FILES: usize = 256;
