//! What is told of plugins.

use std::collections::BTreeMap;
use std::fmt;

use oslo_messaging_wasmtime::Kind;

use super::family::Families;
use super::open_telemetry;
use super::wide;
use crate::host::PluginStatus;
use crate::statistics::{CallOutcome, Calls, Invoked, StartedBy, Statistics};

pub(super) fn write(families: &mut Families<'_>, plugins: &[PluginStatus]) -> fmt::Result {
    state(families, plugins)?;
    invocations(families, plugins)?;
    served(families, plugins)?;
    calls(families, plugins)?;
    notifications(families, plugins)?;
    open_telemetry::write(families, plugins)?;
    refusals(families, plugins)
}

fn state(families: &mut Families<'_>, plugins: &[PluginStatus]) -> fmt::Result {
    let hashes: Vec<_> = plugins.iter().map(|it| it.sha256.to_string()).collect();
    families.gauge(
        "oslo_plugin_info",
        "Always 1; the label is the hash of the component that runs.",
        plugins.iter().zip(&hashes).map(|(plugin, hash)| {
            let labels = [("plugin", &*plugin.name), ("sha256", &**hash)];
            (labels, 1_u64)
        }),
    )?;
    families.gauge(
        "oslo_plugin_waiting_triggers",
        "Triggers that cannot start the plugin for now, above all because a broker is away.",
        plugins
            .iter()
            .map(|plugin| (of(plugin), wide(plugin.waiting.len()))),
    )?;
    families.gauge(
        "oslo_plugin_pause_seconds",
        "How long the plugin is still paused, because it trapped again and again; 0 if it is not.",
        plugins.iter().map(|plugin| {
            let left = plugin.paused.unwrap_or_default();
            (of(plugin), left.as_secs_f64())
        }),
    )?;
    families.gauge(
        "oslo_plugin_instances",
        "Instances of the plugin that there are, at work or idle.",
        plugins
            .iter()
            .map(|plugin| (of(plugin), wide(plugin.instances))),
    )?;
    families.gauge(
        "oslo_plugin_instances_limit",
        "How many instances the plugin may have at the same time.",
        plugins
            .iter()
            .map(|plugin| (of(plugin), wide(plugin.most_instances))),
    )
}

fn invocations(families: &mut Families<'_>, plugins: &[PluginStatus]) -> fmt::Result {
    let all = || {
        plugins.iter().flat_map(|plugin| {
            let invoked = plugin.statistics.invoked.iter();
            invoked.map(|(started_by, invoked)| {
                let labels = [("plugin", &*plugin.name), ("trigger", started_by.name())];
                (labels, invoked)
            })
        })
    };
    families.counter(
        "oslo_plugin_invocations_started",
        "Invocations that began.",
        all().map(|(labels, invoked)| (labels, invoked.started)),
    )?;
    families.counter(
        "oslo_plugin_invocations",
        "Invocations that ended or were refused, by how.",
        all().flat_map(|([plugin, trigger], invoked)| {
            let outcomes = invoked.outcomes().into_iter();
            outcomes.map(move |(outcome, count)| {
                ([plugin, trigger, ("outcome", outcome.name())], count)
            })
        }),
    )?;
    families.gauge(
        "oslo_plugin_invocations_in_flight",
        "Invocations that run now.",
        all().map(|(labels, invoked)| (labels, invoked.in_flight())),
    )?;
    families.histogram(
        "oslo_plugin_invocation_duration_seconds",
        "How long invocations took, with the wait for an instance.",
        all().map(|(labels, invoked)| (labels, &invoked.durations)),
    )
}

/// Of what calls and casts started, under upstream's names.
fn served(families: &mut Families<'_>, plugins: &[PluginStatus]) -> fmt::Result {
    let rpc = || {
        plugins.iter().filter_map(|plugin| {
            let invoked = plugin.statistics.invoked.get(&StartedBy::Rpc)?;
            Some((of(plugin), invoked))
        })
    };
    let ended = |invoked: &Invoked| invoked.started.saturating_sub(invoked.in_flight());
    families.counter(
        "oslo_messaging_rpc_server_invocation_start",
        "Invocations of the plugin's methods that began.",
        rpc().map(|(labels, invoked)| (labels, invoked.started)),
    )?;
    families.counter(
        "oslo_messaging_rpc_server_invocation_end",
        "Invocations of the plugin's methods that ended.",
        rpc().map(|(labels, invoked)| (labels, ended(invoked))),
    )?;
    families.histogram(
        "oslo_messaging_rpc_server_processing_seconds",
        "How long invocations of the plugin's methods took.",
        rpc().map(|(labels, invoked)| (labels, &invoked.durations)),
    )?;
    families.counter(
        "oslo_messaging_rpc_server_exception",
        "Invocations of the plugin's methods whose caller got an exception, by what came of them.",
        rpc().flat_map(|([plugin], invoked)| {
            let outcomes = invoked.outcomes().into_iter();
            let raised = outcomes.filter(|(outcome, count)| outcome.is_exception() && *count > 0);
            raised.map(move |(outcome, count)| ([plugin, ("exception", outcome.name())], count))
        }),
    )
}

/// Under upstream's names, with what upstream has no label for. What upstream has one for and a plugin or its caller
/// chooses, as topics and methods, is left out.
fn calls(families: &mut Families<'_>, plugins: &[PluginStatus]) -> fmt::Result {
    let all = || sent(plugins).filter(|(_, calls)| calls.kind != Kind::Notification);
    families.counter(
        "oslo_messaging_rpc_client_invocation_start",
        "Calls and casts that a rule allowed.",
        all().map(|(labels, calls)| (labels, calls.started)),
    )?;
    families.counter(
        "oslo_messaging_rpc_client_invocation_end",
        "Calls and casts that ended, by how.",
        all().flat_map(|([plugin, rule, kind], calls)| {
            calls.ended.iter().map(move |(outcome, count)| {
                ([plugin, rule, kind, ("outcome", outcome.name())], *count)
            })
        }),
    )?;
    families.counter(
        "oslo_messaging_rpc_client_exception",
        "Calls and casts that did not succeed, by why.",
        all().flat_map(|([plugin, rule, kind], calls)| {
            let ended = calls.ended.iter();
            let failed = ended.filter(|(outcome, _)| **outcome != CallOutcome::Succeeded);
            failed.map(move |(outcome, count)| {
                ([plugin, rule, kind, ("exception", outcome.name())], *count)
            })
        }),
    )?;
    families.gauge(
        "oslo_plugin_calls_in_flight",
        "Calls, casts and notifications that run or wait for their turn.",
        sent(plugins).map(|(labels, calls)| (labels, calls.in_flight())),
    )?;
    families.histogram(
        "oslo_messaging_rpc_client_processing_seconds",
        "How long calls and casts took, with the wait for their turn.",
        all().map(|(labels, calls)| (labels, &calls.durations)),
    )
}

/// Notifications, for which upstream has no metrics.
fn notifications(families: &mut Families<'_>, plugins: &[PluginStatus]) -> fmt::Result {
    let all = || {
        let sent = sent(plugins).filter(|(_, calls)| calls.kind == Kind::Notification);
        sent.map(|([plugin, rule, _], calls)| ([plugin, rule], calls))
    };
    families.counter(
        "oslo_plugin_notifications_started",
        "Notifications that a rule allowed.",
        all().map(|(labels, calls)| (labels, calls.started)),
    )?;
    families.counter(
        "oslo_plugin_notifications",
        "Notifications that ended, by how.",
        all().flat_map(|([plugin, rule], calls)| {
            calls
                .ended
                .iter()
                .map(move |(outcome, count)| ([plugin, rule, ("outcome", outcome.name())], *count))
        }),
    )
}

/// What rules allowed.
pub(super) fn sent(
    plugins: &[PluginStatus],
) -> impl Iterator<Item = ([(&'static str, &str); 3], &Calls)> {
    plugins.iter().flat_map(|plugin| {
        plugin.statistics.calls.iter().map(|calls| {
            let labels = [
                ("plugin", &*plugin.name),
                ("rule", &*calls.rule),
                ("call_type", name(calls.kind)),
            ];
            (labels, calls)
        })
    })
}

fn refusals(families: &mut Families<'_>, plugins: &[PluginStatus]) -> fmt::Result {
    let mut named = |name, help, label, counts: fn(&Statistics) -> &BTreeMap<String, u64>| {
        let series = plugins.iter().flat_map(|plugin| {
            let counts = counts(&plugin.statistics).iter();
            counts.map(move |(it, count)| {
                let labels = [("plugin", &*plugin.name), (label, it.as_str())];
                (labels, *count)
            })
        });
        families.counter(name, help, series)
    };
    named(
        "oslo_plugin_denied",
        "What was denied, by the rule that came nearest; `default` if none did.",
        "rule",
        |it| &it.denied,
    )?;
    named(
        "oslo_plugin_over_rate",
        "What was more than a rate allows, by the rule whose rate it is; `plugin` for the plugin's own.",
        "rule",
        |it| &it.over_rate,
    )?;
    named(
        "oslo_plugin_limited",
        "What was refused at another limit, by the limit.",
        "limit",
        |it| &it.limited,
    )?;
    let mut counted = |name, help, count: fn(&Statistics) -> u64| {
        let series = plugins.iter();
        let series = series.map(|plugin| (of(plugin), count(&plugin.statistics)));
        families.counter(name, help, series)
    };
    counted(
        "oslo_plugin_output_cut",
        "Invocations whose output was cut at its limit.",
        |it| it.output_cut,
    )?;
    counted(
        "oslo_plugin_memory_refused",
        "Requests for memory that were refused at the limit.",
        |it| it.memory_refused,
    )?;
    counted(
        "oslo_plugin_table_refused",
        "Requests for room in tables that were refused at the limit.",
        |it| it.table_refused,
    )?;
    counted(
        "oslo_plugin_replaced",
        "Versions that took the place of another.",
        |it| it.replaced,
    )
}

fn of(plugin: &PluginStatus) -> [(&str, &str); 1] {
    [("plugin", &plugin.name)]
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Cast => "cast",
        Kind::Notification => "notification",
        _ => "call",
    }
}
