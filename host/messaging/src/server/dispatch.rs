//! Which method of which endpoint a request is for. No I/O.

use std::sync::Arc;

use super::endpoint::{Endpoint, Method};
use crate::error::{Error, Result};
use crate::remote_error::RemoteError;
use crate::serializer::Serializer;
use crate::version::Version;
use crate::wire::IncomingRequest;

#[derive(Debug)]
pub(super) struct Dispatcher {
    pub(super) serializer: Option<Arc<dyn Serializer>>,
    endpoints: Vec<(Version, Endpoint)>,
}

impl Dispatcher {
    pub(super) fn new(
        endpoints: Vec<Endpoint>,
        serializer: Option<Arc<dyn Serializer>>,
    ) -> Result<Self> {
        let endpoints = endpoints
            .into_iter()
            .map(|endpoint| match endpoint.version.parse::<Version>() {
                Ok(version) => Ok((version, endpoint)),
                Err(error) => Err(Error::invalid_argument("version", error.to_string())),
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            serializer,
            endpoints,
        })
    }

    /// The method, or the exception that upstream raises in its place.
    pub(super) fn find(&self, request: &IncomingRequest) -> Result<&Method, Box<RemoteError>> {
        let requested = match request.version.as_deref() {
            None => Version::ONE,
            Some(text) => match text.parse() {
                Ok(version) => version,
                Err(_) => return Err(unsupported_version(text, &request.method)),
            },
        };
        let mut served = false;
        for (version, endpoint) in &self.endpoints {
            if endpoint.namespaces.contains(&request.namespace) && version.serves(requested) {
                served = true;
                if let Some(method) = endpoint.methods.get(&request.method) {
                    return Ok(method);
                }
            }
        }
        if served {
            return Err(Box::new(RemoteError::new(
                DISPATCHER,
                "NoSuchMethod",
                format!("Endpoint does not support RPC method {}", request.method),
            )));
        }
        Err(unsupported_version(
            request.version.as_deref().unwrap_or("1.0"),
            &request.method,
        ))
    }
}

fn unsupported_version(version: &str, method: &str) -> Box<RemoteError> {
    Box::new(RemoteError::new(
        DISPATCHER,
        "UnsupportedVersion",
        format!("Endpoint does not support RPC version {version}. Attempted method: {method}"),
    ))
}

const DISPATCHER: &str = "oslo_messaging.rpc.dispatcher";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_found_by_namespace_version_and_method() {
        let endpoint = |method: &str| {
            Endpoint::new().method(method, |_, _: serde_json::Value| async { Ok(()) })
        };
        let endpoints = vec![
            endpoint("a").version("1.3"),
            endpoint("b").version("2.1"),
            endpoint("c")
                .namespace("ns")
                .version("1.0")
                .legacy_namespace(Some("old")),
        ];
        let dispatcher = Dispatcher::new(endpoints, None).unwrap();
        let check = |namespace: Option<&str>, version: Option<&str>, method: &str, found: &str| {
            let request = IncomingRequest {
                method: method.to_owned(),
                args: crate::raw::empty_object(),
                namespace: namespace.map(ToOwned::to_owned),
                version: version.map(ToOwned::to_owned),
                unique_id: None,
                reply_to: None,
                monitor: None,
                context: Vec::new(),
            };
            let class = match dispatcher.find(&request) {
                Ok(_) => "found".to_owned(),
                Err(error) => error.class,
            };
            assert_eq!(class, found, "{namespace:?} {version:?} {method}");
        };
        check(None, None, "a", "found");
        check(None, Some("1.3"), "a", "found");
        check(None, Some("1.4"), "a", "UnsupportedVersion");
        check(None, Some("2.0"), "b", "found");
        check(None, Some("2.0"), "a", "NoSuchMethod");
        check(None, None, "b", "NoSuchMethod");
        check(Some("ns"), None, "c", "found");
        check(Some("old"), None, "c", "found");
        check(Some("other"), None, "c", "UnsupportedVersion");
        check(None, Some(""), "a", "UnsupportedVersion");
        check(None, Some("x"), "a", "UnsupportedVersion");
    }
}
