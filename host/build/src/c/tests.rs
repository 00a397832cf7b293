//! The SDK's own tests, compiled as its archive says; and how plugins are compiled.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::zig::Zig;
use super::{archive, build};
use crate::COMMAND;
use crate::builder::Builder;
use crate::component;
use crate::plugin::Plugin;
use crate::process::run_quietly;
use crate::wit;

/// Warnings in others' code are nobody's, their headers are found, and flags come last.
#[test]
fn others_code_is_compiled_quietly() {
    with_place(|builder, folder| {
        for (name, text) in [
            (
                "plugin.c",
                "#include <big.h>\n#include \"part/part.h\"\n\
                 int main(void) { return big() + part() - STEPS; }\n",
            ),
            ("part/part.h", "int part(void);\n"),
            (
                "part/part.c",
                "#include \"part.h\"\nint part(void) { return 1; }\n",
            ),
            ("tests/test.c", "int main(void) { this is no C }\n"),
            (
                "vendor/big/include/big.h",
                "static int unused; static inline int is_less(unsigned a) { return a < 0; }\n\
                 int big(void);\n",
            ),
            (
                "vendor/big/src/big.c",
                "int big() { int nothing; unsigned x = STEPS; return x > -1; }\n",
            ),
            (
                "flags.txt",
                "compile: -DSTEPS=2\nlink: -Wl,-z,stack-size=262144\n",
            ),
        ] {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let plugin = Plugin {
            name: "vendoring",
            source: folder.to_owned(),
            wit: wit::assemble(builder, &builder.sdk.join("guest/wit"), "vendoring").unwrap(),
            world: COMMAND,
        };
        assert!(build(builder, &plugin).unwrap().file.exists());
        let commands = fs::read_to_string(folder.join("compile_commands.json")).unwrap();
        for word in [
            "part/part.c",
            "-DSTEPS=2",
            "--target=wasm32-wasi",
            "guest/c/include",
        ] {
            assert!(commands.contains(word), "{word}: {commands}");
        }
        // The author's own is held to more.
        let careless = "int more(unsigned a) { int b; return a > -1; }\n";
        fs::write(folder.join("more.c"), careless).unwrap();
        let error = build(builder, &plugin).unwrap_err().to_string();
        assert!(error.contains("more.c"), "{error}");
    });
}

/// Zig leaves assertions out of what it optimises, and a test is made of them.
#[test]
fn what_is_asserted_is_looked_at() {
    with_place(|builder, folder| {
        let asserts =
            |it: &str| format!("#include <assert.h>\nint one(void) {{ return 1; }}\n{it}");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        write(
            "plugin.c",
            &asserts(
                "int main(int argc, char **argv) { (void)argv; assert(argc < 77); return 0; }\n",
            ),
        );
        let plugin = Plugin {
            name: "asserting",
            source: folder.to_owned(),
            wit: wit::assemble(builder, &builder.sdk.join("guest/wit"), "asserting").unwrap(),
            world: COMMAND,
        };
        let component = fs::read(build(builder, &plugin).unwrap().file).unwrap();
        let text = String::from_utf8_lossy(&component);
        assert!(text.contains("argc < 77"), "the component asserts nothing");

        fs::create_dir(folder.join("tests")).unwrap();
        let includes = "#include <assert.h>\nint one(void);\n";
        for (test, holds) in [("one() == 1", true), ("one() == 2", false)] {
            let text = format!("{includes}int main(void) {{ assert({test}); return 0; }}\n");
            write("tests/plugin.c", &text);
            let tested = super::test(builder, &plugin);
            assert_eq!(tested.is_ok(), holds, "{test}: {tested:?}");
        }
    });
}

/// Each is compiled by the compiler of this machine, with what finds leaks and other mistakes, from the
/// archive alone.
#[test]
fn the_sdk_passes_its_tests_from_its_archive() {
    with_place(|builder, folder| {
        assert!(archive(builder, folder).unwrap().exists());
        let root = folder.join(concat!("oslo-messaging-c-", env!("CARGO_PKG_VERSION")));
        let (flags, sources) = says(&root, "oslo-messaging-testing");
        let strict = [
            "-g",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fsanitize=address,undefined",
        ];
        let tests = builder.sdk.join("guest/c/tests");
        let mut objects = Vec::new();
        for source in &sources {
            let object = folder.join(format!("{}.o", objects.len()));
            let mut cc = Command::new("cc");
            cc.args(["-std=gnu11", "-c", source, "-o"]).arg(&object);
            run_quietly(cc.args(strict).args(&flags)).unwrap();
            objects.push(object);
        }
        for (compiler, standard, test) in [
            ("cc", "-std=gnu11", "sdk.c"),
            ("c++", "-std=c++23", "sdk.cpp"),
        ] {
            let program = folder.join(test.replace('.', "-"));
            let mut command = Command::new(compiler);
            command.arg(standard).args(strict).args(&flags);
            command.arg(tests.join(test)).args(&objects);
            run_quietly(command.arg("-o").arg(&program)).unwrap();
            run_quietly(&mut Command::new(&program)).unwrap();
        }
    });
}

/// What an author's own build does, who has the archive and no checkout: of each kind of plugin, with what
/// the page shows of it.
#[test]
fn plugins_are_built_from_the_archive() {
    with_place(|builder, folder| {
        archive(builder, folder).unwrap();
        let name = concat!("oslo-messaging-c-", env!("CARGO_PKG_VERSION"));
        let elsewhere = folder.join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::rename(folder.join(name), elsewhere.join(name)).unwrap();
        let readme = fs::read_to_string(builder.sdk.join("guest/c/README.md")).unwrap();
        let shown = |header: &str| {
            let blocks = readme.split("```c\n").skip(1);
            let mut blocks = blocks.filter_map(|block| block.split("```").next());
            let needed = format!("#include <{header}>\n");
            blocks.find(|block| block.contains(&needed)).unwrap()
        };
        let template = builder.sdk.join("guest/c/template/c/command");
        fs::copy(template.join("plugin.h"), folder.join("plugin.h")).unwrap();
        let program = fs::read_to_string(template.join("plugin.c"))
            .unwrap()
            .replace(
                "    return 0;\n",
                "    return created(OSLO_STR(\"7\"), NULL) ? 0 : 1;\n",
            );
        for (product, plugin, surface) in [
            (
                "oslo-messaging",
                format!("{}\n{program}", shown("oslo_messaging_notify.h")),
                &["client", "notifier", "rpc"][..],
            ),
            (
                "oslo-messaging-server",
                shown("oslo_messaging_serve.h").to_owned(),
                &["client", "rpc", "rpc-endpoint"],
            ),
            (
                "oslo-messaging-listener",
                shown("oslo_messaging_notification.h").to_owned(),
                &["notification", "notification-endpoint"],
            ),
        ] {
            let source = folder.join("plugin.c");
            fs::write(&source, plugin).unwrap();
            let module = folder.join(product).with_extension("wasm");
            let (flags, sources) = says(&elsewhere.join(name), product);
            let zig = Zig::find(builder).unwrap();
            let mut compile = Command::new(zig.python());
            compile
                .args(["-m", "ziglang", "cc", "-target", "wasm32-wasi", "-O2"])
                .env("ZIG_GLOBAL_CACHE_DIR", builder.tools.join("c/cache"))
                .env("ZIG_LOCAL_CACHE_DIR", builder.tools.join("c/cache"))
                .args(["-Wall", "-Wextra", "-Werror", "-Wl,--strip-debug", "-o"])
                .arg(&module)
                .args(flags)
                .arg(&source)
                .args(sources)
                .current_dir(folder);
            run_quietly(&mut compile).unwrap();
            let kind = component::kind(&module).unwrap();
            let module = component::Module {
                file: module,
                built_with: crate::BuiltWith::default(),
            };
            let made = component::componentise(kind, &module).unwrap();
            let text = String::from_utf8_lossy(&made);
            for interface in surface {
                let interface = format!("oslo:messaging/{interface}@0.1.0");
                assert!(text.contains(&interface), "{product}: {interface}");
            }
        }
    });
}

/// The flags and the sources that a file for pkg-config names.
fn says(root: &Path, name: &str) -> (Vec<String>, Vec<String>) {
    let file = root.join("lib/pkgconfig").join(name).with_extension("pc");
    let text = fs::read_to_string(file).unwrap();
    let words = |key: &str| -> Vec<String> {
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.strip_prefix(key)).unwrap();
        let line = line.replace("${prefix}", &root.display().to_string());
        line.split_whitespace().map(str::to_owned).collect()
    };
    (words("Cflags:"), words("Libs:"))
}

fn with_place(check: impl FnOnce(&Builder, &Path)) {
    let builder = crate::builder::tests::of_this_checkout();
    check(&builder, tempfile::tempdir().unwrap().path());
}
