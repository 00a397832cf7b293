//! `oslo-plugin`: runs WebAssembly plugins that speak oslo.messaging RPC, and calls oslo.messaging
//! servers from a shell.

mod answers;
mod args;
mod cache;
mod commands;
mod demo;
mod failure;
mod output;
mod print;
#[cfg(feature = "oci")]
mod registry;
mod status;
mod stop;
mod traces;
mod transports;

use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use self::args::{Args, Command, LogFormat};
use self::failure::{Exit, Failure};
use self::stop::Stop;

fn main() -> ExitCode {
    let mut args = Args::parse();
    // A line of another form would be in the way of whoever reads the log.
    args.json |= args.log_format == LogFormat::Json;
    start_logging(&args);
    let json = args.json;
    match run(args) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            print::failure(&failure, json);
            print::rest(PATIENCE, json);
            ExitCode::from(failure.exit.code())
        }
    }
}

/// The exit code; a failure if nothing could be begun.
fn run(args: Args) -> Result<u8, Failure> {
    // These run other programs of the same terminal, which Ctrl-C ends with this one.
    let authored = match &args.command {
        Command::Build(project) => Some(commands::author::build(project)),
        Command::New(new) => Some(commands::author::new(new)),
        Command::Test(project) => Some(commands::author::test(project)),
        _ => None,
    };
    if let Some(result) = authored {
        if result.is_ok() {
            print::rest(PATIENCE, args.json);
        }
        return result;
    }
    let cannot_start = |error| Failure::new(Exit::Failed, format!("cannot start: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // One for plugins that compute, and one for the connections that they wait for.
        .worker_threads(available_parallelism().map_or(2, |cores| cores.get().max(2)))
        .enable_all()
        .build()
        .map_err(cannot_start)?;
    let result = runtime.block_on(async {
        let json = args.json;
        let stop = Stop::at_signals(json).map_err(cannot_start)?;
        let result = match args.command {
            Command::Build(_) | Command::New(_) | Command::Test(_) => Ok(0),
            Command::Call(args) => commands::call::call(args, &stop).await,
            Command::Cast(args) => commands::call::cast(args, &stop).await,
            Command::Compile(args) => commands::compile::compile(&args),
            Command::Host(host) => {
                commands::host::host(host, &stop, args.json, args.log_format).await
            }
            Command::Inspect(inspect) => commands::inspect::inspect(&inspect, args.json),
            Command::Ping(args) => commands::call::ping(args, &stop).await,
            Command::Policy(command) => commands::policy::policy(command, args.json),
            #[cfg(feature = "oci")]
            Command::Pull(pull) => commands::pull::pull(pull, &stop, args.json).await,
            #[cfg(feature = "oci")]
            Command::Push(push) => commands::push::push(push, &stop, args.json).await,
            Command::Run(run) => commands::run::run(run, &stop, args.json).await,
            Command::Serve(args) => commands::serve::serve(args, &stop).await,
            Command::Top(top) => commands::top::top(top, &stop, args.json).await,
        };
        let failure = match result {
            Ok(code) => {
                // For a reader that is slow there is time, until a signal comes.
                output::written().await;
                return Ok(code);
            }
            Err(failure) => failure,
        };
        print::failure(&failure, json);
        match failure.exit {
            // What a plugin wrote before it failed is what tells why.
            Exit::Trap => output::written().await,
            Exit::Interrupted | Exit::Terminated => print::rest(stop::PATIENCE, json),
            _ => print::rest(PATIENCE, json),
        }
        Ok(failure.exit.code())
    });
    // A guest that blocks a thread, as in reading standard input, must not keep the process alive.
    runtime.shutdown_background();
    result
}

fn start_logging(args: &Args) {
    let level = match args.verbose {
        // Of a daemon everything that happens to its plugins is of interest, and denials once.
        0 if matches!(args.command, Command::Host(_)) => "info,oslo_messaging_wasmtime=error",
        // What a plugin logs is what it has to say, as what it prints is.
        0 => "error,plugin=info",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::builder()
        .with_env_var("OSLO_PLUGIN_LOG")
        .try_from_env()
        .unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| output::Log);
    match args.log_format {
        LogFormat::Json => {
            output::log_is_json();
            // Fields are an object of their own: some have names of what is beside it.
            log.json()
                .with_current_span(false)
                .with_span_list(false)
                .init();
        }
        LogFormat::Text => log
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .init(),
    }
}

/// So long after it last read, a reader is not waited for any more when the program has failed.
const PATIENCE: Duration = Duration::from_secs(2);
