//! Plugins that are compiled and linked, in an engine as hosts have it.

use std::path::Path;

use oslo_messaging_plugins::{Kept, engine};
use oslo_messaging_tests::peer::compiled;
use oslo_messaging_wasmtime::{MessagingCtx, add_to_linker};
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, Store};

use crate::state::State;

/// What compiles them, and keeps that from one run to the next: compiling Python or a JavaScript engine takes longer
/// than all tests in it.
pub(crate) struct Linking {
    kept: Kept,
    linker: Linker<State>,
}

impl Linking {
    pub(crate) fn new() -> Self {
        let compiled = compiled().expect("it is said where the plugins are");
        let kept = Kept::in_folder(&compiled).expect("the folder can be made");
        let engine = engine(&kept).expect("the configuration is good");
        let mut linker = Linker::<State>::new(&engine);
        add_to_linker(&mut linker).expect("the linker is empty");
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("nothing of WASI is linked");
        Self { kept, linker }
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.linker.engine()
    }

    /// With this project's interfaces and those of WASI.
    pub(crate) fn link(&self, component: &Path) -> wasmtime::Result<InstancePre<State>> {
        let component = Component::from_file(self.engine(), component)?;
        self.kept.write();
        self.linker.instantiate_pre(&component)
    }
}

/// For an instance, which nobody interrupts.
pub(crate) fn store(engine: &Engine, messaging: MessagingCtx) -> Store<State> {
    let mut store = Store::new(engine, State::new(messaging));
    // Of ticks that nobody counts.
    store.set_epoch_deadline(1);
    store
}
