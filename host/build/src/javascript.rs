//! Builds plugins in JavaScript and TypeScript, with `guest/javascript/tools`.

mod exports;
mod linked;
mod tested;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result};

pub(crate) use self::linked::link;
pub(crate) use self::tested::test;
use crate::builder::{Builder, locked};
use crate::plugin::Plugin;
use crate::process::{announce, run, run_quietly};
use crate::{install, namespace};

/// Makes the component of a plugin.
///
/// # Errors
/// When Node.js or a package cannot be had, the plugin does not compile, or it lacks what its world
/// exports.
pub(crate) fn build(builder: &Builder, plugin: &Plugin<'_>) -> Result<PathBuf> {
    let sdk = builder.sdk.join("guest/javascript");
    let tools = tools(builder, &sdk)?;
    check_types(&tools, &sdk, plugin)?;
    let scratch = builder.scratch(plugin)?;
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
    Ok(component)
}

/// The folder with the packages that the lock file names.
fn tools(builder: &Builder, sdk: &Path) -> Result<PathBuf> {
    ensure(builder, "node")?;
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
    ensure(builder, "npm")?;
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

/// Makes sure that there is a program of Node.js.
fn ensure(builder: &Builder, program: &str) -> Result<()> {
    let output = Command::new(program).arg("--version").output();
    if output.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let reason = "plugins in JavaScript and TypeScript are built with Node.js 20 or later";
    install::packages(&["nodejs", "npm"], reason, builder.installs_packages)
}

/// Checks the types of a plugin in TypeScript; its bundler only takes them away.
fn check_types(tools: &Path, sdk: &Path, plugin: &Plugin<'_>) -> Result<()> {
    let source = plugin.source.join("plugin.ts");
    if !source.exists() {
        return Ok(());
    }
    let scratch = tools.join(format!("tsconfig.{}.json", plugin.name));
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
    fs::write(&scratch, settings.to_string())?;
    run(Command::new("node")
        .arg(tools.join("node_modules/typescript/bin/tsc"))
        .arg("--project")
        .arg(scratch)
        .current_dir(tools))
}

const LOCK: &str = "package-lock.json";
