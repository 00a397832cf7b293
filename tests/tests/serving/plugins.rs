//! The plugins, each as a server that keeps one instance.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use oslo_messaging::{NotificationListener, RpcServer, Target, Transport};
use oslo_messaging_tests::peer::guests;
use oslo_messaging_wasmtime::{Instances, MessagingCtx, PluginEndpoints, PluginNotifications};
use wasmtime::Store;
use wasmtime::component::InstancePre;

use crate::linked::{Linking, store};
use crate::state::State;

/// Languages, and their components that serve.
pub(crate) const LANGUAGES: [(&str, &str); 7] = [
    ("rust", "served"),
    ("rust-async", "served-async"),
    ("python", "served-python"),
    ("python-async", "served-python-async"),
    ("javascript", "served-javascript"),
    ("go", "served-go"),
    ("c", "served-c"),
];

pub(crate) struct Plugins {
    folder: PathBuf,
    linking: Linking,
    linked: Mutex<HashMap<String, Arc<OnceLock<Linked>>>>,
}

type Linked = Result<InstancePre<State>, String>;

impl Plugins {
    pub(crate) fn new() -> Self {
        Self {
            folder: guests().expect("it is said where the plugins are"),
            linking: Linking::new(),
            linked: Mutex::default(),
        }
    }

    /// Serves a plugin under a topic, as the server `s1`.
    pub(crate) async fn serve(
        &self,
        component: &str,
        transport: &Transport,
        topic: &str,
    ) -> Result<RpcServer, String> {
        let kept = Instances::Kept(1);
        self.serve_in(component, transport, topic, kept).await
    }

    /// The same in these instances.
    pub(crate) async fn serve_in(
        &self,
        component: &str,
        transport: &Transport,
        topic: &str,
        instances: Instances,
    ) -> Result<RpcServer, String> {
        let endpoints = PluginEndpoints::new(self.linked(component)?, self.stores(transport, &[]))
            .map_err(|error| error.to_string())?;
        let endpoints = endpoints.instances(instances);
        let target = Target::topic(topic).server("s1");
        let server = endpoints.server(transport, target).await;
        let server = server.map_err(|error| error.to_string())?;
        server
            .ping(true)
            .start()
            .await
            .map_err(|error| error.to_string())
    }

    /// Has a plugin handle the notifications of a topic, one after the other, which notifies others.
    pub(crate) async fn listen(
        &self,
        component: &str,
        transport: &Transport,
        topic: &str,
        others: &[&str],
    ) -> Result<NotificationListener, String> {
        let plugin =
            PluginNotifications::new(self.linked(component)?, self.stores(transport, others))
                .map_err(|error| error.to_string())?;
        let endpoint = plugin.instances(Instances::Kept(1)).endpoint().await;
        NotificationListener::builder(transport, [Target::topic(topic)])
            .endpoint(endpoint.map_err(|error| error.to_string())?)
            .allow_requeue(true)
            .concurrency(1)
            .start()
            .await
            .map_err(|error| error.to_string())
    }

    /// Compiled once, which takes long for some.
    fn linked(&self, component: &str) -> Result<InstancePre<State>, String> {
        let cell = {
            let mut all = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(component.to_owned()).or_default())
        };
        let linked = cell.get_or_init(|| {
            let path = self.folder.join(component).with_extension("wasm");
            self.linking
                .link(&path)
                .map_err(|error| format!("{}: {error:#}", path.display()))
        });
        linked.clone()
    }

    fn stores(
        &self,
        transport: &Transport,
        topics: &[&str],
    ) -> impl Fn() -> Store<State> + Send + Sync + use<> + 'static {
        let granted = MessagingCtx::builder()
            .transport("default", transport.clone())
            .notification_topics("default", topics.iter().copied());
        let engine = self.linking.engine().clone();
        move || store(&engine, granted.clone().build())
    }
}
