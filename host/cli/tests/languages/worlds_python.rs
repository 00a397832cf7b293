//! A plugin in Python for a world of its own, which exports functions and an interface.

use std::fs;
use std::process::Command;

use oslo_messaging::Transport;
use oslo_messaging_tests::peer::compiled;
use oslo_messaging_wasmtime::MessagingCtx;
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::fresh::build;
use crate::linked::{Linking, store};
use crate::state::State;

#[tokio::test]
async fn a_plugin_exports_functions_and_interfaces() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("worldly");
    fs::create_dir_all(plugin.join("wit")).unwrap();
    fs::write(plugin.join("wit/world.wit"), WORLD).unwrap();
    fs::write(plugin.join("plugin.py"), PLUGIN).unwrap();
    build(&plugin);

    let linking = Linking::new();
    let linked = linking.link(&plugin.join("worldly.wasm")).unwrap();
    let transport = Transport::memory();
    let messaging = MessagingCtx::builder()
        .transport("default", transport)
        .build();
    let mut store = store(linking.engine(), messaging);
    let instance = linked.instantiate_async(&mut store).await.unwrap();

    let greet = instance
        .get_typed_func::<(&str,), (String,)>(&mut store, "greet")
        .unwrap();
    let (greeting,) = greet.call_async(&mut store, ("you",)).await.unwrap();
    assert_eq!(greeting, "hello you, here is default");

    let double = of_interface(&instance, &mut store, "double");
    assert_eq!(double.call_async(&mut store, (21,)).await.unwrap(), (42,));
    let count = of_interface(&instance, &mut store, "count");
    assert_eq!(count.call_async(&mut store, (2,)).await.unwrap(), (2,));
    assert_eq!(count.call_async(&mut store, (3,)).await.unwrap(), (5,));
}

fn of_interface(
    instance: &Instance,
    store: &mut Store<State>,
    name: &str,
) -> wasmtime::component::TypedFunc<(u32,), (u32,)> {
    let interface = instance
        .get_export_index(&mut *store, None, "acme:host/job-handler@0.1.0")
        .unwrap();
    let function = instance
        .get_export_index(&mut *store, Some(&interface), name)
        .unwrap();
    instance.get_typed_func(store, function).unwrap()
}

/// There is no server then; what its author did wrong is on standard error.
#[test]
fn an_endpoint_that_is_none_is_named_where_the_operator_looks() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("no-version");
    fs::create_dir_all(plugin.join("wit")).unwrap();
    fs::write(plugin.join("wit/world.wit"), SERVING).unwrap();
    fs::write(plugin.join("plugin.py"), WRONG).unwrap();
    build(&plugin);
    let output = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"))
        .args(["serve", "--transport", "memory://", "--cache"])
        .arg(compiled().unwrap())
        .args(["--topic", "images", "--server", "host-1"])
        .arg(plugin.join("no-version.wasm"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{errors}");
    let said = "TypeError: `version` is a string or None, not 1.5: endpoint=plugin.Images";
    assert!(errors.contains(said), "{errors}");
}

const SERVING: &str = "package acme:images;

world plugin {
    include oslo:messaging/rpc-server@0.1.0;
}
";

const WRONG: &str = "import oslo_messaging_guest as messaging


class Images:
    target = messaging.Target(version=1.5)

    def find(self, ctxt, name):
        return name


def server():
    transport = messaging.get_rpc_transport()
    return messaging.get_rpc_server(transport, messaging.Target(), [Images()])
";

const WORLD: &str = "package acme:host@0.1.0;

/// Its name is that of an interface of the SDK's.
interface types {
    type amount = u32;
}

interface job-handler {
    use types.{amount};
    double: func(value: amount) -> amount;
    count: func(value: amount) -> amount;
}

world plugin {
    include oslo:messaging/imports@0.1.0;
    export greet: func(name: string) -> string;
    export job-handler;
}
";

const PLUGIN: &str = "import oslo_messaging_guest as messaging


class JobHandler:
    def __init__(self):
        self.counted = 0

    def double(self, value):
        return 2 * value

    def count(self, value):
        self.counted += value
        return self.counted


def greet(name):
    return f'hello {name}, here is {messaging.transports()[0]}'
";
