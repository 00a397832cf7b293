//! Toolchains that an author has, but not as he should, or not to write to.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use oslo_messaging_tests::peer::guests;

use crate::area::Area;

/// As Debian 12 has it.
#[test]
fn a_nodejs_that_is_too_old_is_named_with_what_is_wanted() {
    let area = Area::new();
    area.does(&["new", "--language", "typescript", "fresh"]);
    let bin = area.folder().join("bin");
    fs::create_dir(&bin).unwrap();
    let node = bin.join("node");
    fs::write(&node, "#!/bin/sh\necho v18.20.4\n").unwrap();
    fs::set_permissions(&node, Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", bin.display());
    for command in ["build", "test"] {
        let output = area
            .command(&[command, "fresh"])
            .env("PATH", &path)
            .output();
        let output = output.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{errors}");
        let says =
            "are built with Node.js 20 or later, and the `node` that is found first is v18.20.4";
        assert!(errors.contains(says), "{errors}");
    }
}

/// Many authors may have one folder of them, which none of them may write to.
#[test]
fn toolchains_may_be_read_only() {
    let area = Area::new();
    let tools = ReadOnly(area.folder().join("tools"));
    for name in ["c", "go", "javascript"] {
        let (there, here) = (
            guests().unwrap().join("tools").join(name),
            tools.0.join(name),
        );
        fs::create_dir_all(&here).unwrap();
        for entry in fs::read_dir(there).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "cache" {
                copy(entry.path(), here.join(entry.file_name()));
            }
        }
    }
    tools.may("a-w");
    let caches = area.folder().join("caches");
    // What Go and Zig have of their own libraries takes them a minute to compile.
    let own = caches.join("oslo-plugin/cache");
    fs::create_dir_all(&own).unwrap();
    for name in ["c", "go"] {
        let there = guests().unwrap().join("tools").join(name).join("cache");
        copy(there, own.join(name));
    }
    for language in ["typescript", "c", "go"] {
        let name = format!("my-{language}");
        area.does(&["new", "--language", language, &name]);
        let mut build = as_others(area.command(&["build", &name]));
        build
            .env("OSLO_PLUGIN_TOOLS", &tools.0)
            .env("XDG_CACHE_HOME", &caches);
        let output = build.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{language}: {errors}");
        let component = format!("{name}/{name}.wasm");
        assert!(area.folder().join(component).exists(), "{language}");
    }
    for name in ["c", "go", "javascript"] {
        assert!(!tools.0.join(name).join("cache").exists(), "{name}");
    }
}

/// A folder that may be removed when the test has ended.
struct ReadOnly(PathBuf);

impl ReadOnly {
    /// To all that is in it, at every depth.
    fn may(&self, mode: &str) {
        let changed = Command::new("chmod")
            .args(["-R", mode])
            .arg(&self.0)
            .status();
        assert!(changed.unwrap().success());
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = Command::new("chmod")
            .args(["-R", "u+w"])
            .arg(&self.0)
            .status();
    }
}

/// With its links as they are.
fn copy(there: PathBuf, here: PathBuf) {
    let copied = Command::new("cp").arg("-a").args([there, here]).status();
    assert!(copied.unwrap().success());
}

/// A command of whoever is not above permissions, which root is.
fn as_others(command: Command) -> Command {
    let own = fs::metadata("/proc/self").unwrap();
    if std::os::unix::fs::MetadataExt::uid(&own) != 0 {
        return command;
    }
    let mut bounded = Command::new("setpriv");
    bounded
        .args(["--bounding-set=-dac_override,-dac_read_search", "--"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bounded.env(name, value),
            None => bounded.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        bounded.current_dir(folder);
    }
    bounded
}

/// Folders of one name, built at the same time, are two plugins.
#[test]
fn folders_of_one_name_are_built_at_once() {
    let area = Area::new();
    let plugins = ["one", "two"].map(|above| {
        fs::create_dir(area.folder().join(above)).unwrap();
        let plugin = format!("{above}/plugin");
        area.does(&["new", "--language", "c", &plugin]);
        let file = area.folder().join(&plugin).join("plugin.c");
        let source = format!(
            "#include <stdio.h>\nint main(void) {{ puts(\"this is {above}\"); return 0; }}\n"
        );
        fs::write(file, source).unwrap();
        plugin
    });
    let mut builds = plugins.each_ref().map(|plugin| {
        let mut build = area.command(&["build", plugin]);
        build.spawn().unwrap()
    });
    for build in &mut builds {
        assert!(build.wait().unwrap().success());
    }
    for (plugin, says) in plugins.iter().zip(["this is one\n", "this is two\n"]) {
        let component = format!("{plugin}/plugin.wasm");
        assert_eq!(area.does(&["run", &component]), says);
    }
}
