//! Running the plugins of a policy file.

use std::sync::Arc;

use oslo_messaging_plugins::{Change, Overbooked, PluginHost, Tracer, Watch};
use oslo_messaging_policy::Policy;
use tokio::signal::unix::{SignalKind, signal};

use super::policy;
use crate::args::{HostArgs, LogFormat};
use crate::failure::{Exit, Failure};
use crate::status::{self, Status};
use crate::stop::Stop;
use crate::traces::Traces;
use crate::{cache, print};

/// Returns when it is asked to stop, and what ran has ended.
pub(crate) async fn host(
    args: HostArgs,
    stop: &Stop,
    json: bool,
    log_format: LogFormat,
) -> Result<u8, Failure> {
    let file = &*args.policy;
    let mut watch = Watch::new(file);
    let policy = policy::load(file, json)?;
    watch.add_files_of(&policy, file);
    if let Some(overbooked) = Overbooked::of(&policy, args.instances) {
        print::notice(&told(overbooked), json);
    }
    let traces = Traces::from_environment()?;
    let ended = run(&args, stop, log_format, &policy, watch, traces.tracer()).await;
    // However it ended.
    traces.flush().await;
    ended
}

async fn run(
    args: &HostArgs,
    stop: &Stop,
    log_format: LogFormat,
    policy: &Policy,
    mut watch: Watch,
    tracer: Option<Arc<dyn Tracer>>,
) -> Result<u8, Failure> {
    let file = &*args.policy;
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Failed, error);
    let host = PluginHost::builder()
        .kept(cache::open_if_there(&args.cache, args.no_cache)?)
        .instances(args.instances)
        .tracer(tracer);
    let host = Arc::new(host.build().map_err(|error| failed(&error))?);
    let refused = |problems| Failure::new(Exit::PluginsRefused, problems);
    if args.check {
        host.check(policy, file).map_err(refused)?;
        print::verdict(format_args!(
            "{} is good: {}",
            file.display(),
            counted(policy.plugins().count())
        ));
        return Ok(0);
    }
    let status = Status::new(Arc::clone(&host));
    if let Some(address) = args.listen_status {
        let listener = status::bind(address).await?;
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        tracing::info!(%address, "the status is served");
        tokio::spawn(status::serve(listener, Arc::clone(&status)));
    }
    let mut hangup = signal(SignalKind::hangup()).map_err(|error| failed(&error))?;
    let mut stop = stop.listen();
    let change = tokio::select! {
        started = host.apply_all(policy, file) => started.map_err(refused)?,
        _ = stop.asked() => {
            host.drain().await;
            return Ok(0);
        }
    };
    tell(&change);
    status.applied(policy, &change);
    if change.started.is_empty() && !change.problems.is_empty() {
        host.drain().await;
        return Err(Failure::new(
            Exit::PluginsRefused,
            "no plugin could be started",
        ));
    }
    let (plugins, of) = (change.started.len(), file.display());
    match log_format {
        // Where both streams are one, as in a container, a line of text would be in the way.
        LogFormat::Json => tracing::info!(plugins, policy = %of, "the policy is applied"),
        LogFormat::Text => {
            print::line(format_args!("{} of {of}; Ctrl-C ends it", counted(plugins)))
        }
    }
    loop {
        tokio::select! {
            _ = stop.asked() => break,
            _ = hangup.recv() => {}
            () = watch.changed() => {}
        }
        // Plugins may wait for room.
        watch = tokio::select! {
            watch = reload(&host, args, &status) => watch,
            _ = stop.asked() => break,
        };
    }
    status.stopping();
    tracing::info!("what runs may end within its limit");
    host.drain().await;
    Ok(0)
}

/// Applies what the file says now. A file with problems changes nothing.
async fn reload(host: &Arc<PluginHost>, args: &HostArgs, status: &Status) -> Watch {
    let file = &*args.policy;
    // Before anything is read, so that a change meanwhile is noticed.
    let mut watch = Watch::new(file);
    match Policy::load(file) {
        Ok(policy) => {
            watch.add_files_of(&policy, file);
            for warning in policy.warnings() {
                tracing::warn!(%warning);
            }
            if let Some(overbooked) = Overbooked::of(&policy, args.instances) {
                let warning = told(overbooked);
                tracing::warn!(warning);
            }
            let change = host.apply(&policy, file).await;
            tell(&change);
            status.applied(&policy, &change);
        }
        Err(problems) => {
            for problem in problems.to_string().lines() {
                tracing::error!(problem, "the policy is not applied, and what runs goes on");
            }
            for plugin in host.plugins() {
                watch.add_component(&plugin.policy, file);
            }
        }
    }
    watch
}

fn told(overbooked: Overbooked) -> String {
    format!(
        "{overbooked}: some may wait for others, and be refused; lower `instances` in `limits`, or raise `--instances`"
    )
}

/// What was refused; the rest tells the host itself.
fn tell(change: &Change) {
    for problem in &change.problems {
        let problem = problem.to_string();
        tracing::error!(problem, "refused");
    }
}

fn counted(plugins: usize) -> String {
    match plugins {
        1 => "1 plugin".to_owned(),
        plugins => format!("{plugins} plugins"),
    }
}
