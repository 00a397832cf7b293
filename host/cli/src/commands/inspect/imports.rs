//! What this program and its daemon have of what a component imports.

use oslo_messaging_plugins::HostLinker;
use wasm_encoder::{
    Component as Encoded, ComponentImportSection, ComponentTypeRef, ComponentTypeSection,
    ComponentValType,
};
use wasmtime::component::{Component, Linker};

use super::super::store::{self, State};
use crate::failure::{Exit, Failure};

/// An import, and who has it.
pub(super) struct Import {
    pub(super) name: String,
    /// `run` and `serve`.
    pub(super) in_program: bool,
    /// `host`.
    pub(super) in_host: bool,
    /// The versions that somebody has if nobody has this one, such as `0.2`.
    pub(super) other_versions: Vec<&'static str>,
}

/// What can be imported.
pub(super) struct Offered<'a> {
    host: &'a HostLinker,
    linker: Linker<State>,
    /// What a linker says of an interface that nobody has.
    absent: String,
}

impl<'a> Offered<'a> {
    pub(super) fn new(host: &'a HostLinker) -> Result<Self, Failure> {
        let mut offered = Self {
            host,
            linker: store::linker(host.engine())?,
            absent: String::new(),
        };
        let asking = offered.asking("no-such:package/interface@0.0.1");
        let asking = asking.map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("cannot ask for what is missing: {error:#}"),
            )
        })?;
        offered.absent = offered.in_program(&asking).unwrap_or_default();
        Ok(offered)
    }

    /// Who has what has this name.
    pub(super) fn look(&self, name: String) -> Import {
        let (in_program, in_host) = self.who_has(&name);
        let mut other_versions = Vec::new();
        if let Some((interface, _)) = name.split_once('@')
            && !in_host
        {
            for (version, shown) in VERSIONS {
                if self.who_has(&format!("{interface}@{version}")).1 {
                    other_versions.push(shown);
                }
            }
        }
        Import {
            name,
            in_program,
            in_host,
            other_versions,
        }
    }

    fn who_has(&self, name: &str) -> (bool, bool) {
        // What cannot be imported alone, as a method of a resource that is imported beside it, is in no interface:
        // nobody has it.
        let Ok(asking) = self.asking(name) else {
            return (false, false);
        };
        let has = |refusal: Option<String>| refusal.is_none_or(|refusal| refusal != self.absent);
        let in_program = has(self.in_program(&asking));
        // The daemon has all of it, and more.
        let in_host = in_program || has(self.host.links(&asking).err().map(root));
        (in_program, in_host)
    }

    fn in_program(&self, asking: &Component) -> Option<String> {
        self.linker.instantiate_pre(asking).err().map(root)
    }

    /// A component that imports a function of an interface's name. No linker has that; whether one knows
    /// the name as something else shows in how it refuses. (It would find an empty instance in nothing.)
    fn asking(&self, name: &str) -> wasmtime::Result<Component> {
        let mut types = ComponentTypeSection::new();
        let nothing: [(&str, ComponentValType); 0] = [];
        types.function().params(nothing).result(None);
        let mut imports = ComponentImportSection::new();
        imports.import(name, ComponentTypeRef::Func(0));
        let mut component = Encoded::new();
        component.section(&types).section(&imports);
        Component::new(self.host.engine(), component.finish())
    }
}

fn root(error: wasmtime::Error) -> String {
    error.root_cause().to_string()
}

/// One of each line of versions that fit each other.
const VERSIONS: [(&str, &str); 4] = [
    ("0.1.0", "0.1"),
    ("0.2.0", "0.2"),
    ("0.3.0", "0.3"),
    ("1.0.0", "1"),
];
