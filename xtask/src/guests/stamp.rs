//! What a component was made from: whether it is up to date.

use std::path::Path;
use std::{env, fs};

use anyhow::{Context, Result};

/// Tells files, and folders with all that is in them, from what had their names before. What a
/// build leaves among its sources does not count.
///
/// # Errors
/// When one of them is missing or cannot be read.
pub(super) fn of(inputs: &[&Path]) -> Result<String> {
    let mut lines = Vec::new();
    // This program decides how things are built.
    add(&env::current_exe()?, &mut lines)?;
    for input in inputs {
        add(input, &mut lines)?;
    }
    lines.sort();
    Ok(lines.join("\n"))
}

fn add(path: &Path, lines: &mut Vec<String>) -> Result<()> {
    let metadata = fs::metadata(path).with_context(|| format!("{} is missing", path.display()))?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            if !PRODUCTS.iter().any(|product| name == *product) {
                add(&entry.path(), lines)?;
            }
        }
        return Ok(());
    }
    let modified = metadata.modified()?.duration_since(std::time::UNIX_EPOCH)?;
    lines.push(format!(
        "{} {} {}",
        path.display(),
        metadata.len(),
        modified.as_nanos()
    ));
    Ok(())
}

/// Whether the stamp beside a component says the same.
pub(super) fn is(component: &Path, stamp: &str) -> bool {
    component.exists()
        && fs::read_to_string(component.with_extension(EXTENSION)).is_ok_and(|known| known == stamp)
}

/// Writes a component and its stamp.
pub(super) fn write(component: &Path, bytes: &[u8], stamp: &str) -> Result<()> {
    // Renamed into place: whoever runs the component never sees half of it.
    let half = component.with_extension(format!("{}.half", std::process::id()));
    fs::write(&half, bytes)?;
    fs::rename(&half, component)?;
    fs::write(component.with_extension(EXTENSION), stamp)?;
    Ok(())
}

const EXTENSION: &str = "made-from.txt";
const PRODUCTS: [&str; 5] = ["__pycache__", "bindings", "build", "node_modules", "target"];
