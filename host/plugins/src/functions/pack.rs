//! Files of compiled functions: what was compiled together is in one, and is removed together.
//!
//! A file begins with a list: its hash, how many functions there are in four bytes, the least first, and of each its
//! key, its hash, and its length in four bytes. Then come the functions. The list is read and verified when the file is
//! opened, a function when it is asked for.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
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
    hash: Hash,
}

type Hash = [u8; 32];

impl Pack {
    fn open(path: PathBuf) -> io::Result<Self> {
        let mut file = File::open(&path)?;
        let bytes = file.metadata()?.len();
        let (mut hash, mut count) = ([0; 32], [0; 4]);
        file.read_exact(&mut hash)?;
        file.read_exact(&mut count)?;
        let listed = u64::from(u32::from_le_bytes(count)) * to_u64(ENTRY);
        let mut start = to_u64(hash.len() + count.len()) + listed;
        if start > bytes {
            return Err(damaged());
        }
        let mut list = Vec::new();
        (&file).take(listed).read_to_end(&mut list)?;
        if hash != hash_of(&[&count, &list]) {
            return Err(damaged());
        }
        let mut places = HashMap::new();
        let (entries, _) = list.as_chunks::<ENTRY>();
        for entry in entries {
            let (key, rest) = entry.split_first_chunk().ok_or_else(damaged)?;
            let (hash, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
            let (length, _) = rest.split_first_chunk().ok_or_else(damaged)?;
            let length = u32::from_le_bytes(*length);
            let place = Place {
                start,
                length,
                hash: *hash,
            };
            places.insert(*key, place);
            start += u64::from(length);
        }
        if start != bytes {
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
        let function = self.read(*place);
        let function = function
            .inspect_err(|error| left_out(&self.path, error))
            .ok()?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(function)
    }

    fn read(&self, place: Place) -> io::Result<Vec<u8>> {
        let length = usize::try_from(place.length).map_err(|_| damaged())?;
        let mut function = vec![0; length];
        let mut file = self.file.lock();
        file.seek(SeekFrom::Start(place.start))?;
        file.read_exact(&mut function)?;
        drop(file);
        match hash_of(&[&function]) == place.hash {
            true => Ok(function),
            false => Err(damaged()),
        }
    }

    /// Whether it was of more use than for a function or two, which anything may have.
    fn is_used(&self) -> bool {
        self.hits.load(Ordering::Relaxed) * 10 > self.places.len()
    }
}

/// All that are in a folder, without those that cannot be read.
pub(super) fn read(folder: &Path) -> Vec<Pack> {
    let files = files(folder).unwrap_or_default().into_iter();
    let files = files.filter(|file| !file.is_unfinished());
    let packs = files.filter_map(|file| {
        Pack::open(file.path.clone())
            .inspect_err(|error| left_out(&file.path, error))
            .ok()
    });
    packs.collect()
}

/// One that is damaged is removed: nobody else would read it either.
fn left_out(path: &Path, error: &io::Error) {
    tracing::debug!(path = %path.display(), "compiled functions are left out: {error}");
    if [io::ErrorKind::InvalidData, io::ErrorKind::UnexpectedEof].contains(&error.kind()) {
        let _ = fs::remove_file(path);
    }
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
    let mut functions: Vec<_> = functions.into_iter().collect();
    // The same functions are the same file.
    functions.sort_unstable();
    let mut list = Vec::with_capacity(functions.len() * ENTRY);
    for (key, function) in &functions {
        let length = u32::try_from(function.len()).map_err(io::Error::other)?;
        list.extend(key);
        list.extend(hash_of(&[function]));
        list.extend(length.to_le_bytes());
    }
    let count = u32::try_from(functions.len()).map_err(io::Error::other)?;
    let hash = hash_of(&[&count.to_le_bytes(), &list]);
    make(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .suffix(&format!(".{EXTENSION}"))
        .tempfile_in(folder)?;
    let mut whole = BufWriter::new(&mut file);
    for part in [&hash[..], &count.to_le_bytes(), &list] {
        whole.write_all(part)?;
    }
    for (_, function) in &functions {
        whole.write_all(function)?;
    }
    whole.flush()?;
    drop(whole);
    let name = oslo_messaging_policy::Digest::from_bytes(hash).to_string();
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

fn hash_of(parts: &[&[u8]]) -> Hash {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
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

/// A key, a hash and a length.
const ENTRY: usize = 32 + 32 + 4;
const EXTENSION: &str = "functions";
const UNFINISHED: &str = ".";

/// Each of a plugin's versions may leave a small one.
const FILES: usize = 256;
