//! Gets the registry of OCI that tests push components to.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use oslo_messaging_tests::registry;

use super::apt::Apt;
use crate::process::announce;

/// Makes sure that its program exists, and returns where. It is unpacked and not installed: Debian's package would
/// start one as a service.
///
/// # Errors
/// When it cannot be unpacked here; the message says what to do instead.
pub(crate) fn registry() -> Result<PathBuf> {
    if let Some(found) = registry::installed() {
        return Ok(found);
    }
    let folder = registry::folder();
    announce(&format!(
        "unpacking {} of Debian {RELEASE} into {} (a few seconds)",
        registry::PROGRAM,
        folder.display()
    ));
    // It has its name when it is complete.
    let partial = folder.with_extension("partial");
    for old in [&folder, &partial] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    fs::create_dir_all(&partial)?;
    let unpack = || -> Result<()> {
        let apt = Apt::of(RELEASE, partial.join("apt"))?;
        // It needs nothing but a C library.
        apt.unpack(&BTreeSet::from([registry::PROGRAM.to_owned()]), &partial)?;
        apt.remove()
    };
    unpack().with_context(|| {
        format!(
            "the registry cannot be unpacked here; put a program {} into PATH, which other systems have as \
             `registry` of CNCF's Distribution",
            registry::PROGRAM
        )
    })?;
    fs::rename(&partial, &folder)?;
    registry::installed().context("the package has no program")
}

/// Its program runs with every newer C library.
const RELEASE: &str = "bookworm";
