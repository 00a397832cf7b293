//! Files that are replaced while the program looks at them.

use std::fs;
use std::path::Path;

/// At once, as whoever deploys should.
pub(crate) fn replace(path: &Path, bytes: &[u8]) {
    let new = path.with_extension("new");
    fs::write(&new, bytes).unwrap();
    fs::rename(new, path).unwrap();
}
