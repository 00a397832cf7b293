//! Generates the C bindings of a plugin's world.

use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use wit_bindgen_core::{AsyncFilterSet, Files};
use wit_parser::{Function, FunctionKind, Resolve, WorldId, WorldItem, WorldKey};

use crate::COMMAND;
use crate::builder::Builder;
use crate::plugin::Plugin;
use crate::{embedded, wit};

/// Generated bindings.
pub(crate) struct Bindings {
    /// The folder of their header.
    pub(crate) folder: PathBuf,
    /// What is to be compiled and linked.
    pub(crate) sources: Vec<PathBuf>,
    /// The interfaces that the SDK has code for: those of `oslo:messaging` that the world imports,
    /// and `run`, if it exports that of WASI 0.3.
    pub(crate) interfaces: Vec<String>,
    /// Whether it is a program with `main`, which has no exports of its own.
    pub(crate) has_main: bool,
}

/// Generates them.
///
/// # Errors
/// When the world is not in its package, or a file cannot be written.
pub(crate) fn generate(builder: &Builder, plugin: &Plugin<'_>) -> Result<Bindings> {
    let (mut resolve, package) = wit::read(&plugin.wit)?;
    // A program gets its export `wasi:cli/run` and its output from the C library and the adapter,
    // so that its world is what is left of `command`: the imports of this project.
    let has_main = plugin.world == COMMAND;
    let world = if has_main {
        program(&mut resolve)?
    } else {
        wit::world(&resolve, package, plugin.world)?
    };
    let interfaces = known_interfaces(&resolve, world);
    let (folder, sources) = shared(builder, &mut resolve, world)?;
    Ok(Bindings {
        folder,
        sources,
        interfaces,
        has_main,
    })
}

/// Writes the bindings of a world into a folder that is named by what they say, and returns it and what of them is to be
/// compiled and linked. What is compiled with them is known by their path: it is compiled once for all plugins.
pub(crate) fn shared(
    builder: &Builder,
    resolve: &mut Resolve,
    world: WorldId,
) -> Result<(PathBuf, Vec<PathBuf>)> {
    let files = files(resolve, world)?;
    let folder = builder
        .work
        .join("bindings")
        .join(embedded::name(files.iter()));
    let sources = write(&files, &folder)?;
    Ok((folder, sources))
}

/// The world of a program, of what it imports of this project.
pub(crate) fn program(resolve: &mut Resolve) -> Result<WorldId> {
    including(resolve, "program", None)
}

/// The world of a plugin that has what a program has, and another world of this project besides.
pub(crate) fn library(resolve: &mut Resolve, world: &str) -> Result<WorldId> {
    including(resolve, &format!("of-{world}"), Some(world))
}

fn including(resolve: &mut Resolve, name: &str, more: Option<&str>) -> Result<WorldId> {
    let mut packages = resolve.packages.iter();
    let messaging = packages
        .find(|(_, package)| package.name.namespace == "oslo" && package.name.name == "messaging")
        .map(|(_, package)| package.name.to_string())
        .with_context(|| format!("there is no {MESSAGING} among the WIT files"))?;
    let named = |world: &str| match messaging.split_once('@') {
        Some((package, version)) => format!("{package}/{world}@{version}"),
        None => format!("{messaging}/{world}"),
    };
    let worlds = ["imports", "imports-poll", "imports-notifier"];
    let includes: String = worlds
        .into_iter()
        .chain(more)
        .map(|world| format!("    include {};\n", named(world)))
        .collect();
    let text = format!("package oslo:{name};\nworld {name} {{\n{includes}}}\n");
    wit::added(resolve, &text, name)
}

/// Writes the bindings of a world into this folder.
pub(crate) fn write_into(resolve: &mut Resolve, world: WorldId, folder: &Path) -> Result<()> {
    write(&files(resolve, world)?, folder).map(drop)
}

fn files(resolve: &mut Resolve, world: WorldId) -> Result<Files> {
    let options = wit_bindgen_c::Opts {
        // One name, whatever the world's is: the SDK is compiled against it.
        rename_world: Some(NAME.to_owned()),
        async_: plain_exports(resolve, world),
        ..wit_bindgen_c::Opts::default()
    };
    let mut files = Files::default();
    options
        .build()
        .generate(resolve, world, &mut files)
        .context("cannot generate the bindings")?;
    Ok(files)
}

/// Writes them, and returns what of them is to be compiled and linked. Others may be writing the same.
fn write(files: &Files, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for (name, contents) in files.iter() {
        let path = folder.join(name);
        embedded::update(&path, contents)?;
        if path.extension().is_some_and(|extension| extension != "h") {
            sources.push(path);
        }
    }
    sources.sort();
    Ok(sources)
}

/// An `async func` that is exported is a plain C function, which may wait; only imports are
/// started and waited for. Otherwise each would be a state machine in its author's hands.
fn plain_exports(resolve: &Resolve, world: WorldId) -> AsyncFilterSet {
    let mut set = AsyncFilterSet::default();
    let mut push = |key: Option<&WorldKey>, function: &Function| {
        let is_async = matches!(
            function.kind,
            FunctionKind::AsyncFreestanding
                | FunctionKind::AsyncMethod(_)
                | FunctionKind::AsyncStatic(_)
        );
        if is_async {
            let interface = key.map(|key| format!("{}#", resolve.name_world_key(key)));
            let interface = interface.unwrap_or_default();
            set.push(&format!("-export:{interface}{}", function.name));
        }
    };
    for (key, item) in wit::exports(resolve, world) {
        match item {
            WorldItem::Function(function) => push(None, function),
            WorldItem::Interface { id, .. } => {
                let interface = resolve.interfaces.get(*id).into_iter();
                let functions = interface.flat_map(|interface| interface.functions.values());
                functions.for_each(|function| push(Some(key), function));
            }
            WorldItem::Type { .. } => {}
        }
    }
    set
}

fn known_interfaces(resolve: &Resolve, world: WorldId) -> Vec<String> {
    let imported = wit::imports(resolve, world).filter_map(|(key, _)| {
        let name = resolve.name_world_key(key);
        let interface = name.strip_prefix(MESSAGING)?.strip_prefix('/')?;
        Some(interface.split('@').next()?.to_owned())
    });
    let mut exported = wit::exports(resolve, world);
    let run = exported.find(|(key, _)| resolve.name_world_key(key) == RUN);
    imported.chain(run.map(|_| "run".to_owned())).collect()
}

const RUN: &str = "wasi:cli/run@0.3.0";
const MESSAGING: &str = "oslo:messaging";
const NAME: &str = "oslo-world";

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The compiler knows by its path what it has compiled.
    #[test]
    fn plugins_of_one_world_have_the_same_bindings() {
        let folder = tempfile::tempdir().unwrap();
        let builder = Builder::in_folder(folder.path(), None).unwrap();
        let generated = |name: &str, package: &str, world: &str| {
            let plugin = Plugin {
                name,
                source: folder.path().join(name),
                wit: wit::assemble(&builder, &builder.sdk.join(package), name).unwrap(),
                world,
            };
            generate(&builder, &plugin).unwrap()
        };
        let one = generated("one", "guest/wit", COMMAND);
        let text = fs::read(&one.sources[0]).unwrap();
        fs::write(&one.sources[0], "half").unwrap();
        let two = generated("two", "guest/wit", COMMAND);
        assert_eq!((&one.folder, &one.sources), (&two.folder, &two.sources));
        assert_eq!(fs::read(&one.sources[0]).unwrap(), text);
        let other = generated("other", "guest/wit/c", "command-async");
        assert_ne!(other.folder, one.folder);
    }
}
