//! Builds plugins in Python with componentize-py: the plugin's own sources, what they require, and
//! the SDK, in a snapshot of an interpreter that has imported all of it.

mod failure;
mod sources;
mod tested;
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result, bail};

use self::sources::Sources;
pub(crate) use self::tested::test;
use self::world::{Entry, Needs};
use super::{builder::Builder, namespace, plugin::Plugin};
use crate::built_with::BuiltWith;
use crate::component::Module;
use crate::process::taking_long;

/// Builds a plugin and says where its component is.
///
/// # Errors
/// When Python or componentize-py cannot be had, or the plugin's modules cannot be imported.
pub(crate) fn build(builder: &Builder, plugin: &Plugin<'_>) -> Result<Module> {
    let sdk = builder.sdk.join("guest/python");
    let worlds = builder.sdk.join("guest/wit/python");
    let python = python(builder)?;
    let scratch = builder.scratch(plugin)?;
    let sources = Sources::gather(&sdk, &plugin.source, &python, &scratch)?;
    let guess = Needs::guess(&sources)?;
    let make = |needs| {
        let what = || "componentize-py makes the component, in some seconds".to_owned();
        taking_long(what, || {
            componentize(plugin, &worlds, &python, &scratch, &sources, needs)
        })
    };
    let component = match make(guess)? {
        Made::Component(component) => component,
        Made::Not(needs) => match make(needs)? {
            Made::Component(component) => component,
            Made::Not(other) => bail!("it needs {needs:?}, and with that it needs {other:?}"),
        },
    };
    let revealed = scratch.join("component.wasm");
    fs::write(&revealed, namespace::reveal(read(&component)?)?)?;
    let with = BuiltWith::new("Python", "oslo-messaging-guest");
    let toolchain = builder.pinned("python", "componentize-py")?;
    Ok(Module {
        file: revealed,
        built_with: with.tool("componentize-py", &toolchain),
    })
}

/// The Python that has componentize-py.
fn python(builder: &Builder) -> Result<PathBuf> {
    let reason = "componentize-py makes components of plugins in Python";
    builder.python("python", "python", reason)
}

/// What came of a build.
enum Made {
    Component(PathBuf),
    /// The plugin's modules, now that they were imported, need another world.
    Not(Needs),
}

fn componentize(
    plugin: &Plugin<'_>,
    more: &Path,
    python: &Path,
    scratch: &Path,
    sources: &Sources,
    needs: Needs,
) -> Result<Made> {
    let entry = Entry::choose(plugin.world, needs);
    let wit = scratch.join("wit");
    let packages = [plugin.wit.as_path(), more];
    // The second one has more worlds for the package of the first, if that is the one of commands.
    let count = if entry.is_command() { 2 } else { 1 };
    namespace::hide(packages.get(..count).unwrap_or(&packages), &wit)?;
    fs::write(wit.join("build.wit"), namespace::hidden(&entry.wit(&wit)?))?;

    let component = scratch.join("hidden.wasm");
    let mut componentize = Command::new(python);
    // By the interpreter, because a script has the path of one in it, and folders may move.
    componentize
        .arg(python.with_file_name("componentize-py"))
        .args(["--quiet", "--wit-path"])
        .arg(&wit)
        .args(["--world", Entry::WORLD]);
    for name in world::names(&wit)? {
        componentize.args(["--import-interface-name", &name]);
    }
    componentize
        .args(["componentize", "--stub-wasi", "--output"])
        .arg(&component);
    for folder in &sources.folders {
        componentize.arg("--python-path").arg(folder);
    }
    // Modules of the builder's own environment are none of the plugin's.
    for name in ["PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"] {
        componentize.env_remove(name);
    }
    let output = componentize
        .arg(entry.module)
        .output()
        .with_context(|| format!("cannot run {componentize:?}"))?;
    if output.status.success() {
        return Ok(Made::Component(component));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    match Needs::of(&said) {
        Some(needs) => Ok(Made::Not(needs)),
        None => bail!("{}", failure::explain(&said)),
    }
}

/// The folders that a plugin's modules come from besides its own.
///
/// # Errors
/// When its `plugin.pth` cannot be read.
pub(crate) fn more_sources(plugin: &Plugin<'_>) -> Result<Vec<PathBuf>> {
    Ok(sources::folders(&plugin.source)?.split_off(1))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
