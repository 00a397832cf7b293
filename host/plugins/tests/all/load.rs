//! What keeps plugins from being run is told at once, before anything runs.

use crate::world::{RELAY, World, command, relay_policy};

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    world.write("command.wasm", command("(i32.const 0)"));
    world.write("module.wasm", wat::parse_str("(module)").unwrap());
    world.write("text.wasm", "(component)");
    world.write("other.wasm", "MZ");
    let imports =
        r#"(component (import "acme:secrets/vault@1.0.0" (instance (export "get" (func)))))"#;
    world.write("imports.wasm", wat::parse_str(imports).unwrap());
    let plugin = |name: &str, rest: &str| format!("[plugins.{name}]\ncomponent = \"{rest}\n");
    let on = |name: &str, trigger: &str| format!("[[plugins.{name}.on]]\n{trigger}\n");
    let text = [
        "[transports.missing]\nurl = { env = \"OSLO_TEST_NO_SUCH_VARIABLE\" }".to_owned(),
        "[transports.wrong]\nurl = \"rabbit://user:secret@host:port/\"".to_owned(),
        "[http]\nlisten = \"127.0.0.1:0\"".to_owned(),
        plugin("a-missing", "nowhere.wasm\""),
        plugin("b-module", "module.wasm\""),
        plugin("c-text", "text.wasm\""),
        plugin("d-other", "other.wasm\""),
        plugin("e-imports", "imports.wasm\""),
        plugin(
            "f-pinned",
            &format!("relay.wasm\"\nsha256 = \"{}\"", "0".repeat(64)),
        ),
        plugin("g-triggers", "relay.wasm\""),
        on("g-triggers", "every = \"1s\""),
        on("g-triggers", "cron = \"* * * * *\""),
        on(
            "g-triggers",
            "notification = { topic = \"n\", priority = \"info\" }",
        ),
        on("g-triggers", "http = { path = \"/x\" }"),
        plugin("h-command", "command.wasm\""),
        on("h-command", "rpc = { topic = \"h\", server = \"one\" }"),
        relay_policy("good", ""),
    ];
    let problems = world.refused(&text.join("\n")).to_string();
    let folder = world.folder.path().to_string_lossy().into_owned();
    let problems = problems.replace(&folder, "FOLDER");
    let lines: Vec<_> = problems.lines().collect();
    let expected = [
        "transport `missing`: the environment variable `OSLO_TEST_NO_SUCH_VARIABLE` is not set, or not UTF-8; set it to the secret",
        "transport `wrong`: ",
        "plugin `a-missing`: FOLDER/nowhere.wasm cannot be read: No such file or directory (os error 2)",
        "plugin `b-module`: FOLDER/module.wasm is a core WebAssembly module, not a component; make a component of it, as with `wasm-tools component new`",
        "plugin `c-text`: FOLDER/text.wasm is WebAssembly text, not a binary; make a binary of it, as with `wasm-tools parse`",
        "plugin `d-other`: FOLDER/other.wasm is not WebAssembly",
        "plugin `e-imports`: it imports what this host does not have: acme:secrets/vault@1.0.0; `oslo-plugin inspect` shows which imports a host has",
        "plugin `f-pinned`: its component has the hash ",
        "plugin `g-triggers`: its trigger `every` needs a component that exports wasi:cli/run@0.2 or @0.3; `oslo-plugin inspect` shows what it exports",
        "plugin `g-triggers`: its trigger `cron` needs ",
        "plugin `g-triggers`: its trigger `notification` needs a component that exports oslo:messaging/notification-endpoint or ",
        "plugin `g-triggers`: its trigger `http` needs a component that exports wasi:http/incoming-handler@0.2; ",
        "plugin `h-command`: its trigger `rpc` needs a component that exports oslo:messaging/rpc-endpoint or ",
    ];
    assert_eq!(lines.len(), expected.len(), "{problems}");
    for (line, start) in lines.iter().zip(expected) {
        assert!(line.starts_with(start), "{line}\nis not\n{start}");
    }
    assert!(!problems.contains("secret@"), "{problems}");

    // A first start is all or nothing.
    let policy = world.policy(&text.join("\n"));
    let refused = world.host.apply_all(&policy, &world.file()).await;
    assert_eq!(refused.unwrap_err().iter().count(), expected.len());
    assert!(world.host.plugins().is_empty());
}

#[tokio::test]
async fn a_pinned_component_runs_and_another_in_its_place_does_not() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    world.apply(&relay_policy("pinned", "")).await;
    let sha256 = world.plugin("pinned").sha256;
    let pinned =
        relay_policy("pinned", "").replace("\n[[", &format!("\nsha256 = \"{sha256}\"\n[["));
    world.apply(&pinned).await;
    world.write_relay("relay.wasm", 2);
    let change = world
        .host
        .apply(&world.policy(&pinned), &world.file())
        .await;
    assert!(change.has_problem_of("pinned"), "{change:?}");
    assert_eq!(world.call("pinned", "version").await, 1);
}

#[tokio::test]
async fn what_a_plugin_says_wrong_of_itself_is_told_when_it_is_started() {
    let world = World::new();
    let module = include_str!("components/relay.wat").replace("VERSION", "1");
    let traps = module.replace(
        "(i32.const 0x280))\n\n  (func $text",
        "unreachable)\n\n  (func $text",
    );
    assert_ne!(module, traps);
    let imports = format!("{RELAY} include oslo:messaging/rpc-server@0.1.0;");
    world.write("relay.wasm", crate::world::component(&imports, &traps));
    let policy = world.policy(&relay_policy("trapping", ""));
    let change = world.host.apply(&policy, &world.file()).await;
    let [problem] = &*change.problems else {
        panic!("{change:?}")
    };
    let told = problem.to_string();
    let says = "plugin `trapping`: rpc `trapping.one`: the plugin cannot say what it serves: ";
    assert!(told.starts_with(says), "{told}");
    assert!(world.host.plugins().is_empty());
}
