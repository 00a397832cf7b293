//! What can be there only once in a file.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::file::tables::{OnTable, PluginTable};
use crate::file::{At, Spot, Told};
use crate::value::Name;

/// Tells what starts two plugins, or one plugin twice.
pub(super) fn tell(plugins: &BTreeMap<String, At<PluginTable>>, told: &mut Told) {
    let mut first = BTreeMap::new();
    for (name, plugin) in plugins {
        for trigger in plugin.on.iter().flat_map(|on| &on.value) {
            let Some(start) = start(name, trigger) else {
                continue;
            };
            match first.entry(start.what) {
                Entry::Vacant(entry) => {
                    entry.insert(&trigger.spot.key);
                }
                Entry::Occupied(entry) => {
                    let message =
                        format!("`{}` is started by the same {}", entry.get(), entry.key().0);
                    if start.is_shared {
                        let remedy = "give each a `pool`, or they share them out";
                        told.warning(start.spot, message, remedy);
                    } else {
                        told.error(start.spot, message, "remove one of them");
                    }
                }
            }
        }
    }
}

/// What starts a plugin, as far as it can be there only once.
struct Start<'a> {
    /// The others are started too, but by other messages.
    is_shared: bool,
    spot: &'a Spot,
    /// What it is, and all that tells it from others.
    what: (&'static str, Vec<String>),
}

fn start<'a>(plugin: &str, trigger: &'a At<OnTable>) -> Option<Start<'a>> {
    let text = |name: Option<&At<Name>>| name.map(|it| it.value.to_string()).unwrap_or_default();
    let over = |name: Option<&At<Name>>| name.map_or("default", |it| it.as_str()).to_owned();
    let once = |spot, what, names| {
        Some(Start {
            is_shared: false,
            spot,
            what: (what, names),
        })
    };
    if let Some(rpc) = &trigger.rpc {
        let exchange = rpc.exchange.as_ref().map(|it| it.value.to_string());
        let names = vec![
            over(rpc.transport.as_ref()),
            exchange.unwrap_or_default(),
            rpc.topic.value.to_string(),
            rpc.server.value.to_string(),
        ];
        return once(&rpc.spot, "target", names);
    }
    if let Some(http) = &trigger.http {
        return once(&http.spot, "path", vec![http.path.value.0.clone()]);
    }
    if let Some(every) = &trigger.every {
        return once(
            &every.spot,
            "timer",
            vec![plugin.to_owned(), every.value.to_string()],
        );
    }
    if let Some(cron) = &trigger.cron {
        return once(
            &cron.spot,
            "timer",
            vec![plugin.to_owned(), cron.value.to_string()],
        );
    }
    let notification = trigger.notification.as_ref()?;
    let exchange = notification
        .exchange
        .as_ref()
        .map(|it| it.value.to_string());
    Some(Start {
        is_shared: true,
        spot: &notification.spot,
        what: (
            "notifications",
            vec![
                over(notification.transport.as_ref()),
                exchange.unwrap_or_default(),
                notification.topic.value.to_string(),
                text(notification.pool.as_ref()),
            ],
        ),
    })
}
