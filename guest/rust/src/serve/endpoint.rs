use std::collections::BTreeMap;
use std::fmt;
use std::future::ready;
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Exception, Request};
use crate::finite::Finite;

/// Methods under one namespace and version.
pub struct Endpoint {
    pub(crate) namespace: Option<String>,
    pub(crate) legacy_namespaces: Vec<Option<String>>,
    pub(crate) version: Option<String>,
    pub(crate) methods: BTreeMap<String, Method>,
}

type Method = Box<dyn Fn(Request, &str) -> Answer>;
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<String, Exception>>>>;

impl Endpoint {
    /// Methods without namespace, of version 1.0.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            namespace: None,
            legacy_namespaces: Vec::new(),
            version: None,
            methods: BTreeMap::new(),
        }
    }

    /// Sets the namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Accepts a further namespace, none for the unnamed one.
    #[must_use]
    pub fn legacy_namespace(mut self, namespace: Option<&str>) -> Self {
        self.legacy_namespaces
            .push(namespace.map(ToOwned::to_owned));
        self
    }

    /// Sets the version that the methods implement, `major.minor`: requests of the same major version
    /// and at most this minor one are served.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Adds a method. Its arguments are read from the JSON object of keyword arguments into `A`, for
    /// which `()` takes none and a `Box<serde_json::value::RawValue>` whatever comes. Arguments that do not
    /// fit reach the caller as a `TypeError`, a result that does not become JSON as a `ValueError`.
    #[must_use]
    pub fn method<A, R>(
        mut self,
        name: &str,
        method: impl Fn(Request, A) -> Result<R, Exception> + 'static,
    ) -> Self
    where
        A: DeserializeOwned,
        R: Serialize,
    {
        let called = name.to_owned();
        let run = move |request, args: &str| -> Answer {
            let result = read(&called, args)
                .and_then(|args| method(request, args))
                .and_then(|result| write(&called, &result));
            Box::pin(ready(result))
        };
        self.methods.insert(name.to_owned(), Box::new(run));
        self
    }

    /// Adds a method that waits with `async`, for a plugin that
    /// [`serve_async!`](crate::serve_async!) exports. Else as [`method`](Self::method).
    #[must_use]
    pub fn method_async<A, R, F>(
        mut self,
        name: &str,
        method: impl Fn(Request, A) -> F + 'static,
    ) -> Self
    where
        A: DeserializeOwned,
        R: Serialize,
        F: Future<Output = Result<R, Exception>> + 'static,
    {
        let called = name.to_owned();
        let run = move |request, args: &str| -> Answer {
            match read(&called, args) {
                Err(exception) => Box::pin(ready(Err(exception))),
                Ok(args) => {
                    let (running, called) = (method(request, args), called.clone());
                    Box::pin(async move { write(&called, &running.await?) })
                }
            }
        };
        self.methods.insert(name.to_owned(), Box::new(run));
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
        f.debug_struct("Endpoint")
            .field("namespace", &self.namespace)
            .field("legacy_namespaces", &self.legacy_namespaces)
            .field("version", &self.version)
            .field("methods", &self.methods.keys())
            .finish()
    }
}

fn read<A: DeserializeOwned>(method: &str, args: &str) -> Result<A, Exception> {
    let args = serde_json::from_str(args).or_else(|error| {
        // A method without arguments takes `()`.
        let is_empty = args.trim_start().strip_prefix('{').map(str::trim) == Some("}");
        if is_empty {
            serde_json::from_str("null").map_err(|_| error)
        } else {
            Err(error)
        }
    });
    args.map_err(|error| Exception::new("builtins", "TypeError", format!("{method}(): {error}")))
}

fn write(method: &str, result: &impl Serialize) -> Result<String, Exception> {
    serde_json::to_string(&Finite(result))
        .map_err(|error| Exception::new("builtins", "ValueError", format!("{method}(): {error}")))
}
