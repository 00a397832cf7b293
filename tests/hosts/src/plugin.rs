//! Plugins as a policy describes them.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use oslo_messaging_tests::peer;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// How a plugin waits, which is a component of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surface {
    /// With `async`.
    Asynchronous,
    /// With plain functions.
    Plain,
    /// Not at all: it does what no compiler of Rust does, and is made of text.
    Text,
}

impl Surface {
    /// The component, as bytes.
    ///
    /// # Errors
    ///
    /// When the plugins are not built, or OSLO_TEST_GUESTS does not say where they are.
    pub fn component(self) -> Result<Vec<u8>> {
        let name = match self {
            Self::Asynchronous => "hostile-async.wasm",
            Self::Plain => "hostile.wasm",
            Self::Text => return tables(),
        };
        let path = guests()?.join(name);
        std::fs::read(&path).with_context(|| {
            let path = path.display();
            format!("cannot read {path}; `cargo xtask guests hostile hostile-async` builds it")
        })
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asynchronous => "async",
            Self::Plain => "plain",
            Self::Text => "text",
        })
    }
}

/// The folder of the components that were built.
///
/// # Errors
///
/// When OSLO_TEST_GUESTS does not say it.
pub fn guests() -> Result<PathBuf> {
    // The compiled code is kept in it, for which the whole path has to be told.
    Ok(std::path::absolute(peer::guests()?)?)
}

fn tables() -> Result<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut resolve = Resolve::default();
    resolve.push_dir(here.join("../../wit"))?;
    let package = "package test:guest; world guest {
        include oslo:messaging/imports@0.1.0; include oslo:messaging/rpc-server@0.1.0; }";
    let package = resolve.push_str("guest.wit", package)?;
    let world = resolve.select_world(&[package], None)?;
    let mut module = wat::parse_str(include_str!("../components/tables.wat"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default()
        .validate(true)
        .module(&module)?
        .encode()
}

/// A component that does the same, and is another one: a section that nobody reads is added.
#[must_use]
pub fn variant(component: &[u8], number: u32) -> Vec<u8> {
    let name = b"variant";
    let mut section = vec![0, 12, 7];
    section.extend_from_slice(name);
    section.extend_from_slice(&number.to_le_bytes());
    [component, &section].concat()
}

/// A plugin that serves the topic of its own name.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// Its component's file.
    pub component: String,
    /// How many instances are kept; none: each invocation has a fresh one.
    pub kept: Option<usize>,
    /// Its limits.
    pub limits: Limits,
}

impl Plugin {
    /// With fresh instances and the usual limits.
    #[must_use]
    pub fn new(name: impl Into<String>, surface: Surface) -> Self {
        Self {
            name: name.into(),
            component: file_of(surface),
            kept: None,
            limits: Limits::default(),
        }
    }
}

/// The file in which a [`World`](crate::world::World) has the component.
#[must_use]
pub fn file_of(surface: Surface) -> String {
    format!("{surface}.wasm")
}

/// The limits that differ from one plugin to another; the others are small, so that they are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds of the wall clock.
    pub time_ms: u64,
    /// Milliseconds of the processor.
    pub cpu_ms: u64,
    /// Calls at the same time.
    pub calls_in_flight: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time_ms: 1000,
            cpu_ms: 200,
            calls_in_flight: 4,
        }
    }
}

/// Its part of a policy file.
impl fmt::Display for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            component,
            kept,
            limits,
        } = self;
        writeln!(f, "[plugins.{name}]\ncomponent = \"{component}\"")?;
        if let Some(kept) = kept {
            writeln!(
                f,
                "instances = {{ reuse = \"pooled\", concurrency = {kept}, invocations = 1000000, idle = \"10m\" }}"
            )?;
        }
        writeln!(f, "context = {{ is_admin = false, project_id = \"ops\" }}")?;
        let Limits {
            time_ms,
            cpu_ms,
            calls_in_flight,
        } = limits;
        writeln!(
            f,
            "[plugins.{name}.limits]\ntime = \"{time_ms}ms\"\ncpu = \"{cpu_ms}ms\"\n\
             calls-in-flight = {calls_in_flight}\nmemory = \"16MiB\"\nrate = \"1000000/s\"\n\
             request = \"64KiB\"\nreply = \"64KiB\"\noutput = \"4KiB\""
        )?;
        if let Some(kept) = kept {
            writeln!(f, "instances = {kept}")?;
        }
        writeln!(
            f,
            "[[plugins.{name}.on]]\nrpc = {{ topic = \"{name}\", server = \"one\" }}"
        )?;
        writeln!(
            f,
            "[[plugins.{name}.allow]]\nname = \"work\"\ntopic = \"compute\"\nversion = \"1.*\"\n\
             kind = \"call\"\nmethods = [\"context\", \"count\", \"echo\", \"gather\", \"hold\"]"
        )?;
        writeln!(
            f,
            "[[plugins.{name}.allow]]\nname = \"one host\"\ntopic = \"storage\"\nserver = \"host-1\"\n\
             kind = \"call\"\nmethods = \"echo\""
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_made_of_plugins() {
        let mut plugin = Plugin::new("one", Surface::Plain);
        plugin.kept = Some(3);
        let text = format!("[transports.default]\nurl = \"memory://\"\n{plugin}");
        let policy = oslo_messaging_policy::Policy::parse("plugins.toml", &text).unwrap();
        assert!(policy.plugin("one").is_some());
    }

    #[test]
    fn a_variant_is_a_component_as_well() {
        let component = tables().unwrap();
        let engine = wasmtime::Engine::default();
        let one = variant(&component, 1);
        assert_ne!(one, variant(&component, 2));
        wasmtime::component::Component::new(&engine, one).unwrap();
    }
}
