//! What operators watch, as the text that Prometheus reads.
//!
//! A label is a name of the policy file, or one of a list that is written here: what a plugin says, such as a
//! topic or a method, is none, so that no plugin can make series without end.

mod family;
mod open_telemetry;
mod plugins;
mod transports;

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::prometheus_text::encode;
use prometheus_client::registry::Registry;

use self::family::Families;
use crate::host::{PluginStatus, TransportStatus};

/// The media type of [`PluginHost::metrics`](crate::PluginHost::metrics).
pub const CONTENT_TYPE: &str = prometheus_client::encoding::prometheus_text::CONTENT_TYPE;

/// Those of the whole host, for calls and instances of all plugins together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) all: usize,
    pub(crate) free: usize,
    /// Calls that timed out while they waited for one.
    pub(crate) refused: u64,
    /// Instances that there are.
    pub(crate) instances: usize,
    pub(crate) most_instances: u32,
}

/// All metrics at this moment.
pub(crate) fn text(
    plugins: Vec<PluginStatus>,
    transports: Vec<TransportStatus>,
    places: Places,
) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Moment {
        plugins,
        transports,
        places,
    }));
    let mut text = String::new();
    // Writing into memory does not fail.
    let _ = encode(&mut text, &registry);
    text
}

#[derive(Debug)]
struct Moment {
    plugins: Vec<PluginStatus>,
    transports: Vec<TransportStatus>,
    places: Places,
}

impl Collector for Moment {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut families = Families(encoder);
        plugins::write(&mut families, &self.plugins)?;
        transports::write(&mut families, &self.transports)?;
        let Places {
            all,
            free,
            refused,
            instances,
            most_instances,
        } = self.places;
        families.gauge(
            "oslo_plugin_host_calls_in_flight",
            "Calls, casts and notifications of all plugins that run now.",
            [(NONE, wide(all.saturating_sub(free)))],
        )?;
        families.gauge(
            "oslo_plugin_host_calls_in_flight_limit",
            "How many may run at the same time; further ones wait, within their own timeout.",
            [(NONE, wide(all))],
        )?;
        families.counter(
            "oslo_plugin_host_admission_timeouts",
            "Calls, casts and notifications whose time was up before the host had a place for them.",
            [(NONE, refused)],
        )?;
        families.gauge(
            "oslo_plugin_host_instances",
            "Instances of all plugins that there are, at work or idle.",
            [(NONE, wide(instances))],
        )?;
        families.gauge(
            "oslo_plugin_host_instances_limit",
            "How many instances there may be at the same time.",
            [(NONE, u64::from(most_instances))],
        )
    }
}

/// No labels.
const NONE: [(&str, &str); 0] = [];

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
