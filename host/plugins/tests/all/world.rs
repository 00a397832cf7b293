//! A folder with components and a policy, a host of its plugins, and who calls them.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{
    Context, Endpoint, Error, RemoteError, RpcClient, RpcServer, Target, Transport,
};
use oslo_messaging_plugins::{Change, LoadProblems, PluginHost, PluginHostBuilder, PluginStatus};
use oslo_messaging_policy::Policy;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub(crate) use crate::components::{RELAY, answering, component, relay};

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) host: Arc<PluginHost>,
    /// What the policies call `default`.
    pub(crate) transport: Transport,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of(PluginHost::builder().instances(64))
    }

    pub(crate) fn of(host: PluginHostBuilder) -> Self {
        let transport = Transport::memory();
        let host = host.transport("default", transport.clone());
        Self {
            folder: TempDir::new().unwrap(),
            host: Arc::new(host.build().unwrap()),
            transport,
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("plugins.toml")
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        // At once, as whoever deploys should.
        let path = self.folder.path().join(name);
        let new = path.with_extension("new");
        fs::write(&new, bytes).unwrap();
        fs::rename(new, path).unwrap();
    }

    /// Writes a [`relay`].
    pub(crate) fn write_relay(&self, name: &str, version: u8) {
        self.write(name, relay(version));
    }

    /// A policy with the transport `default`.
    pub(crate) fn policy(&self, text: &str) -> Policy {
        let text = format!("[transports.default]\nurl = \"memory://\"\n{text}");
        Policy::parse(&self.file().to_string_lossy(), &text).unwrap()
    }

    /// Applies a policy to which nothing may be wrong.
    pub(crate) async fn apply(&self, text: &str) -> Change {
        let change = self.host.apply(&self.policy(text), &self.file()).await;
        assert_eq!(change.problems, [], "{text}");
        change
    }

    pub(crate) fn refused(&self, text: &str) -> LoadProblems {
        let checked = self.host.check(&self.policy(text), &self.file());
        checked.unwrap_err()
    }

    /// A server of what plugins call: `get_free` and `reboot` give back what they get, `hold` takes a
    /// while.
    pub(crate) async fn compute(&self) -> RpcServer {
        let echo = |context: Context, args: Value| async move {
            let values = context.iter();
            let context: Map<_, _> = values
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect();
            Ok::<_, RemoteError>(json!({"context": context, "args": args}))
        };
        let endpoint = Endpoint::new()
            .method("get_free", echo)
            .method("reboot", echo)
            .method("hold", |_, _: Value| async {
                tokio::time::sleep(HOLD).await;
                Ok::<_, RemoteError>("held")
            });
        RpcServer::builder(&self.transport, Target::topic("compute").server("host-1"))
            .endpoint(endpoint)
            .start()
            .await
            .unwrap()
    }

    pub(crate) async fn call_with(
        &self,
        topic: &str,
        method: &str,
        context: &Value,
    ) -> Result<Value, Error> {
        let client = RpcClient::new(&self.transport, Target::topic(topic));
        client.call(context, method, &json!({})).await
    }

    pub(crate) async fn call(&self, topic: &str, method: &str) -> Value {
        let called = self.call_with(topic, method, &json!({})).await;
        called.unwrap_or_else(|error| panic!("{topic}.{method}: {error}"))
    }

    /// Waits until calls give this, and nothing else any more: for a moment there are two versions.
    pub(crate) async fn settles(&self, topic: &str, method: &str, expected: &Value) {
        let mut right = 0;
        for _ in 0..1000 {
            let answer = self.call_with(topic, method, &json!({})).await;
            right = match answer {
                Ok(answer) if answer == *expected => right + 1,
                _ => 0,
            };
            if right == 10 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{topic}.{method} is never {expected}");
    }

    pub(crate) async fn raised(&self, topic: &str, method: &str) -> RemoteError {
        match self.call_with(topic, method, &json!({})).await {
            Err(Error::Remote(error)) => *error,
            other => panic!("{topic}.{method}: {other:?}"),
        }
    }

    pub(crate) fn plugin(&self, name: &str) -> PluginStatus {
        let mut plugins = self.host.plugins().into_iter();
        plugins.find(|plugin| plugin.name == name).unwrap()
    }
}

/// A plugin that serves a topic of its own name, with more of a policy.
pub(crate) fn relay_policy(name: &str, more: &str) -> String {
    format!(
        "[plugins.{name}]\ncomponent = \"relay.wasm\"\n\
         [[plugins.{name}.on]]\nrpc = {{ topic = \"{name}\", server = \"one\" }}\n{more}\n"
    )
}

/// A command whose `run` is this code, which leaves 0 for success or 1.
pub(crate) fn command(code: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "run") (result i32) {code}))
            (core instance $i (instantiate $m))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $r (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $r)))"#
    );
    wat::parse_str(text).unwrap()
}

/// Waits until something is so, which it has to be soon.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    assert!(waited.is_ok(), "{what}");
}

pub(crate) const HOLD: Duration = Duration::from_millis(400);
