use wasmtime::component::{HasData, Linker, ResourceTable};

use crate::{Ctx, Hooks, bindings, plain};

/// Where this crate finds its state in the data of a store.
pub trait View: Send {
    /// Borrows it.
    fn oslo_messaging(&mut self) -> CtxView<'_>;
}

/// What host functions work on: parts of a store's data.
pub struct CtxView<'a> {
    /// The guest's transports, limits and time.
    pub ctx: &'a mut Ctx,
    /// The guest's resources, which may hold those of other interfaces as well.
    pub table: &'a mut ResourceTable,
    /// The embedder's decisions; [`default_hooks`](crate::default_hooks) if it makes none.
    pub hooks: &'a mut dyn Hooks,
}

/// Stands for [`CtxView`] in the type parameters of the generated `add_to_linker` functions in
/// [`bindings`].
#[derive(Clone, Copy, Debug)]
pub struct OsloMessaging;

impl HasData for OsloMessaging {
    type Data<'a> = CtxView<'a>;
}

/// Adds the whole package: `types`, `rpc-client` and `rpc-client-async`.
///
/// # Errors
///
/// When the linker has one of them already and does not allow shadowing, or when
/// [`Config::concurrency_support`](wasmtime::Config::concurrency_support) is turned off, which
/// leaves [`plain::add_to_linker`].
pub fn add_to_linker<T: View + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    add_to_linker_with(linker, T::oslo_messaging)
}

/// As [`add_to_linker`], for store data that does not implement [`View`].
///
/// # Errors
///
/// As `add_to_linker`.
pub fn add_to_linker_with<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> CtxView<'_>,
) -> wasmtime::Result<()> {
    plain::add_to_linker_with(linker, view)?;
    bindings::rpc_client_async::add_to_linker::<T, OsloMessaging>(linker, view)
}
