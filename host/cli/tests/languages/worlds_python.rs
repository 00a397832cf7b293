//! A plugin in Python for a world of its own, which exports functions and an interface.

use std::fs;

use oslo_messaging::Transport;
use oslo_messaging_wasmtime::{
    MessagingCtx, MessagingCtxView, MessagingView, Unrestricted, add_to_linker,
};
use wasmtime::component::{Component, Instance, Linker, ResourceTable};
use wasmtime::{Engine, Store};

use crate::fresh::build;

#[tokio::test]
async fn a_plugin_exports_functions_and_interfaces() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("worldly");
    fs::create_dir_all(plugin.join("wit")).unwrap();
    fs::write(plugin.join("wit/world.wit"), WORLD).unwrap();
    fs::write(plugin.join("plugin.py"), PLUGIN).unwrap();
    build(&plugin);

    let engine = Engine::default();
    let component = Component::from_file(&engine, plugin.join("worldly.wasm")).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    add_to_linker(&mut linker).unwrap();
    let transport = Transport::memory();
    let messaging = MessagingCtx::builder()
        .transport("default", transport)
        .build();
    let state = State {
        messaging,
        table: ResourceTable::new(),
    };
    let mut store = Store::new(&engine, state);
    let instance = linker
        .instantiate_async(&mut store, &component)
        .await
        .unwrap();

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

struct State {
    messaging: MessagingCtx,
    table: ResourceTable,
}

impl MessagingView for State {
    fn messaging(&mut self) -> MessagingCtxView<'_> {
        MessagingCtxView {
            ctx: &mut self.messaging,
            table: &mut self.table,
            hooks: Unrestricted::hooks(),
        }
    }
}
