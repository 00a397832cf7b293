//! A plugin's own tests, under Node.js.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{check_types, tools};
use crate::builder::Builder;
use crate::error::{Context, Result, ensure};
use crate::plugin::Plugin;
use crate::process::run;

/// Runs `node --test`. TypeScript is checked and bundled into the folder `build` before, the plugin and
/// its tests.
///
/// # Errors
/// When Node.js or a package cannot be had, there are no tests, or one fails.
pub(crate) fn test(builder: &Builder, plugin: &Plugin<'_>) -> Result<()> {
    let sdk = builder.sdk.join("guest/javascript");
    let tools = tools(builder, &sdk)?;
    check_types(&tools, &sdk, plugin, &builder.scratch(plugin)?)?;
    let mut tests = in_folder(&plugin.source)?;
    let apart = plugin.source.join("test");
    if apart.is_dir() {
        tests.extend(in_folder(&apart)?);
    }
    ensure!(
        !tests.is_empty(),
        "there are no tests: write {}, with what `oslo-messaging-guest/testing` has",
        plugin.source.join("plugin.test.js").display()
    );
    let (in_typescript, mut ready): (Vec<_>, Vec<_>) = tests
        .into_iter()
        .partition(|path| path.extension().is_some_and(|it| it == "ts"));
    let main = plugin.source.join("plugin.ts");
    let mut sources = in_typescript.clone();
    sources.extend(main.exists().then_some(main));
    if !sources.is_empty() {
        let built = plugin.source.join("build");
        run(Command::new("node")
            .arg(tools.join("node_modules/esbuild/bin/esbuild"))
            .args(&sources)
            .args([
                "--bundle",
                "--packages=external",
                "--format=esm",
                "--sourcemap=inline",
            ])
            .args(["--platform=node", "--target=es2024", "--log-level=warning"])
            .arg(format!("--outbase={}", plugin.source.display()))
            .arg(format!("--outdir={}", built.display()))
            .current_dir(&plugin.source))?;
        for path in in_typescript {
            let inside = path.strip_prefix(&plugin.source).unwrap_or(&path);
            ready.push(built.join(inside).with_extension("js"));
        }
    }
    run(Command::new("node")
        .args(["--enable-source-maps", "--test"])
        .args(ready)
        .current_dir(&plugin.source))
}

/// The tests in a folder, not in the folders in it: `NAME.test.js` and its like.
fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let is_test = |ending| name.is_some_and(|name| name.ends_with(ending));
        if [".test.js", ".test.mjs", ".test.ts"]
            .into_iter()
            .any(is_test)
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
