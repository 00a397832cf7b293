//! The tables of a policy file. The first line of each key's text is what editors show; the
//! reference is `docs/policy.md`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::read::{At, Many};
use super::table::{Needed, table};
use crate::plugin::{Priority, Reuse};
use crate::request::Kind;
use crate::rule::{Glob, VersionPattern};
use crate::value::place::{FilePath, HttpPath, ListenAddress, Variable};
use crate::value::{Count, Cron, Digest, Exchange, Name, Rate, Secret, Size, Time, Title};

table! {
    /// Which plugins a host runs, what starts them, and what they may do with oslo.messaging.
    File {
        /// How services are reached, by a name of your own.
        transports: Option<At<BTreeMap<String, At<TransportTable>>>>,
        /// Where HTTP requests come in that start plugins.
        http: Option<At<ListenTable>>,
        /// Limits of every plugin that has none of its own.
        limits: Option<At<LimitsTable>>,
        /// The plugins, by a name of your own.
        plugins: Option<At<BTreeMap<String, At<PluginTable>>>>,
    }
}

table! {
    /// How services are reached.
    TransportTable {
        /// The transport's URL, or where it is.
        url: Option<At<Secret>>,
        /// A service's oslo.config file, which has the URL and the options.
        config_file: Option<At<FilePath>>,
        /// The exchange of targets that name none.
        control_exchange: Option<At<Exchange>>,
    }
    one of url config_file
}

table! {
    /// Where HTTP requests come in that start plugins.
    ListenTable {
        /// The IP address and port to listen at.
        listen: At<ListenAddress>,
        /// Connections at the same time.
        connections: Option<At<Count>> = 256,
    }
}

table! {
    /// Where a secret is.
    SecretTable {
        /// The name of a variable of the environment.
        env: Option<At<Variable>>,
        /// A file with nothing else in it.
        file: Option<At<FilePath>>,
    }
    one of env file
}

table! {
    /// What a plugin may use at most.
    LimitsTable {
        /// Linear memory of one instance.
        memory: Option<At<Size>> = "64MiB",
        /// The wall clock of one invocation; no call outlives it.
        time: Option<At<Time>> = "5s",
        /// Processor time of one invocation.
        cpu: Option<At<Time>> = "500ms",
        /// Instances at the same time, of all triggers, at work or idle.
        instances: Option<At<Count>> = 64,
        /// Calls, casts and notifications at the same time.
        calls_in_flight: Option<At<Count>> = 64,
        /// Calls, casts and notifications over time.
        rate: Option<At<Rate>> = "200/s",
        /// One request: context, method and arguments.
        request: Option<At<Size>> = "1MiB",
        /// One result or exception.
        reply: Option<At<Size>> = "1MiB",
        /// Standard output and error of one invocation.
        output: Option<At<Size>> = "64KiB",
    }
}

table! {
    /// A plugin.
    PluginTable {
        /// The component's file.
        component: Needed<FilePath>,
        /// The hash that the component must have.
        sha256: Option<At<Digest>>,
        /// How instances are used.
        instances: Option<At<InstancesTable>>,
        /// Entries of every message's context, which the plugin cannot set itself.
        context: Option<At<Map<String, Value>>>,
        /// Limits of this plugin, instead of those of all.
        limits: Option<At<LimitsTable>>,
        /// What starts it.
        on: Option<At<Vec<At<OnTable>>>>,
        /// What it may do; everything else is denied.
        allow: Option<At<Vec<At<AllowTable>>>>,
    }
}

table! {
    /// How instances are used.
    InstancesTable {
        /// A fresh instance for each invocation, or a pool of instances that are used again.
        reuse: At<Reuse>,
        /// Pooled instances of one trigger, and so its invocations at the same time.
        concurrency: Option<At<Count>> = 8,
        /// Invocations after which a pooled instance is replaced.
        invocations: Option<At<Count>> = 1000,
        /// How long a pooled instance is kept without work.
        idle: Option<At<Time>> = "30s",
    }
}

table! {
    /// Something that starts a plugin.
    OnTable {
        /// Calls and casts to a target that the plugin serves.
        rpc: Option<At<RpcTable>>,
        /// Notifications.
        notification: Option<At<NotificationTable>>,
        /// HTTP requests.
        http: Option<At<HttpTable>>,
        /// A timer, with this much between two starts.
        every: Option<At<Time>>,
        /// A timer, by the five fields of cron in UTC.
        cron: Option<At<Cron>>,
        /// Whether a timer starts the plugin again while it runs.
        overlap: Option<At<bool>> = false,
    }
    one of rpc notification http every cron
}

table! {
    /// Calls and casts to a target that the plugin serves.
    RpcTable {
        /// The transport's name.
        transport: Option<At<Name>> = "default",
        /// The exchange, if it is not the transport's control exchange.
        exchange: Option<At<Exchange>>,
        /// The topic.
        topic: At<Name>,
        /// The server's own name.
        server: At<Name>,
    }
}

table! {
    /// Notifications.
    NotificationTable {
        /// The transport's name.
        transport: Option<At<Name>> = "default",
        /// The exchange, if it is not the transport's control exchange.
        exchange: Option<At<Exchange>>,
        /// The topic, mostly `notifications`.
        topic: At<Name>,
        /// The priorities.
        priority: At<Many<Priority>>,
        /// The types of event; others are passed over.
        event_type: Option<At<Many<Glob>>>,
        /// Which listeners share the notifications; without it, all that have no pool either.
        pool: Option<At<Name>>,
        /// Whether a notification that the plugin failed on is put back.
        requeue: Option<At<bool>> = false,
    }
}

table! {
    /// HTTP requests.
    HttpTable {
        /// The path; requests of all paths below it are meant too.
        path: At<HttpPath>,
    }
}

table! {
    /// Something that a plugin may do. Of every list one entry has to fit.
    AllowTable {
        /// What denials and `explain` call it; without it, `allow[0]` and so on.
        name: Option<At<Title>>,
        /// The transport's name.
        transport: Option<At<Name>> = "default",
        /// The exchanges, instead of the transport's control exchange.
        exchange: Option<At<Many<Exchange>>>,
        /// The topics.
        topic: Needed<Many<Glob>>,
        /// Single servers of the topic, instead of any of them.
        server: Option<At<Many<Glob>>>,
        /// Every server of the topic at once, instead of one.
        fanout: Option<At<bool>> = false,
        /// The namespaces of the methods, instead of none.
        namespace: Option<At<Many<Glob>>>,
        /// The methods, which every rule has that is not for notifications.
        methods: Option<At<Many<Glob>>>,
        /// The versions of the interface.
        version: Option<At<Many<VersionPattern>>> = "*",
        /// Calls or casts alone, or notifications.
        kind: Option<At<Kind>>,
        /// The priorities of notifications.
        priority: Option<At<Many<Priority>>>,
        /// The types of event of notifications.
        event_type: Option<At<Many<Glob>>>,
        /// The longest that one may take.
        timeout: Option<At<Time>>,
        /// How often.
        rate: Option<At<Rate>>,
        /// Whether the plugin sees the traceback of a remote exception.
        traceback: Option<At<bool>> = false,
    }
}
