//! What starts a plugin, out of a file.

use super::Transports;
use crate::file::tables::{NotificationTable, OnTable, RpcTable};
use crate::file::{At, Told};
use crate::plugin::{Schedule, Service, Subscription, Trigger};
use crate::value::Name;

pub(super) fn triggers(
    tables: Option<&At<Vec<At<OnTable>>>>,
    transports: &Transports<'_>,
    told: &mut Told,
) -> Vec<Trigger> {
    let tables = tables.into_iter().flat_map(|tables| &tables.value);
    tables
        .filter_map(|table| trigger(table, transports, told))
        .collect()
}

impl Trigger {
    /// The name of the transport that it listens on, if it does.
    #[must_use]
    pub fn transport(&self) -> Option<&str> {
        match self {
            Self::Notification(subscription) => Some(&subscription.transport),
            Self::Rpc(service) => Some(&service.transport),
            Self::Http { .. } | Self::Timer { .. } => None,
        }
    }

    /// How much of a path of HTTP it is for, if it is.
    pub(super) fn fits_path(&self, path: &str) -> Option<usize> {
        let Self::Http { path: prefix } = self else {
            return None;
        };
        let prefix = prefix.trim_end_matches('/');
        let rest = path.strip_prefix(prefix)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(prefix.len())
    }
}

fn trigger(table: &At<OnTable>, transports: &Transports<'_>, told: &mut Told) -> Option<Trigger> {
    let OnTable {
        rpc,
        notification,
        http,
        every,
        cron,
        overlap,
    } = &table.value;
    if let (Some(overlap), None, None) = (overlap, every, cron) {
        let remedy = "leave it out; how many run at once is said by `instances` and `limits`";
        told.error(&overlap.spot, "this is for timers", remedy);
    }
    // That there is one alone was checked when the table was read.
    if let Some(rpc) = rpc {
        return Some(Trigger::Rpc(service(rpc, transports, told)));
    }
    if let Some(notification) = notification {
        return Some(Trigger::Notification(subscription(
            notification,
            transports,
            told,
        )));
    }
    if let Some(http) = http {
        return Some(Trigger::Http {
            path: http.path.value.0.clone(),
        });
    }
    let schedule = match (every, cron) {
        (Some(every), _) => Schedule::Every(every.duration()),
        (None, Some(cron)) => Schedule::Cron(cron.value.clone()),
        (None, None) => return None,
    };
    Some(Trigger::Timer {
        overlap: overlap.as_ref().is_some_and(|it| it.value),
        schedule,
    })
}

fn service(table: &At<RpcTable>, transports: &Transports<'_>, told: &mut Told) -> Service {
    let RpcTable {
        transport,
        exchange,
        topic,
        server,
    } = &table.value;
    Service {
        exchange: exchange.as_ref().map(|it| it.value.clone()),
        server: server.value.clone(),
        topic: topic.value.clone(),
        transport: listens(transport.as_ref(), table, transports, told),
    }
}

fn subscription(
    table: &At<NotificationTable>,
    transports: &Transports<'_>,
    told: &mut Told,
) -> Subscription {
    let NotificationTable {
        transport,
        exchange,
        topic,
        priority,
        event_type,
        pool,
        requeue,
    } = &table.value;
    let event_types = event_type.iter().flat_map(|it| &it.value.0);
    Subscription {
        event_types: event_types.map(|it| it.value.clone()).collect(),
        exchange: exchange.as_ref().map(|it| it.value.clone()),
        pool: pool.as_ref().map(|it| it.value.clone()),
        priorities: priority.value.0.iter().map(|it| it.value).collect(),
        requeue: requeue.as_ref().is_some_and(|it| it.value),
        topic: topic.value.clone(),
        transport: listens(transport.as_ref(), table, transports, told),
    }
}

fn listens<T>(
    transport: Option<&At<Name>>,
    table: &At<T>,
    transports: &Transports<'_>,
    told: &mut Told,
) -> String {
    let name = transport.map_or("default", |it| it.as_str());
    let spot = transport.map_or(&table.spot, |it| &it.spot);
    transports.check(name, spot, told);
    name.to_owned()
}
