//! The same lengths under the names of OpenTelemetry's conventions, as Prometheus writes them.

use std::fmt;

use oslo_messaging_wasmtime::Kind;

use super::family::Families;
use super::plugins::sent;
use crate::host::PluginStatus;
use crate::statistics::{Durations, StartedBy};

/// The conventions want more labels than these, of what plugins and their callers choose: those are on spans.
pub(super) fn write(families: &mut Families<'_>, plugins: &[PluginStatus]) -> fmt::Result {
    let calls = sent(plugins).filter(|(_, calls)| calls.kind == Kind::Call);
    families.histogram(
        "rpc_client_call_duration_seconds",
        "How long calls took, with the wait for their turn.",
        calls.map(|([plugin, rule, _], calls)| ([plugin, rule, RPC], &calls.durations)),
    )?;
    let served = invoked(plugins, StartedBy::Rpc);
    families.histogram(
        "rpc_server_call_duration_seconds",
        "How long invocations of the plugin's methods took.",
        served.map(|(plugin, durations)| ([plugin, RPC], durations)),
    )?;
    let messages = sent(plugins).filter(|(_, calls)| calls.kind != Kind::Call);
    families.histogram(
        "messaging_client_operation_duration_seconds",
        "How long casts and notifications took, with the wait for their turn.",
        messages.map(|([plugin, rule, (_, kind)], calls)| {
            let operation = ("messaging_operation_name", kind);
            ([plugin, rule, operation, MESSAGING], &calls.durations)
        }),
    )?;
    let handled = invoked(plugins, StartedBy::Notification);
    families.histogram(
        "messaging_process_duration_seconds",
        "How long the plugin took to handle notifications.",
        handled.map(|(plugin, durations)| {
            let operation = ("messaging_operation_name", "handle");
            ([plugin, operation, MESSAGING], durations)
        }),
    )
}

fn invoked(
    plugins: &[PluginStatus],
    by: StartedBy,
) -> impl Iterator<Item = ((&'static str, &str), &Durations)> {
    plugins.iter().filter_map(move |plugin| {
        let invoked = plugin.statistics.invoked.get(&by)?;
        Some((("plugin", &*plugin.name), &invoked.durations))
    })
}

const RPC: (&str, &str) = ("rpc_system_name", "oslo_messaging");

const MESSAGING: (&str, &str) = ("messaging_system", "oslo_messaging");
