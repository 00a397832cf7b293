//! The plugins, each as a server that keeps one instance.

use oslo_messaging::{RpcServer, Target, Transport};
use oslo_messaging_wasmtime::{Instances, PluginEndpoints};

use crate::component::Components;

/// Languages, and their components.
pub(crate) const LANGUAGES: [(&str, &str); 6] = [
    ("rust", "served"),
    ("rust-async", "served-async"),
    ("python", "served-python"),
    ("javascript", "served-javascript"),
    ("go", "served-go"),
    ("c", "served-c"),
];

/// Serves a plugin under a topic, as the server `s1`.
pub(crate) async fn serve(
    components: &Components,
    component: &str,
    transport: &Transport,
    topic: &str,
) -> Result<RpcServer, String> {
    let linked = components.linked(component)?;
    let endpoints = PluginEndpoints::new(linked, components.stores(transport))
        .map_err(|error| error.to_string())?;
    let endpoints = endpoints.instances(Instances::Kept(1));
    let target = Target::topic(topic).server("s1");
    let server = endpoints.server(transport, target).await;
    let server = server.map_err(|error| error.to_string())?;
    server
        .ping(true)
        .start()
        .await
        .map_err(|error| error.to_string())
}
