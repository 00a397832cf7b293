//! What a world wants of a plugin's module.

use std::path::Path;

use crate::error::Result;
use crate::wit;
use wit_parser::{WorldItem, WorldKey};

/// The names that the module of a plugin has to export: functions and interfaces, in camelCase.
///
/// # Errors
/// When the package is not well-formed, or has no such world.
pub(crate) fn of(folder: &Path, world: &str) -> Result<Vec<String>> {
    let (resolve, package) = wit::read(folder)?;
    let world = wit::world(&resolve, package, world)?;
    let exports = wit::exports(&resolve, world);
    let names = exports.filter_map(|(key, item)| match (key, item) {
        (_, WorldItem::Type { .. }) => None,
        (WorldKey::Name(name), _) => Some(name.as_str()),
        (WorldKey::Interface(id), _) => resolve
            .interfaces
            .get(*id)
            .and_then(|it| it.name.as_deref()),
    });
    Ok(names.map(camel).collect())
}

/// `get-item` is `getItem`.
fn camel(name: &str) -> String {
    let mut parts = name.split('-').map(str::to_lowercase);
    let first = parts.next().unwrap_or_default();
    parts.fold(first, |mut whole, part| {
        let mut letters = part.chars();
        whole.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        whole.push_str(letters.as_str());
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_interfaces_are_named_as_in_javascript() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("world.wit"),
            "package a:b;
            interface key-value { get: func() -> string; }
            world plugin {
                import key-value;
                use key-value-types.{item};
                export key-value;
                export run-URL: func(it: item);
                export inline-one: interface { go: func(); }
            }
            interface key-value-types { record item { name: string } }",
        )
        .unwrap();
        let mut names = of(folder.path(), "plugin").unwrap();
        names.sort();
        assert_eq!(names, ["inlineOne", "keyValue", "runUrl"]);
        assert!(of(folder.path(), "other").is_err());
    }
}
