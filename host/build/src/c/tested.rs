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
    let of_plugin = Sources::of(&plugin.source)?;
    let sdk = Native::new(builder, plugin, &zig, &scratch)?;
    let own = sdk.of_plugin(plugin, &of_plugin)?;

    let mut sources: Vec<PathBuf> = sdk::tested(&builder.sdk.join("guest/c"))?;
    sources.push(builder.third_party.join("yyjson/src/yyjson.c"));
    let mut objects = sdk.objects(&sources, &["-w"])?;
    objects.extend(own.objects(&of_plugin.vendor, &["-w"])?);
    objects.extend(own.objects(&of_plugin.own, &["-Dmain=plugin_main"])?);
    let all = of_plugin.own.iter().chain(&of_plugin.vendor);
    let is_cpp = all.clone().any(|path| zig::is_cpp(path));
    for test in tests {
        let test_object = own.objects(std::slice::from_ref(&test), &[])?;
        let program = scratch.join("program");
        let mut words: Vec<OsString> = test_object.iter().chain(&objects).map(Into::into).collect();
        words.extend(["-o".into(), program.clone().into()]);
        zig.native(is_cpp || zig::is_cpp(&test), &words)?;
        run(Command::new(&program).current_dir(&plugin.source))?;
        let name = test.strip_prefix(&plugin.source).unwrap_or(&test);
        println!("ok {}", name.display());
    }
    Ok(())
}

/// How parts of a test are compiled for this machine.
struct Native<'a> {
    zig: &'a Zig,
    scratch: &'a Path,
    headers: Vec<PathBuf>,
    flags: Vec<String>,
}

impl<'a> Native<'a> {
    /// Those of the SDK: in the same words for all plugins, so that the compiler knows them from the last one.
    fn new(
        builder: &Builder,
        plugin: &Plugin<'_>,
        zig: &'a Zig,
        scratch: &'a Path,
    ) -> Result<Self> {
        let (mut resolve, _) = wit::read(&plugin.wit)?;
        // Whatever the plugin is, the played host has what a program imports.
        let world = bindings::program(&mut resolve)?;
        let (generated, _) = bindings::shared(builder, &mut resolve, world)?;
        let sdk = builder.sdk.join("guest/c");
        let mut headers = ["include", "testing", "src"]
            .map(|part| sdk.join(part))
            .to_vec();
        headers.extend([generated, builder.third_party.join("yyjson/src")]);
        Ok(Self {
            zig,
            scratch,
            headers,
            flags: Vec::new(),
        })
    }

    /// Those of the plugin.
    fn of_plugin(&self, plugin: &Plugin<'_>, sources: &Sources) -> Result<Self> {
        let mut headers = self.headers.clone();
        headers.push(plugin.source.clone());
        headers.extend(sources.vendor_headers.iter().cloned());
        Ok(Self {
            headers,
            flags: Flags::of(&plugin.source)?.compile,
            ..*self
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
