//! Where HTTP requests come in.

use std::collections::BTreeMap;

use crate::file::tables::{ListenTable, PluginTable};
use crate::file::{At, Told};
use crate::plugin::Http;
use crate::value::Count;

/// Tells of requests that nobody would hear, and of listening in vain.
pub(super) fn http(
    table: Option<&At<ListenTable>>,
    plugins: &BTreeMap<String, At<PluginTable>>,
    told: &mut Told,
) -> Option<Http> {
    let triggers = plugins
        .values()
        .flat_map(|plugin| plugin.on.iter().flat_map(|on| &on.value));
    let mut paths = triggers.filter_map(|trigger| trigger.http.as_ref());
    let Some(table) = table else {
        // Without a listener each is wrong, and one mistake is one message.
        if let Some(path) = paths.next()
            && !told.is_wrong("http")
        {
            let remedy = "add `[http]` with `listen = \"127.0.0.1:8080\"`";
            told.error(&path.spot, "no address is listened at for HTTP", remedy);
        }
        return None;
    };
    if paths.next().is_none() && !told.is_wrong("plugins") {
        let remedy = "start a plugin by `http`, or remove it";
        told.warning(&table.spot, "no trigger uses it", remedy);
    }
    let ListenTable {
        listen,
        connections,
    } = &table.value;
    Some(Http {
        connections: connections
            .as_ref()
            .map_or(Count::at_least_one(256), |it| it.value),
        listen: listen.value.0,
    })
}
