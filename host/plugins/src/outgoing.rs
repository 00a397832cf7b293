//! HTTP requests that a plugin sends: none.

use std::sync::Arc;

use http::{Request, Response};
use oslo_messaging_wasmtime::Denied;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::hooks::{DEFAULT, Permissions};

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
        let why = format!(
            "an HTTP request to `{}` is denied: no rule can allow one",
            host.escape_debug()
        );
        self.permissions.refused(&Denied::access(DEFAULT, why));
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}
