use std::collections::HashMap;
use std::fmt;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

use super::Context;
use crate::remote_error::RemoteError;

/// Methods under one namespace and version. Only what is registered can be called.
pub struct Endpoint {
    pub(super) namespaces: Vec<Option<String>>,
    pub(super) version: String,
    pub(super) methods: HashMap<String, Method>,
}

pub(super) type Method =
    Box<dyn Fn(Context, Box<RawValue>) -> BoxFuture<'static, Reply> + Send + Sync>;
pub(super) type Reply = Result<Box<RawValue>, RemoteError>;

impl Endpoint {
    /// Methods without namespace, of version 1.0.
    #[must_use]
    pub fn new() -> Self {
        Self {
            namespaces: vec![None],
            version: "1.0".to_owned(),
            methods: HashMap::new(),
        }
    }

    /// Sets the namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespaces = vec![Some(namespace.into())];
        self
    }

    /// Accepts a further namespace, none for the unnamed one (upstream's `legacy_namespaces`).
    #[must_use]
    pub fn legacy_namespace(mut self, namespace: Option<&str>) -> Self {
        self.namespaces.push(namespace.map(ToOwned::to_owned));
        self
    }

    /// Sets the version that the methods implement: requests of the same major version and at
    /// most this minor one are served.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Adds a method. Its arguments are read from the JSON object of keyword arguments into `A`,
    /// and what it returns is the result; an error reaches the caller as an exception. Arguments
    /// that do not fit reach the caller as a `TypeError`, and a panic as a `RuntimeError`.
    #[must_use]
    pub fn method<A, R, F, Fut>(mut self, name: impl Into<String>, method: F) -> Self
    where
        A: DeserializeOwned,
        R: Serialize,
        F: Fn(Context, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, RemoteError>> + Send + 'static,
    {
        let name = name.into();
        let called = name.clone();
        self.methods.insert(
            name,
            Box::new(move |context, args| {
                let args = serde_json::from_str(args.get()).map_err(|error| {
                    RemoteError::new("builtins", "TypeError", format!("{called}(): {error}"))
                });
                // The method makes its future at once, and may panic doing it.
                let running = args.map(|args| {
                    std::panic::catch_unwind(AssertUnwindSafe(|| method(context, args)))
                });
                let called = called.clone();
                async move {
                    let panicked = || {
                        let message = format!("{called}() panicked");
                        RemoteError::new("builtins", "RuntimeError", message)
                    };
                    let running = running?.map_err(|_| panicked())?;
                    let result = AssertUnwindSafe(running)
                        .catch_unwind()
                        .await
                        .map_err(|_| panicked())??;
                    to_raw_value(&result).map_err(|error| {
                        RemoteError::new("builtins", "ValueError", format!("{called}(): {error}"))
                    })
                }
                .boxed()
            }),
        );
        self
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut methods: Vec<_> = self.methods.keys().collect();
        methods.sort();
        f.debug_struct("Endpoint")
            .field("namespaces", &self.namespaces)
            .field("version", &self.version)
            .field("methods", &methods)
            .finish()
    }
}

/// Upstream's endpoint of `rpc_ping_enabled`.
pub(super) fn ping() -> Endpoint {
    #[derive(serde::Deserialize)]
    struct Anything {}

    Endpoint::new().method("oslo_rpc_server_ping", |_, Anything {}: Anything| async {
        Ok("pong")
    })
}
