//! WASI by another name while a component is made, and by its own afterwards.
//!
//! componentize-qjs and componentize-py cut off every import of their engine from a package `wasi`,
//! and have no way to say what to keep. What the world of a plugin keeps is therefore called `host`
//! until then, a name of the same length: renaming moves nothing in the file.

use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::error::{Context, Error, Result, ensure};
use wasmparser::{Parser, Payload};

/// A text of WIT with the other name.
pub(crate) fn hidden(text: &str) -> String {
    text.replace(REAL, HIDDEN)
}

/// Copies packages of WIT, with all that is below their folders, into one folder, with the other
/// name.
///
/// # Errors
/// When files cannot be read or written.
pub(crate) fn hide(packages: &[&Path], to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    for package in packages {
        copy(package, to).with_context(|| format!("cannot copy {}", package.display()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::write(target, hidden(&fs::read_to_string(entry.path())?))?;
        }
    }
    Ok(())
}

/// Gives what a component imports and exports its own name. What lies inside connects by position
/// and stays as it is.
///
/// # Errors
/// When it is no component, or one that imports and exports nothing.
pub(crate) fn reveal(mut component: Vec<u8>) -> Result<Vec<u8>> {
    for range in names(&component)? {
        for start in range {
            let Some(place) = component.get_mut(start..start + HIDDEN.len()) else {
                break;
            };
            if place == HIDDEN.as_bytes() {
                place.copy_from_slice(REAL.as_bytes());
            }
        }
    }
    Ok(component)
}

/// The sections of imports and exports of the outermost component.
fn names(component: &[u8]) -> Result<Vec<Range<usize>>> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(Error::malformed)? {
            Payload::ComponentSection { .. } | Payload::ModuleSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                found.push(section.range());
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                found.push(section.range());
            }
            _ => {}
        }
    }
    ensure!(
        !found.is_empty(),
        "the component imports and exports nothing"
    );
    Ok(found)
}

/// `guest/javascript/tools` has it too, because imports are in the bundle.
const HIDDEN: &str = "host:";
const REAL: &str = "wasi:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_only_on_the_outside() {
        let component = wat::parse_str(
            r#"(component
                (import "host:cli/stdout@0.2.12" (instance $a))
                (component $inner (import "host:cli/stdout@0.2.12" (instance)))
                (instance $b (instantiate $inner (with "host:cli/stdout@0.2.12" (instance $a))))
                (export "host:cli/run@0.2.12" (instance $b)))"#,
        )
        .unwrap();
        let renamed = reveal(component).unwrap();
        let count = |text: &[u8]| {
            let windows = renamed.windows(text.len());
            windows.filter(|window| *window == text).count()
        };
        assert_eq!(count(b"wasi:cli/stdout@0.2.12"), 1);
        assert_eq!(count(b"wasi:cli/run@0.2.12"), 1);
        assert_eq!(count(b"host:cli/stdout@0.2.12"), 2);
        assert!(Parser::new(0).parse_all(&renamed).all(|it| it.is_ok()));
    }

    #[test]
    fn a_hidden_text_is_as_long() {
        let world = "import wasi:cli/stdout@0.2.12; import wasi:io/streams@0.2.12;";
        assert_eq!(hidden(world).len(), world.len());
        assert!(!hidden(world).contains(REAL));
    }

    #[test]
    fn what_is_no_component_is_refused() {
        assert!(reveal(b"host:".to_vec()).is_err());
        assert!(reveal(b"\0asm\x0d\0\x01\0".to_vec()).is_err());
    }
}
