//! Each kind of plugin, from nothing to where it does what it is for.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use oslo_messaging::{Notifier, Transport};
use oslo_messaging_tests::peer::{compiled, transport_url, unique_name};
use serde_json::json;

use crate::area::Area;
use crate::daemon::Daemon;
use crate::program;

/// Makes one of each of these kinds; what is run prints this.
pub(crate) fn check(language: &str, kinds: &[(&str, &str)]) {
    let area = Area::new();
    for &(kind, prints) in kinds {
        let name = format!("my-{kind}");
        let said = area.does(&["new", "--language", language, "--kind", kind, &name]);
        assert!(said.contains("oslo-plugin test\n"), "{said}");
        let says_how_it_is_called = said.contains("\n  oslo-plugin call ");
        assert_eq!(says_how_it_is_called, kind == "endpoint", "{said}");
        area.does(&["test", &name]);
        notices(&area, &name, language, kind);
        let printed = area.does(&["build", &name]);
        let plugin = area.folder().join(&name);
        let component = plugin.join(format!("{name}.wasm"));
        assert_eq!(printed, format!("{}\n", component.display()));
        knows_no_checkout(&plugin);
        match kind {
            "async" | "command" => assert_eq!(run(&component), prints),
            "endpoint" => serves(&component),
            "notification" => handles(&plugin),
            other => panic!("there is no kind {other}"),
        }
    }
}

/// Its test fails when the plugin does something else than it says.
fn notices(area: &Area, name: &str, language: &str, kind: &str) {
    let file = match language {
        "c" => "plugin.c",
        "cpp" => "plugin.cpp",
        "go" => "plugin.go",
        "javascript" => "plugin.js",
        "python" => "plugin.py",
        "rust" if kind == "command" => "src/main.rs",
        "rust" => "src/lib.rs",
        "typescript" => "plugin.ts",
        other => panic!("there is no language {other}"),
    };
    let (right, wrong) = match kind {
        "endpoint" => (" / ", " - "),
        "command" if ["javascript", "python", "typescript"].contains(&language) => {
            ("'echo'", "'ech'")
        }
        "command" => ("\"add\"", "\"ad\""),
        _ => return,
    };
    let file = area.folder().join(name).join(file);
    let source = fs::read_to_string(&file).unwrap();
    fs::write(&file, source.replacen(right, wrong, 1)).unwrap();
    let errors = area.fails(&["test", name]);
    assert!(errors.contains("did not pass"), "{errors}");
    fs::write(&file, source).unwrap();
}

/// What was written for editors and tools leads to what the program brought along.
fn knows_no_checkout(plugin: &Path) {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest/");
    let sdk = checkout.canonicalize().unwrap();
    for file in [".cargo/config.toml", "compile_commands.json", "go.work"] {
        let text = fs::read_to_string(plugin.join(file)).unwrap_or_default();
        for language in ["c", "go", "rust"] {
            let path = sdk.join(language).display().to_string();
            assert!(!text.contains(&format!("{path}/")), "{file}: {text}");
            assert!(!text.contains(&format!("{path}\"")), "{file}: {text}");
        }
    }
    let linked = plugin.join("node_modules/oslo-messaging-guest");
    if let Ok(target) = fs::read_link(linked) {
        assert!(!target.starts_with(&sdk), "{}", target.display());
    }
}

/// What a program prints beside the servers of the demo, in memory.
fn run(component: &Path) -> String {
    let output = program()
        .args(["run", "--time-limit", "120", "--serve-demo"])
        .env("OSLO_PLUGIN_CACHE", compiled().unwrap())
        .arg(component)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Its method is called over the broker, and raises what it should.
fn serves(component: &Path) {
    let (url, topic) = (transport_url().unwrap(), unique_name("author"));
    let mut serving = Ended(
        program()
            .args(["serve", "--transport", &url, "--topic", &topic])
            .args(["--server", "host-1"])
            .env("OSLO_PLUGIN_CACHE", compiled().unwrap())
            .arg(component)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut ready = String::new();
    let printed = serving.0.stdout.take().unwrap();
    BufReader::new(printed).read_line(&mut ready).unwrap();
    assert!(ready.contains(&topic), "{ready}");
    let call = |divisor: &str| {
        let over = ["call", "--transport", &url, "--topic", &topic];
        let mut call = program();
        let output = call.args(over).args(["divide", "a=7", divisor]).output();
        let output = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (code, printed, errors) = call("b=2");
    assert_eq!((code, printed.as_str()), (Some(0), "3.5\n"), "{errors}");
    let (code, _, errors) = call("b=0");
    assert_eq!(code, Some(7), "{errors}");
    assert!(errors.contains("ZeroDivisionError"), "{errors}");
}

/// The policy file beside it runs it, and what it prints is in the log.
fn handles(plugin: &Path) {
    let (url, topic) = (transport_url().unwrap(), unique_name("author"));
    let file = plugin.join("plugins.toml");
    let policy = fs::read_to_string(&file).unwrap();
    fs::write(plugin.join("url"), &url).unwrap();
    let policy = policy
        .replace("{ env = \"TRANSPORT_URL\" }", "{ file = \"url\" }")
        .replace("topic = \"notifications\"", &format!("topic = \"{topic}\""));
    fs::write(&file, policy).unwrap();
    let daemon = Daemon::start(&file.display().to_string());
    daemon.says(&["served", &topic]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let transport = Transport::new(&url).unwrap();
        let notifier = Notifier::new(&transport, "compute.host-1").topics([topic.as_str()]);
        let payload = json!({"id": 7});
        let context = json!({});
        let sent = notifier.info(&context, "compute.instance.create.end", &payload);
        sent.await.unwrap();
    });
    let line = daemon.says(&["there is news of"]);
    assert!(line.contains('7'), "{line}");
    daemon.ends("-TERM");
}

/// A process that ends with its test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let id = self.0.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let _ = self.0.wait();
    }
}
