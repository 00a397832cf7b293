//! Files of compiled functions: what was compiled together is in one, and is removed together.
//!
//! A file has the hash of all that follows, and then each function: its key, its length in four bytes, the least
//! first, and itself.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

/// The hash of what a function is compiled of.
pub(super) type Key = [u8; 32];

/// A file that was looked through. What is in it stays there: of a hundred megabytes, few are asked for.
pub(super) struct Pack {
    path: PathBuf,
    file: Mutex<File>,
    places: HashMap<Key, Place>,
    hits: AtomicUsize,
}

#[derive(Clone, Copy)]
struct Place {
    start: u64,
    length: u32,
}

impl Pack {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = File::open(&path)?;
        let mut whole = BufReader::with_capacity(1 << 16, &file);
        let mut hash = [0; HASH];
        whole.read_exact(&mut hash)?;
        let mut rest = Hashed(whole, Sha256::new());
        let (mut start, mut places) = (to_u64(HASH), HashMap::new());
        let (mut key, mut length) = ([0; 32], [0; 4]);
        while rest.begins(&mut key)? {
            rest.read_exact(&mut length)?;
            start += to_u64(key.len() + length.len());
            let length = u32::from_le_bytes(length);
            let skipped = io::copy(&mut (&mut rest).take(length.into()), &mut io::sink())?;
            if skipped != u64::from(length) {
                return Err(damaged());
            }
            places.insert(key, Place { start, length });
            start += skipped;
        }
        if hash != rest.1.finalize().as_slice() {
            return Err(damaged());
        }
        Ok(Self {
            path,
            file: Mutex::new(file),
            places,
            hits: AtomicUsize::new(0),
        })
    }

    pub(super) fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let place = self.places.get(key)?;
        let mut function = vec![0; usize::try_from(place.length).ok()?];
        let mut file = self.file.lock();
        file.seek(SeekFrom::Start(place.start)).ok()?;
        file.read_exact(&mut function).ok()?;
        drop(file);
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(function)
    }

    /// Whether it was of more use than for a function or two, which anything may have.
    fn is_used(&self) -> bool {
        self.hits.load(Ordering::Relaxed) * 10 > self.places.len()
    }
}

/// All that are in a folder, without those that cannot be read. Those that are damaged are removed: nobody else would
/// read them either.
pub(super) fn read(folder: &Path) -> Vec<Pack> {
    let files = files(folder).unwrap_or_default().into_iter();
    let files = files.filter(|file| !file.is_unfinished());
    let packs = files.filter_map(|file| {
        Pack::open(file.path.clone())
            .inspect_err(|error| {
                tracing::debug!(path = %file.path.display(), "compiled functions are left out: {error}");
                if [io::ErrorKind::InvalidData, io::ErrorKind::UnexpectedEof].contains(&error.kind()) {
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

/// What is read, and its hash so far.
struct Hashed<R>(R, Sha256);

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl<R: Read> Hashed<R> {
    /// Fills the buffer, unless this is the end.
    fn begins(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let (first, others) = buffer.split_at_mut(1);
        if self.read(first)? == 0 {
            return Ok(false);
        }
        self.read_exact(others)?;
        Ok(true)
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is damaged")
}

const fn to_u64(length: usize) -> u64 {
    length as u64
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
