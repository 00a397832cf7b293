//! What runs by a policy file, and what looks at one.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand};
use oslo_messaging_policy::Priority;

use super::CacheArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct HostArgs {
    /// Read, compile and check everything, and end. No broker is needed.
    #[arg(long)]
    pub(crate) check: bool,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// Compile the plugins each time, and keep nothing.
    #[arg(long)]
    pub(crate) no_cache: bool,

    /// How many instances all plugins may have at the same time, at work or idle. What would start one more waits for
    /// half of its time, at most ten seconds, and is refused then. Each plugin has one for itself, as long as
    /// these are no more than half of all. Address space is reserved for them, 16 GiB for each.
    #[arg(long, value_name = "NUMBER", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) instances: u32,

    /// Serve `/metrics`, `/healthz`, `/readyz` and `/status` over HTTP at this address, such as
    /// 127.0.0.1:9464; 0 as port is any that is free. Whoever reaches it may read it: there is no password.
    /// Not at all unless given.
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = socket_address)]
    pub(crate) listen_status: Option<SocketAddr>,

    /// The policy file.
    pub(crate) policy: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TopArgs {
    /// Show it once and end, as when standard output is not a terminal. With `--json` it is what `/status`
    /// says.
    #[arg(long)]
    pub(crate) once: bool,

    /// Show nothing, and end with 0 if all plugins are started and served, as `/readyz` says, and otherwise with
    /// what is missing and the exit code 33.
    #[arg(long, conflicts_with_all = ["interval", "once"])]
    pub(crate) ready: bool,

    /// How long to wait before it is shown again.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = super::seconds)]
    pub(crate) interval: Duration,

    /// Where the daemon serves its status: what it was given as `--listen-status`.
    #[arg(value_name = "ADDRESS:PORT", default_value = STATUS)]
    pub(crate) address: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Tell everything that is wrong with a policy file, or probably not meant. Components are not
    /// looked at; `host --check` does.
    Check {
        /// The policy file.
        policy: PathBuf,
    },
    /// Say whether a plugin may send a request, by which rule, and what each rule has to say.
    Explain(ExplainArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// A cast. A call if not given.
    #[arg(long)]
    pub(crate) cast: bool,

    /// A cast to every server of the topic.
    #[arg(long)]
    pub(crate) fanout: bool,

    /// A notification: the target is its topic, and the method its type of event.
    #[arg(long, conflicts_with_all = ["cast", "fanout", "namespace", "rpc_version"])]
    pub(crate) notify: bool,

    /// The priority of the notification.
    #[arg(long, requires = "notify", default_value = "info")]
    pub(crate) priority: Priority,

    /// The transport's name in the policy.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub(crate) transport: String,

    /// The exchange of the topic; the transport's own if not given.
    #[arg(long)]
    pub(crate) exchange: Option<String>,

    /// The namespace of the method.
    #[arg(long)]
    pub(crate) namespace: Option<String>,

    /// The version of the interface, such as 2.5. Servers take none for 1.0.
    #[arg(long, value_name = "MAJOR.MINOR")]
    pub(crate) rpc_version: Option<String>,

    /// The policy file.
    pub(crate) policy: PathBuf,

    /// The plugin's name in it.
    pub(crate) plugin: String,

    /// Where the request goes: a topic, or `topic.server`; the topic of a notification.
    pub(crate) target: String,

    /// The method; the type of event of a notification.
    pub(crate) method: String,
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse();
    address
        .map_err(|_| format!("an IP address and a port are wanted, such as {STATUS} or [::1]:9464"))
}

/// Prometheus knows the port as that of exporters of metrics.
const STATUS: &str = "127.0.0.1:9464";
