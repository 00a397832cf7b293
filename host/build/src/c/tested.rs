//! A plugin's own tests, as programs of this machine.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::flags::Flags;
use super::sources::{Sources, in_folder};
use super::zig::{self, Zig};
use super::{bindings, sdk};
use crate::builder::Builder;
use crate::error::{Result, ensure};
use crate::plugin::Plugin;
use crate::process::run;
use crate::wit;

/// Makes a program of each file in the plugin's folder `tests` and runs it: success is what it exits
/// with, and is printed. It is linked with the plugin, whose own `main` is called `plugin_main` there, and with the host
/// that `oslo_messaging_testing.h` plays.
///
/// # Errors
/// When the compiler cannot be had, there are no tests, one does not compile, or one fails.
pub(crate) fn test(builder: &Builder, plugin: &Plugin<'_>) -> Result<()> {
    let folder = plugin.source.join("tests");
    let tests = if folder.is_dir() {
        in_folder(&folder)?
    } else {
        Vec::new()
    };
    ensure!(
        !tests.is_empty(),
        "there are no tests: write {}, with what `oslo_messaging_testing.h` has",
        folder.join("plugin.c").display()
    );
    let zig = Zig::find(builder)?;
    let scratch = builder.scratch(plugin)?.join("tests");
    fs::create_dir_all(&scratch)?;
    let native = Native::new(builder, plugin, zig, &scratch)?;

    let of_plugin = Sources::of(&plugin.source)?;
    let mut sources: Vec<PathBuf> = sdk::tested(&builder.sdk.join("guest/c"))?;
    sources.push(builder.third_party.join("yyjson/src/yyjson.c"));
    let mut objects = native.objects(&sources, &["-w"])?;
    objects.extend(native.objects(&of_plugin.vendor, &["-w"])?);
    objects.extend(native.objects(&of_plugin.own, &["-Dmain=plugin_main"])?);
    let all = of_plugin.own.iter().chain(&of_plugin.vendor);
    let is_cpp = all.clone().any(|path| zig::is_cpp(path));
    for test in tests {
        let own = native.objects(std::slice::from_ref(&test), &[])?;
        let program = scratch.join("program");
        let mut words: Vec<OsString> = own.iter().chain(&objects).map(Into::into).collect();
        words.extend(["-o".into(), program.clone().into()]);
        native.zig.native(is_cpp || zig::is_cpp(&test), &words)?;
        run(Command::new(&program).current_dir(&plugin.source))?;
        let name = test.strip_prefix(&plugin.source).unwrap_or(&test);
        println!("ok {}", name.display());
    }
    Ok(())
}

/// How a plugin's parts are compiled for this machine.
struct Native<'a> {
    zig: Zig,
    scratch: &'a Path,
    headers: Vec<PathBuf>,
    flags: Vec<String>,
}

impl<'a> Native<'a> {
    fn new(builder: &Builder, plugin: &Plugin<'_>, zig: Zig, scratch: &'a Path) -> Result<Self> {
        let generated = scratch.join("bindings");
        let (mut resolve, _) = wit::read(&plugin.wit)?;
        // Whatever the plugin is, the played host has what a program imports.
        let world = bindings::program(&mut resolve)?;
        bindings::write(&mut resolve, world, &generated)?;
        let sdk = builder.sdk.join("guest/c");
        let mut headers = ["include", "testing", "src"]
            .map(|part| sdk.join(part))
            .to_vec();
        headers.extend([
            generated,
            builder.third_party.join("yyjson/src"),
            plugin.source.clone(),
        ]);
        headers.extend(Sources::of(&plugin.source)?.vendor_headers);
        Ok(Self {
            zig,
            scratch,
            headers,
            flags: Flags::of(&plugin.source)?.compile,
        })
    }

    /// The objects of sources, compiled with these flags besides.
    fn objects(&self, sources: &[PathBuf], more: &[&str]) -> Result<Vec<PathBuf>> {
        let mut objects = Vec::new();
        for source in sources {
            let is_cpp = zig::is_cpp(source);
            let name = Sha256::digest(source.as_os_str().as_encoded_bytes());
            let object = self.scratch.join(format!("{name:x}.o"));
            let standard = if is_cpp { "-std=c++23" } else { "-std=gnu11" };
            let mut words: Vec<OsString> = vec!["-c".into(), standard.into()];
            if is_cpp {
                words.extend(["-fno-exceptions".into(), "-fno-rtti".into()]);
            }
            words.extend(more.iter().map(Into::into));
            for header in &self.headers {
                words.extend(["-I".into(), header.into()]);
            }
            words.extend(self.flags.iter().map(Into::into));
            words.extend([source.into(), "-o".into(), object.clone().into()]);
            self.zig.native(is_cpp, &words)?;
            objects.push(object);
        }
        Ok(objects)
    }
}
