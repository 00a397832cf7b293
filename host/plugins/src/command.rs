//! Components that are started and end: `wasi:cli/run`, 0.2 and 0.3.

use wasmtime::Store;
use wasmtime::component::{Component, InstancePre};
use wasmtime_wasi::{I32Exit, WasiView, p2, p3};

use crate::component::exports;

/// How a command is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `wasi:cli/run@0.3`: an `async func`.
    Asynchronous,
    /// `wasi:cli/run@0.2`: a plain function.
    Plain,
}

impl Command {
    /// How this component is started; none if it is no command.
    #[must_use]
    pub fn of(component: &Component) -> Option<Self> {
        let exports = exports(component);
        let has = |prefix: &str| exports.iter().any(|name| name.starts_with(prefix));
        if has("wasi:cli/run@0.3.") {
            Some(Self::Asynchronous)
        } else {
            has("wasi:cli/run@0.2.").then_some(Self::Plain)
        }
    }

    /// Starts it and waits for its end: its exit code.
    ///
    /// # Errors
    ///
    /// What it trapped with.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the command is gone; its store is of no more use.
    pub async fn run<T: WasiView + 'static>(
        self,
        store: &mut Store<T>,
        plugin: InstancePre<T>,
    ) -> wasmtime::Result<u8> {
        let ended = match self {
            Self::Asynchronous => run_asynchronous(store, plugin).await,
            Self::Plain => run_plain(store, plugin).await,
        };
        match ended {
            Ok(Ok(())) => Ok(0),
            Ok(Err(())) => Ok(1),
            Err(error) => match error.downcast_ref::<I32Exit>() {
                Some(&I32Exit(code)) => Ok(u8::try_from(code).unwrap_or(1)),
                None => Err(error),
            },
        }
    }
}

async fn run_plain<T: WasiView + 'static>(
    store: &mut Store<T>,
    plugin: InstancePre<T>,
) -> wasmtime::Result<Result<(), ()>> {
    let command = p2::bindings::CommandPre::new(plugin)?;
    let command = command.instantiate_async(&mut *store).await?;
    command.wasi_cli_run().call_run(store).await
}

async fn run_asynchronous<T: WasiView + 'static>(
    store: &mut Store<T>,
    plugin: InstancePre<T>,
) -> wasmtime::Result<Result<(), ()>> {
    let command = p3::bindings::CommandPre::new(plugin)?;
    let command = command.instantiate_async(&mut *store).await?;
    store
        .run_concurrent(async |accessor| command.wasi_cli_run().call_run(accessor).await)
        .await?
}
