//! What a component says of itself: what it imports and exports, and what its author wrote into it.

use std::collections::BTreeMap;
use std::str;

use wasmparser::{
    BinaryReaderError, ComponentName, KnownCustom, Parser, Payload, Validator, WasmFeatures,
};

/// A component that is valid, and what it says.
#[derive(Debug, Default)]
pub(crate) struct Described {
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
    /// By the keys that OCI has for it.
    pub(super) annotations: BTreeMap<String, String>,
}

impl Described {
    /// Reads all of it.
    ///
    /// # Errors
    /// When it is not valid.
    pub(crate) fn read(component: &[u8]) -> Result<Self, BinaryReaderError> {
        Validator::new_with_features(WasmFeatures::all()).validate_all(component)?;
        let mut described = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ComponentSection { .. } | Payload::ModuleSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                // What is inside says it of itself.
                _ if depth > 0 => {}
                Payload::ComponentImportSection(section) => {
                    for import in section {
                        described.imports.push(import?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) => {
                    for export in section {
                        described.exports.push(export?.name.name.to_owned());
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::ComponentName(names) => {
                        for name in names.map_while(Result::ok) {
                            if let ComponentName::Component { name, .. } = name {
                                described.say("title", name);
                            }
                        }
                    }
                    _ => {
                        let key = KEYS.iter().find(|(name, _)| *name == section.name());
                        if let (Some((_, key)), Ok(text)) = (key, str::from_utf8(section.data())) {
                            described.say(key, text);
                        }
                    }
                },
                _ => {}
            }
        }
        Ok(described)
    }

    fn say(&mut self, key: &str, text: &str) {
        let text: String = text.trim().chars().take(LONGEST).collect();
        if !text.is_empty() {
            let key = format!("org.opencontainers.image.{key}");
            self.annotations.insert(key, text);
        }
    }
}

/// Sections that tools write into components, and what OCI calls them.
const KEYS: [(&str, &str); 7] = [
    ("authors", "authors"),
    ("description", "description"),
    ("homepage", "url"),
    ("licenses", "licenses"),
    ("revision", "revision"),
    ("source", "source"),
    ("version", "version"),
];

/// Characters of one annotation: registries take manifests of four megabytes at most.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_component_says_is_found_and_what_is_inside_says_nothing() {
        let text = r#"(component $divider
            (import "a:b/c@0.1.0" (instance))
            (@custom "version" " 1.2.0 ")
            (@custom "licenses" "Apache-2.0")
            (@custom "homepage" "https://divider.example/")
            (@custom "description" "")
            (@custom "source" "\ff")
            (@custom "unknown" "x")
            (component $inner (@custom "version" "9") (@custom "authors" "somebody else"))
            (instance $i) (export "d:e/f@0.1.0" (instance $i)))"#;
        let described = Described::read(&wat::parse_str(text).unwrap()).unwrap();
        assert_eq!(described.imports, ["a:b/c@0.1.0"]);
        assert_eq!(described.exports, ["d:e/f@0.1.0"]);
        let said: Vec<_> = described.annotations.into_iter().collect();
        let said: Vec<_> = said.iter().map(|(key, text)| (&**key, &**text)).collect();
        assert_eq!(
            said,
            [
                ("org.opencontainers.image.licenses", "Apache-2.0"),
                ("org.opencontainers.image.title", "divider"),
                ("org.opencontainers.image.url", "https://divider.example/"),
                ("org.opencontainers.image.version", "1.2.0"),
            ]
        );
    }

    #[test]
    fn what_is_cut_off_is_not_valid() {
        let whole = wat::parse_str("(component (core module (func)))").unwrap();
        // What ends where one of its parts does cannot be told from a whole one, but by its digest.
        for length in (0..18).filter(|length| *length != 8) {
            let cut = whole.get(..length).unwrap();
            assert!(Described::read(cut).is_err(), "{length}");
        }
    }
}
