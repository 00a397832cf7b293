//! A plugin in Go made of the SDK's archive by Go's own tools, with what its page shows of one that serves.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oslo_messaging_tests::peer::{guests, transport_url, unique_name};
use wasi_preview1_component_adapter_provider as adapter;
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::fresh::{path, said, xtask};

#[test]
fn a_plugin_in_go_has_the_packed_sdk() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = xtask(&["sdk".as_ref(), "go".as_ref()]);
    let plugin = folder.path().join("plugin");
    fs::create_dir(&plugin).unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest/go/README.md");
    let page = fs::read_to_string(page).unwrap();
    let mut blocks = page.split("```go\n").skip(1);
    let serves = blocks.find(|block| block.contains("osloserve.Serve("));
    let serves = serves.unwrap().split("```").next().unwrap();
    fs::write(plugin.join("plugin.go"), serves).unwrap();

    let go = |words: &[&str], target: &[(&str, &str)]| {
        let mut go = Command::new(program());
        go.args(words)
            .current_dir(&plugin)
            .env("GOPROXY", format!("file://{}", proxy.trim()))
            .env("GOMODCACHE", folder.path().join("modules"))
            .env("GOCACHE", tools().join("cache"))
            .envs([
                ("GOSUMDB", "off"),
                ("GOENV", "off"),
                ("GOTOOLCHAIN", "local"),
            ])
            .env("GOFLAGS", "-modcacherw")
            .envs(target.iter().copied());
        said(&mut go);
    };
    go(&["mod", "init", "packed"], &[]);
    let sdk = "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go";
    let sdk = format!("{sdk}@v{}", env!("CARGO_PKG_VERSION"));
    go(&["get", &sdk], &[]);
    go(&["mod", "tidy"], &[]);
    // As the page says it.
    let shown = page.lines().find_map(|line| line.strip_prefix(BUILD));
    let words: Vec<_> = shown.unwrap().split_whitespace().collect();
    go(
        &[&["build"], &words[..]].concat(),
        &[("GOOS", "wasip1"), ("GOARCH", "wasm")],
    );

    let file = folder.path().join("packed-go.wasm");
    fs::write(&file, component(&plugin.join("module.wasm"))).unwrap();
    assert_eq!(whoami(&file), "\"only\"\n");
}

/// How the page begins the line that compiles a module.
const BUILD: &str = "GOOS=wasip1 GOARCH=wasm go build ";

/// What `wasm-tools component embed` and `wasm-tools component new` make of a module.
fn component(module: &Path) -> Vec<u8> {
    let mut bytes = fs::read(module).unwrap();
    let mut resolve = Resolve::default();
    // Where the archive's bindings came from.
    resolve.push_dir(tools().join("../../wit/plugin")).unwrap();
    let package = resolve.push_str("world.wit", WORLD).unwrap();
    let world = resolve.select_world(&[package], Some("plugin")).unwrap();
    embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8).unwrap();
    crate::archives::componentise(&bytes, adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)
}

const WORLD: &str = "package my:plugin;

world plugin {
    include oslo:messaging/rpc-server@0.1.0;
    include oslo:messaging/imports-poll@0.1.0;
    include oslo:messaging/imports-notifier@0.1.0;
    import wasi:clocks/monotonic-clock@0.2.12;
}
";

/// What the served plugin answers.
fn whoami(plugin: &Path) -> String {
    let (url, topic) = (transport_url().unwrap(), unique_name("packed-go"));
    let over = ["--transport", &url, "--topic", &topic];
    let mut serving = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"))
        .arg("serve")
        .args(over)
        .args(["--server", "only", path(plugin)])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let mut output = BufReader::new(serving.stdout.take().unwrap());
    output.read_line(&mut ready).unwrap();
    assert!(ready.contains(&topic), "{ready}");
    let mut call = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"));
    let said = call.arg("call").args(over).arg("whoami").output();
    serving.kill().unwrap();
    serving.wait().unwrap();
    String::from_utf8(said.unwrap().stdout).unwrap()
}

/// The builder's own Go.
fn program() -> PathBuf {
    let mut python = Command::new(tools().join("bin/python"));
    let package = said(python.args(["-c", "import go; print(go.__path__[0])"]));
    Path::new(package.trim()).join("bin/go")
}

fn tools() -> PathBuf {
    guests().unwrap().join("tools/go")
}
