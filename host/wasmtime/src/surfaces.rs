//! The interfaces of the package in a linker. Each surface is a file that lifts and lowers; what
//! they do is in `rpc.rs`.

use wasmtime::component::{HasData, Linker};

use crate::bindings::{
    client, limits, notification, notifier, notifier_async, rpc, rpc_async, rpc_poll, serving,
    types,
};
use crate::{Denied, Failure, MessagingCtxView, MessagingView};

/// Stands for [`MessagingCtxView`] in the type parameters of the generated `add_to_linker`
/// functions in [`bindings`](crate::bindings).
#[derive(Clone, Copy, Debug)]
pub struct Messaging;

impl HasData for Messaging {
    type Data<'a> = MessagingCtxView<'a>;
}

/// Adds the whole package: `types`, `client`, `limits`, `rpc`, `rpc-poll`, `notifier`, `notification`,
/// `serving`, `rpc-async` and `notifier-async`.
///
/// A guest of `rpc-poll` needs `wasi:io/poll` beside it, which `wasmtime_wasi::p2` adds, or
/// `wasmtime_wasi_io` alone. It works on the same
/// [`ResourceTable`](wasmtime::component::ResourceTable).
///
/// # Errors
///
/// When the linker has one of them already and does not allow shadowing, or when
/// [`Config::concurrency_support`](wasmtime::Config::concurrency_support) is turned off, which
/// leaves [`add_plain_to_linker`].
pub fn add_to_linker<T: MessagingView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    add_to_linker_with(linker, T::messaging)
}

/// As [`add_to_linker`], for store data that does not implement [`MessagingView`].
///
/// # Errors
///
/// As `add_to_linker`.
pub fn add_to_linker_with<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> MessagingCtxView<'_>,
) -> wasmtime::Result<()> {
    add_plain_to_linker_with(linker, view)?;
    rpc_async::add_to_linker::<T, Messaging>(linker, view)?;
    notifier_async::add_to_linker::<T, Messaging>(linker, view)
}

/// Adds the package without `rpc-async` and `notifier-async`.
///
/// It works with [`Config::concurrency_support`](wasmtime::Config::concurrency_support) turned
/// off, where calls are cheaper.
///
/// # Errors
///
/// When the linker has one of the interfaces already and does not allow shadowing.
pub fn add_plain_to_linker<T: MessagingView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    add_plain_to_linker_with(linker, T::messaging)
}

/// As [`add_plain_to_linker`], for store data that does not implement [`MessagingView`].
///
/// # Errors
///
/// As `add_plain_to_linker`.
pub fn add_plain_to_linker_with<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> MessagingCtxView<'_>,
) -> wasmtime::Result<()> {
    types::add_to_linker::<T, Messaging>(linker, view)?;
    client::add_to_linker::<T, Messaging>(linker, view)?;
    limits::add_to_linker::<T, Messaging>(linker, view)?;
    rpc::add_to_linker::<T, Messaging>(linker, view)?;
    rpc_poll::add_to_linker::<T, Messaging>(linker, view)?;
    notifier::add_to_linker::<T, Messaging>(linker, view)?;
    notification::add_to_linker::<T, Messaging>(linker, view)?;
    serving::add_to_linker::<T, Messaging>(linker, view)
}

impl types::Host for MessagingCtxView<'_> {
    fn convert_error(&mut self, failure: Failure) -> wasmtime::Result<types::Error> {
        self.heard(failure)
    }
}

impl MessagingCtxView<'_> {
    /// What the guest gets of a failure, of which the hooks hear if it is a refusal.
    pub(crate) fn heard(&mut self, failure: Failure) -> wasmtime::Result<types::Error> {
        let error = failure.convert()?;
        if let Some(denied) = Denied::of(&error) {
            self.hooks.refused(&denied);
        }
        Ok(error)
    }
}
