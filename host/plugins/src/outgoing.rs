//! HTTP requests that a plugin sends: none; and how much of the host's memory it gets by making them.

use std::sync::Arc;

use http::{Request, Response};
use oslo_messaging_wasmtime::Denied;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::p2::bindings::http::types::{
    HostOutgoingRequest as _, Method, OutgoingRequest,
};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, WasiHttpView as _};

use crate::hooks::{DEFAULT, Permissions};
use crate::output::start;
use crate::store::State;

/// Denies every request, and tells of it as of any other denial. Many toolchains import what sends requests
/// whether or not a plugin does, so that the import alone is no reason to refuse it.
pub(crate) struct NoOutgoing {
    permissions: Arc<Permissions>,
}

impl NoOutgoing {
    pub(crate) const fn new(permissions: Arc<Permissions>) -> Self {
        Self { permissions }
    }
}

/// What a request has of its own to end with, which nobody asks for.
type Rest = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for NoOutgoing {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Rest,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Rest), Error>> + Send> {
        let host = request.uri().host().unwrap_or_default();
        let host = start(host, 255);
        let why = format!(
            "an HTTP request to `{}` is denied: no rule can allow one",
            host.escape_debug()
        );
        self.permissions.refused(&Denied::access(DEFAULT, why));
        Box::new(async { Err(Error::HttpRequestDenied) })
    }

    /// What waits in a body is the host's memory, and a guest may have thousands of them.
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        4096
    }
}

/// Takes no methods but those of HTTP itself: others are texts of any length, which the host would keep for a
/// request that is never sent.
///
/// # Errors
/// When the linker does not have `wasi:http/types` yet.
pub(crate) fn bound_methods(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    linker.instance(TYPES)?.func_wrap(
        "[method]outgoing-request.set-method",
        |mut store: StoreContextMut<'_, State>,
         (request, method): (Resource<OutgoingRequest>, Method)| {
            if matches!(method, Method::Other(_)) {
                return Ok((Err(()),));
            }
            let set = store.data_mut().http().set_method(request, method)?;
            Ok((set,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// As `wasmtime-wasi-http` has it.
const TYPES: &str = "wasi:http/types@0.2.12";
