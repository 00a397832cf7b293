//! Builds plugins in JavaScript and TypeScript, with `guest/javascript/tools`.

mod exports;
mod linked;
mod node;
mod tested;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::error::{Context, Result};

pub(crate) use self::linked::link;
use self::node::{ensure_node, ensure_npm};
pub(crate) use self::tested::test;
use crate::builder::{Builder, locked};
use crate::built_with::BuiltWith;
use crate::component::Module;
use crate::namespace;
use crate::plugin::Plugin;
use crate::process::{announce, run, run_quietly};

/// Makes the component of a plugin.
///
/// # Errors
/// When Node.js or a package cannot be had, the plugin does not compile, or it lacks what its world
/// exports.
pub(crate) fn build(builder: &Builder, plugin: &Plugin<'_>) -> Result<Module> {
    let sdk = builder.sdk.join("guest/javascript");
    let tools = tools(builder, &sdk)?;
    let scratch = builder.scratch(plugin)?;
    check_types(&tools, &sdk, plugin, &scratch)?;
    let made = scratch.join("made.wasm");
    run(Command::new("node")
        .arg(sdk.join("tools/build.js"))
        .args([&sdk, &plugin.source, &plugin.wit])
        .arg(plugin.world)
        .args([&scratch, &made])
        .args(exports::of(&plugin.wit, plugin.world)?)
        .current_dir(&tools))?;

    let component = scratch.join("component.wasm");
    fs::write(&component, namespace::reveal(fs::read(made)?)?)?;
    Ok(Module {
        file: component,
        built_with: built_with(&sdk, plugin)?,
    })
}

/// The packages that have worked on a plugin, as the lock file has them.
fn built_with(sdk: &Path, plugin: &Plugin<'_>) -> Result<BuiltWith> {
    let lock = sdk.join("tools").join(LOCK);
    let text =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let lock: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON", lock.display()))?;
    let is_typed = plugin.source.join("plugin.ts").exists();
    let language = if is_typed { "TypeScript" } else { "JavaScript" };
    let mut with = BuiltWith::new(language, "oslo-messaging-guest");
    let more = is_typed.then_some("typescript");
    for name in ["componentize-qjs", "esbuild"].into_iter().chain(more) {
        let version = lock.pointer(&format!("/packages/node_modules~1{name}/version"));
        with = with.tool(name, version.and_then(Value::as_str).unwrap_or_default());
    }
    Ok(with)
}

/// The folder with the packages that the lock file names.
fn tools(builder: &Builder, sdk: &Path) -> Result<PathBuf> {
    ensure_node(builder)?;
    let folder = builder.tools.join("javascript");
    let lock = sdk.join("tools").join(LOCK);
    let text =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let stamp = folder.join("installed-packages.json");
    let is_there = || fs::read_to_string(&stamp).is_ok_and(|known| known == text);
    if is_there() {
        return Ok(folder);
    }

    let above = folder.parent().unwrap_or(&folder);
    fs::create_dir_all(above).with_context(|| format!("cannot make {}", above.display()))?;
    let _lock = locked(&folder.with_extension("lock"))?;
    if is_there() {
        return Ok(folder);
    }
    ensure_npm(builder)?;
    announce(&format!(
        "installing {} with npm (some seconds): plugins in JavaScript are built with them",
        lock.display()
    ));
    fs::create_dir_all(&folder)?;
    for file in ["package.json", LOCK] {
        fs::copy(sdk.join("tools").join(file), folder.join(file))?;
    }
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    // Scripts of packages would only repeat what the lock file has brought already.
    run_quietly(
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    )?;
    // Written last: an installation that was interrupted is not taken for a finished one.
    fs::write(stamp, text)?;
    Ok(folder)
}

/// Checks the types of a plugin in TypeScript; its bundler only takes them away.
fn check_types(tools: &Path, sdk: &Path, plugin: &Plugin<'_>, scratch: &Path) -> Result<()> {
    let source = plugin.source.join("plugin.ts");
    if !source.exists() {
        return Ok(());
    }
    // Not among the toolchains, which may be others' to write to.
    let file = scratch.join("tsconfig.json");
    let settings = serde_json::json!({
        "compilerOptions": {
            "strict": true,
            "noEmit": true,
            "target": "es2024",
            "lib": ["es2024", "esnext.disposable"],
            "module": "preserve",
            "moduleResolution": "bundler",
            "allowImportingTsExtensions": true,
            "types": [],
            "paths": { "oslo-messaging-guest": [sdk.join("types/index.d.ts")] },
        },
        "files": [source, sdk.join("types/globals.d.ts")],
    });
    fs::write(&file, settings.to_string())?;
    run(Command::new("node")
        .arg(tools.join("node_modules/typescript/bin/tsc"))
        .arg("--project")
        .arg(file)
        .current_dir(&plugin.source))
}

const LOCK: &str = "package-lock.json";
