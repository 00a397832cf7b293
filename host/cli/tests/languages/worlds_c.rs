//! Plugins in C for worlds with endpoints, whose authors left something out: no instance traps, and the
//! operator is told what it is.

use std::error::Error as _;
use std::fs;
use std::process::Command;

use oslo_messaging_tests::peer::compiled;
use oslo_messaging_wasmtime::{MessagingCtx, PluginNotifications};
use tempfile::TempDir;

use crate::fresh;
use crate::linked::{Linking, store};

#[test]
fn a_method_without_a_function_or_a_name_is_told() {
    for (methods, says) in [
        (r#"{"find", NULL}"#, "has NULL for its `run`"),
        (r#"{NULL, find}"#, "has NULL for its `name`"),
    ] {
        let text = SERVES.replace("WRONG", methods);
        let component = build("no-method", "rpc-server", &text);
        let output = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"))
            .args(["serve", "--transport", "memory://", "--cache"])
            .arg(compiled().unwrap())
            .args(["--topic", "images", "--server", "host-1"])
            .arg(component.path().join("no-method/no-method.wasm"))
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{errors}");
        assert!(errors.contains(says), "{errors}");
        assert!(!errors.contains("trap"), "{errors}");
    }
}

#[tokio::test]
async fn an_endpoint_that_handles_nothing_is_told() {
    let linking = Linking::new();
    for (fields, says) in [
        (".event_type = \"a\"", "has NULL for its `handle`"),
        (".handle = handle, .rule_count = 1", "rules that are NULL"),
        (
            r#".handle = handle, .event_type = "\xff""#,
            "an `event_type` that is not UTF-8",
        ),
    ] {
        let text = HANDLES.replace("WRONG", fields);
        let component = build("no-handle", "notification-listener", &text);
        let path = component.path().join("no-handle/no-handle.wasm");
        let linked = linking.link(&path).unwrap();
        let engine = linking.engine().clone();
        let new_store = move || store(&engine, MessagingCtx::builder().build());
        let plugin = PluginNotifications::new(linked, new_store);
        let error = plugin.unwrap().endpoint().await.unwrap_err();
        let said = format!("{error} {:?}", error.source());
        assert!(said.contains(says), "{said}");
    }
}

/// A folder with a component of such a world. No two names are the same, because the builds share a folder.
fn build(name: &str, world: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join(name);
    fs::create_dir_all(plugin.join("wit")).unwrap();
    let world =
        format!("package acme:wrong; world plugin {{ include oslo:messaging/{world}@0.1.0; }}");
    fs::write(plugin.join("wit/world.wit"), world).unwrap();
    fs::write(plugin.join("plugin.c"), text).unwrap();
    fresh::build(&plugin);
    folder
}

const SERVES: &str = r#"#include <oslo_messaging_serve.h>

static bool find(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    (void)result;
    return request == NULL && oslo_raise(exception, "builtins", "KeyError", OSLO_STR("find"));
}

static const oslo_method methods[] = {{"lose", find}, WRONG};
const oslo_endpoint oslo_endpoints[] = {{.version = "1.2", OSLO_METHODS(methods)}};
const size_t oslo_endpoint_count = 1;
"#;

const HANDLES: &str = r#"#include <oslo_messaging_notification.h>

oslo_notification_result handle(const oslo_notification *notification);

oslo_notification_result handle(const oslo_notification *notification) {
    return notification == NULL ? OSLO_REQUEUE : OSLO_HANDLED;
}

const oslo_notification_endpoint oslo_notifications = {WRONG};
"#;
