//! Gives WASI its name back in a component for which it was called otherwise.
//!
//! componentize-qjs cuts off everything of its engine that imports a package `wasi`, and has no way
//! to say what to keep. The world of a plugin therefore calls what it keeps `host`, a name of the
//! same length: renaming moves nothing in the file.

use std::ops::Range;

use anyhow::{Result, ensure};
use wasmparser::{Parser, Payload};

/// Renames what a component imports from and exports to `host:` to `wasi:`. What lies inside it
/// connects by position and stays as it is.
pub(super) fn namespace(mut component: Vec<u8>) -> Result<Vec<u8>> {
    for range in names(&component)? {
        for start in range {
            let Some(place) = component.get_mut(start..start + TOOLCHAIN.len()) else {
                break;
            };
            if place == TOOLCHAIN {
                place.copy_from_slice(REAL);
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
        match payload? {
            Payload::ComponentSection { .. } | Payload::ModuleSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                found.push(in_memory(section.range())?);
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                found.push(in_memory(section.range())?);
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

fn in_memory(range: Range<u64>) -> Result<Range<usize>> {
    Ok(usize::try_from(range.start)?..usize::try_from(range.end)?)
}

const TOOLCHAIN: &[u8; 5] = b"host:";
const REAL: &[u8; 5] = b"wasi:";

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
        let renamed = namespace(component).unwrap();
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
    fn what_is_no_component_is_refused() {
        assert!(namespace(b"host:".to_vec()).is_err());
        assert!(namespace(b"\0asm\x0d\0\x01\0".to_vec()).is_err());
    }
}
