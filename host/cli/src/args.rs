//! The command line.

mod author;
mod config;
mod hosting;
#[cfg(feature = "oci")]
mod registry;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand, ValueEnum};
use oslo_messaging_policy::Rule;

pub(crate) use self::author::{NewArgs, ProjectArgs};
pub(crate) use self::config::ConfigArgs;
pub(crate) use self::hosting::{ExplainArgs, HostArgs, PolicyCommand, TopArgs};
#[cfg(feature = "oci")]
pub(crate) use self::registry::{PullArgs, PushArgs, RegistryArgs};

/// Runs WebAssembly plugins that speak oslo.messaging RPC, and calls oslo.messaging servers.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXIT_CODES)]
pub(crate) struct Args {
    /// Print failures and warnings, and what `inspect`, `pull` and `push` find, as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Log to standard error what happens; twice or three times for more.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// How the log is written. As JSON it is one object a line, and failures and warnings are as with
    /// `--json`.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For programs.
    Json,
    /// For people.
    Text,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build a component of a plugin's folder, as FOLDER/NAME.wasm.
    ///
    /// Toolchains that are missing are installed, in the user's folder for caches, or in the one that
    /// `OSLO_PLUGIN_TOOLS` names.
    Build(ProjectArgs),
    /// Call a method and print its result, which is one line of JSON.
    Call(CallArgs),
    /// Ask for a method to be executed, without waiting for a result.
    Cast(CastArgs),
    /// Compile plugins, so that they start at once when they are run.
    Compile(CompileArgs),
    /// Run the plugins of a policy file, until interrupted.
    ///
    /// Ctrl-C and SIGTERM let what runs end within its limit. SIGHUP, and files that change, have the
    /// policy applied again: plugins that have changed are replaced while they work.
    Host(HostArgs),
    /// Show what a component was built with, what it needs and offers, and which commands can run it.
    ///
    /// The exit code is 0 if one of `run`, `serve` and `host` can, and otherwise what that would end with:
    /// 22 if it imports something, 23 if it has nothing to run.
    Inspect(InspectArgs),
    /// Make a fresh plugin, with a test.
    New(NewArgs),
    /// Ask servers whether they are there (they need `rpc_ping_enabled`).
    Ping(PingArgs),
    /// Look at a policy file.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Get a component out of a registry of OCI, and say its digests.
    ///
    /// What comes is compared with its digest, looked at whether it is a component, and written as a whole or not
    /// at all. Logins are those that `docker login` and `podman login` keep.
    #[cfg(feature = "oci")]
    Pull(PullArgs),
    /// Put a component into a registry of OCI, and say its digests.
    ///
    /// It has the form of the Bytecode Alliance's tools, such as wkg. The same component has the same digest
    /// each time. Logins are those that `docker login` and `podman login` keep.
    #[cfg(feature = "oci")]
    Push(PushArgs),
    /// Run a plugin: a component with the export `wasi:cli/run`, 0.2 or 0.3.
    Run(RunArgs),
    /// Serve a plugin's methods, or the demo's, until interrupted.
    Serve(ServeArgs),
    /// Run a plugin's own tests, without a component and a broker.
    Test(ProjectArgs),
    /// Show what the plugins of a running `host` do. It needs `host --listen-status`.
    Top(TopArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// A transport that the plugin may open, as URL or NAME=URL; a URL alone is named `default`.
    /// May be repeated. With a service's configuration, whose options hold for every transport, its
    /// `transport_url` is `default` if no other is; with neither it is memory://.
    #[arg(short, long = "transport", value_name = "[NAME=]URL", env = TRANSPORT_ENV,
          hide_env_values = true)]
    pub(crate) transports: Vec<String>,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    /// Allow the plugin no more than this, as TOPIC:METHOD[,METHOD...]; both may have `*` in them. May be
    /// repeated. If not given, the plugin may call everything that its transports reach.
    #[arg(long, value_name = "TOPIC:METHODS")]
    pub(crate) allow: Vec<Rule>,

    /// Print the policy file that says the same as `--allow`, and run nothing.
    #[arg(long)]
    pub(crate) print_policy: bool,

    /// Serve the demo's methods on the transport `default` while the plugin runs.
    #[arg(long)]
    pub(crate) serve_demo: bool,

    /// Serve, on the transport `default` while the plugin runs, the answers of this file: JSON objects, such
    /// as {"topic": "compute", "method": "free_memory", "result": 7}; `args`, `server`, `version` and
    /// `exception` are other keys.
    #[arg(long, value_name = "FILE", conflicts_with = "serve_demo")]
    pub(crate) serve: Option<PathBuf>,

    /// Write what the plugin asks, and what it is told, into this new file, for --replay or --serve.
    /// Arguments and results are in it, contexts are not.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,

    /// Answer the plugin's calls and casts by this file, and send nothing. What the file has no answer
    /// for fails, and is told.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["serve", "serve_demo", "record"])]
    pub(crate) replay: Option<PathBuf>,

    /// Stop the plugin after this long.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time_limit: Option<Duration>,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// Compile the plugin each time, and keep nothing.
    #[arg(long)]
    pub(crate) no_cache: bool,

    /// The plugin, a WebAssembly component.
    pub(crate) plugin: PathBuf,

    /// What the plugin gets as its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<String>,
}

impl RunArgs {
    /// Whether nobody but the plugin is on its transport.
    pub(crate) fn is_alone(&self) -> bool {
        let is_played = self.serve_demo || self.serve.is_some() || self.replay.is_some();
        self.transports.is_empty() && self.config.files.is_empty() && !is_played
    }
}

/// Where compiled plugins are kept.
#[derive(Debug, ClapArgs)]
pub(crate) struct CacheArgs {
    /// Keep compiled plugins in this folder, which nobody else may write to: they are machine
    /// code. If not given, in the user's own for caches (`wasmtime` and `oslo-plugin/functions` in it).
    #[arg(long, value_name = "FOLDER", env = "OSLO_PLUGIN_CACHE")]
    pub(crate) cache: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// The plugins, WebAssembly components.
    #[arg(required = true)]
    pub(crate) plugins: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// Let the exit code say whether this command can run it, whatever others can.
    #[arg(long = "for", value_name = "COMMAND")]
    pub(crate) way: Option<Way>,

    /// The WebAssembly component.
    pub(crate) plugin: PathBuf,
}

/// A command that runs components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// By a trigger of a policy file.
    Host,
    /// As a program.
    Run,
    /// As the methods of a server.
    Serve,
}

impl Way {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Run => "run",
            Self::Serve => "serve",
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) over: TransportArgs,

    /// The topic to serve; of the demo `demo`, if not given.
    #[arg(long)]
    pub(crate) topic: Option<String>,

    /// The exchange of the topic; the transport's default if not given.
    #[arg(long)]
    pub(crate) exchange: Option<String>,

    /// The name of a server, such as this machine's; may be repeated to have several. Of the demo
    /// `one`, `two` and `three`, if not given.
    #[arg(long = "server", value_name = "SERVER")]
    pub(crate) servers: Vec<String>,

    #[command(flatten)]
    pub(crate) plugin: ServedPluginArgs,
}

/// How the methods of a plugin are served.
#[derive(Debug, ClapArgs)]
pub(crate) struct ServedPluginArgs {
    /// The plugin: a component with the export `oslo:messaging/rpc-endpoint`, or its twin with
    /// `async`. Its methods may call others over the same transport, as `default`.
    #[arg(requires_all = ["topic", "servers"])]
    pub(crate) plugin: Option<PathBuf>,

    /// Keep so many instances of the plugin for each server, which get one request after another. If
    /// not given, each request has a fresh one.
    #[arg(long, value_name = "INSTANCES", requires = "plugin")]
    pub(crate) keep: Option<usize>,

    /// How many methods of a server may run at the same time.
    #[arg(long, value_name = "METHODS", default_value_t = 64)]
    pub(crate) concurrency: usize,

    /// Answer `oslo-plugin ping`, as a Python server with `rpc_ping_enabled`.
    #[arg(long, requires = "plugin")]
    pub(crate) ping: bool,

    /// Stop a method after this long, and tell its caller.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "plugin")]
    pub(crate) time_limit: Option<Duration>,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// Compile the plugin each time, and keep nothing.
    #[arg(long, requires = "plugin")]
    pub(crate) no_cache: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(crate) to: TargetArgs,

    /// The least sign of life to expect from the server, at least 2 s.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) call_monitor_timeout: Option<Duration>,

    /// Wait for the whole timeout even if nobody has a queue for the message, as Python does.
    #[arg(long)]
    pub(crate) wait_for_target: bool,

    #[command(flatten)]
    pub(crate) message: MessageArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CastArgs {
    #[command(flatten)]
    pub(crate) to: TargetArgs,

    /// Reach every server of the topic.
    #[arg(long)]
    pub(crate) fanout: bool,

    /// Fail if nobody has a queue for the message.
    #[arg(long)]
    pub(crate) at_least_once: bool,

    #[command(flatten)]
    pub(crate) message: MessageArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PingArgs {
    #[command(flatten)]
    pub(crate) to: TargetArgs,
}

/// The broker.
#[derive(Debug, ClapArgs)]
pub(crate) struct TransportArgs {
    /// The broker, such as rabbit://user:password@host:5672/vhost. Other users of this machine can
    /// read a command line: the environment variable or a file keeps a password to itself. It replaces
    /// the `transport_url` of a service's configuration, not its other options.
    #[arg(short, long, value_name = "URL", env = TRANSPORT_ENV, hide_env_values = true,
          required_unless_present_any = ["config_file", "config_dir"])]
    pub(crate) transport: Option<String>,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// Where a message goes, and how.
#[derive(Debug, ClapArgs)]
pub(crate) struct TargetArgs {
    #[command(flatten)]
    pub(crate) over: TransportArgs,

    /// The topic, such as `compute`.
    #[arg(long)]
    pub(crate) topic: String,

    /// The exchange of the topic; if not given, the file's `control_exchange`, or else `openstack`.
    #[arg(long)]
    pub(crate) exchange: Option<String>,

    /// One server of the topic.
    #[arg(long)]
    pub(crate) server: Option<String>,

    /// The namespace of the method.
    #[arg(long)]
    pub(crate) namespace: Option<String>,

    /// The version of the interface, such as 2.5. Servers take none for 1.0.
    #[arg(long, value_name = "MAJOR.MINOR")]
    pub(crate) rpc_version: Option<String>,

    /// The highest version that may be sent.
    #[arg(long, value_name = "MAJOR.MINOR")]
    pub(crate) version_cap: Option<String>,

    /// How long it may take in all; if not given, the file's `rpc_response_timeout`, or else 60.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    /// How often to try again to connect; not at all unless given.
    #[arg(long, default_value_t = 0)]
    pub(crate) retry: u32,
}

/// What a message says.
#[derive(Debug, ClapArgs)]
pub(crate) struct MessageArgs {
    /// What the method gets beside its arguments: a JSON object.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(crate) context: String,

    /// The method.
    pub(crate) method: String,

    /// The arguments: one JSON object, or NAME=VALUE with VALUE as JSON or else as text, or `-`
    /// to read a JSON object from standard input.
    pub(crate) arguments: Vec<String>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a number of seconds, such as 2.5, is wanted".to_owned())
}

pub(crate) const TRANSPORT_ENV: &str = "OSLO_PLUGIN_TRANSPORT_URL";

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  the plugin says it failed, or something not listed here went wrong
    2  wrong usage of this program
    3  malformed transport URL or configuration file, or options that do not fit together
    4  malformed JSON, or another unusable argument of a message; no name in a registry
    5  no such target: no server's queue takes the message
    6  timed out
    7  the method raised an exception
    8  the version does not fit the version cap
    9  the reply makes no sense
   10  login refused
   11  unknown virtual host, or no access to it
   12  unknown host
   13  nobody answers at the host's port, or the connection broke
   14  a TLS certificate was refused
   15  the broker refused the operation or the message, or a registry the component
   16  the registry has no such component
   17  the component is larger than may be pulled
   18  what the registry sent is not what its digest says
   20  the plugin's file cannot be read
   21  the plugin's file is not a WebAssembly component
   22  the component imports something this host lacks
   23  the component has nothing to run, or to serve
   24  the plugin trapped
   25  the plugin's time limit was reached
   26  the file of --replay has no answer to some of the plugin's requests
   30  the policy file cannot be read, or is wrong
   31  the policy's plugins cannot be run
   32  the policy denies the request (`policy explain`)
   33  not all plugins are started and served (`top --ready`)
  130  interrupted by Ctrl-C; `serve` and `host` end with 0
  143  terminated by SIGTERM; `serve` and `host` end with 0";
