//! What is told of transports.

use std::fmt;

use oslo_messaging::{ConnectionState, Statistics};

use super::family::Families;
use crate::host::TransportStatus;

pub(super) fn write(families: &mut Families<'_>, transports: &[TransportStatus]) -> fmt::Result {
    let states = transports.iter().flat_map(|transport| {
        STATES.map(|(state, name)| {
            let labels = [("transport", &*transport.name), ("state", name)];
            (labels, u64::from(transport.state == state))
        })
    });
    families.gauge(
        "oslo_plugin_transport_state",
        "1 for the state that the transport is in; `disconnected` while a connection is wanted and not up.",
        states,
    )?;
    families.counter(
        "oslo_plugin_transport_messages",
        "Messages that were to be sent over the transport, by kind.",
        transports.iter().flat_map(|transport| {
            kinds(&transport.statistics)
                .map(|(kind, count)| ([("transport", &*transport.name), ("kind", kind)], count))
        }),
    )?;
    families.counter(
        "oslo_plugin_transport_outcomes",
        "How those messages ended.",
        transports.iter().flat_map(|transport| {
            outcomes(&transport.statistics).map(|(outcome, count)| {
                let labels = [("transport", &*transport.name), ("outcome", outcome)];
                (labels, count)
            })
        }),
    )?;
    let mut counted = |name, help, count: fn(&Statistics) -> u64| {
        let series = transports.iter().map(|transport| {
            let labels = [("transport", &*transport.name)];
            (labels, count(&transport.statistics))
        });
        families.counter(name, help, series)
    };
    counted(
        "oslo_plugin_transport_connects",
        "Connections that were made.",
        |it| it.connects,
    )?;
    counted(
        "oslo_plugin_transport_losses",
        "Connections that broke.",
        |it| it.losses,
    )?;
    counted(
        "oslo_plugin_transport_sent_bytes",
        "Bytes of messages that were handed over to be sent, replies among them.",
        |it| it.bytes_sent,
    )?;
    counted(
        "oslo_plugin_transport_received_bytes",
        "Bytes of replies that came.",
        |it| it.bytes_received,
    )
}

const fn kinds(statistics: &Statistics) -> [(&'static str, u64); 3] {
    [
        ("call", statistics.calls),
        ("cast", statistics.casts),
        ("notification", statistics.notifications),
    ]
}

const fn outcomes(statistics: &Statistics) -> [(&'static str, u64); 5] {
    [
        ("failed", statistics.failed),
        ("remote", statistics.remote_errors),
        ("returned", statistics.returned),
        ("succeeded", statistics.succeeded),
        ("timeout", statistics.timed_out),
    ]
}

const STATES: [(ConnectionState, &str); 5] = [
    (ConnectionState::Blocked, "blocked"),
    (ConnectionState::Closed, "closed"),
    (ConnectionState::Connected, "connected"),
    (ConnectionState::Disconnected, "disconnected"),
    (ConnectionState::Idle, "idle"),
];
