//! A plugin in C made of the SDK's archive, by the two ways that its page names.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use oslo_messaging_tests::peer::guests;
use wasi_preview1_component_adapter_provider as adapter;

use crate::archives::{componentise, unpack};
use crate::fresh::{path, said, xtask};
use crate::run;

#[test]
fn a_plugin_in_c_is_made_with_pkg_config() {
    let Some(pkg_config) = installed("pkg-config") else {
        return;
    };
    let plugin = Plugin::new();
    let says = |what: &str| {
        let mut asked = Command::new(&pkg_config);
        asked.args([what, "oslo-messaging"]);
        let text = said(asked.env("PKG_CONFIG_PATH", plugin.sdk.join("lib/pkgconfig")));
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(says("--modversion"), [env!("CARGO_PKG_VERSION")]);
    let module = plugin.folder.path().join("plugin.wasm");
    let mut cc = Command::new(zig());
    cc.args(["-m", "ziglang", "cc", "-target", "wasm32-wasi", "-O2", "-o"])
        .arg(&module)
        .args(says("--cflags"))
        .arg(plugin.folder.path().join("plugin.c"))
        .args(says("--libs"));
    said(with_caches(&mut cc).current_dir(plugin.folder.path()));
    plugin.runs(&module);
}

#[test]
fn a_plugin_in_c_is_made_with_cmake() {
    let Some(cmake) = installed("cmake") else {
        return;
    };
    let plugin = Plugin::new();
    let folder = plugin.folder.path();
    let toolchain = format!(
        "set(CMAKE_SYSTEM_NAME Generic)
         set(CMAKE_SYSTEM_PROCESSOR wasm32)
         set(CMAKE_C_COMPILER {} -m ziglang cc -target wasm32-wasi)
         set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
        ",
        path(&zig())
    );
    fs::write(folder.join("wasm.cmake"), toolchain).unwrap();
    let configure = |wanted: &str| {
        let lists = format!(
            "cmake_minimum_required(VERSION 3.20)
             project(packed LANGUAGES C)
             find_package(oslo-messaging {wanted} REQUIRED)
             add_executable(plugin plugin.c)
             target_link_libraries(plugin PRIVATE oslo::messaging)
            "
        );
        fs::write(folder.join("CMakeLists.txt"), lists).unwrap();
        let mut configure = Command::new(&cmake);
        configure
            .args(["-S", ".", "-B", "build", "--toolchain", "wasm.cmake"])
            .arg(format!("-DCMAKE_PREFIX_PATH={}", plugin.sdk.display()))
            .current_dir(folder);
        with_caches(&mut configure);
        configure
    };
    let refused = configure("0.2").output().unwrap();
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && errors.contains("requested version \"0.2\""),
        "{errors}"
    );
    said(&mut configure("0.1"));
    let mut build = Command::new(&cmake);
    build.args(["--build", "build"]).current_dir(folder);
    said(with_caches(&mut build));
    plugin.runs(&folder.join("build/plugin"));
}

/// A plugin's source, with the SDK's archive unpacked beside it.
struct Plugin {
    folder: tempfile::TempDir,
    sdk: PathBuf,
}

impl Plugin {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Made once: it always gets the same name.
        static ARCHIVE: LazyLock<String> = LazyLock::new(|| xtask(&["sdk".as_ref(), "c".as_ref()]));
        let package = concat!("oslo-messaging-c-", env!("CARGO_PKG_VERSION"));
        let sdk = unpack(Path::new(ARCHIVE.trim()), folder.path(), package);
        fs::write(folder.path().join("plugin.c"), SOURCE).unwrap();
        Self { folder, sdk }
    }

    /// Makes the component of a module, and runs it.
    fn runs(&self, module: &Path) {
        let wasi = adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
        let component = componentise(&fs::read(module).unwrap(), wasi);
        let file = self.folder.path().join("packed-c.wasm");
        fs::write(&file, component).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            run::text(run::demo_file(&file, &[])),
            format!("{version}: 2 + 3 = 5\n")
        );
    }
}

const SOURCE: &str = r#"#include <stdio.h>

#include <oslo_messaging.h>

int main(void) {
    oslo_target target = {.topic = OSLO_STR("demo"), .version = OSLO_STR("1.5")};
    oslo_client *client;
    oslo_text reply;
    oslo_error error;

    if (!oslo_client_open(OSLO_STR("default"), &target, NULL, &client, &error) ||
        !oslo_client_call(client, OSLO_STR("{}"), OSLO_STR("add"),
                          OSLO_STR("{\"a\": 2, \"b\": 3}"), NULL, &reply, &error)) {
        fprintf(stderr, "%s\n", oslo_error_message(&error));
        return 1;
    }
    printf("%s: 2 + 3 = %s\n", OSLO_MESSAGING_VERSION, reply.ptr);
    oslo_text_free(&reply);
    oslo_client_free(client);
    return 0;
}
"#;

/// A program of the machine; none, and said to be so, where it is not there.
fn installed(program: &str) -> Option<OsString> {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        eprintln!("NOT CHECKED: there is no {program} here");
    }
    is_there.then(|| program.into())
}

/// The Python that the builder of plugins in C has its compiler in.
fn zig() -> PathBuf {
    tools().join("python/bin/python")
}

fn with_caches(command: &mut Command) -> &mut Command {
    let cache = tools().join("cache");
    let names = ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"];
    command.envs(names.map(|name| (name, OsStr::new(&cache))))
}

fn tools() -> PathBuf {
    guests().unwrap().join("tools/c")
}
