//! A plugin's methods for the shell.

use std::path::PathBuf;

use oslo_messaging::{RpcServer, Target, Transport};
use oslo_messaging_wasmtime::{Instances, MessagingCtx, PluginEndpoints, ServeError};
use wasmtime::Engine;
use wasmtime::component::InstancePre;

use super::plugin;
use super::store::{self, State};
use crate::args::ServedPluginArgs;
use crate::failure::{Exit, Failure};
use crate::{cache, demo};

/// A plugin that can be served.
pub(super) struct ServedPlugin<'a> {
    args: &'a ServedPluginArgs,
    path: PathBuf,
    engine: Engine,
    linked: InstancePre<State>,
}

/// The plugin, if one is named.
pub(super) fn load(args: &ServedPluginArgs) -> Result<Option<ServedPlugin<'_>>, Failure> {
    let Some(path) = &args.plugin else {
        return Ok(None);
    };
    let kept = cache::open_if_there(&args.cache, args.no_cache)?;
    let engine = plugin::engine(&kept)?;
    let component = plugin::load(&engine, &kept, path)?;
    let linked = store::link(&engine, &component)?;
    plugin::tick(&engine)?;
    Ok(Some(ServedPlugin {
        args,
        path: path.clone(),
        engine,
        linked,
    }))
}

impl ServedPlugin<'_> {
    /// Starts one server per name. Those that have started are among `servers` even if one does not.
    pub(super) async fn serve(
        &self,
        transport: &Transport,
        target: &Target,
        names: &[String],
        servers: &mut Vec<RpcServer>,
    ) -> Result<(), Failure> {
        let granted = MessagingCtx::builder().transport("default", transport.clone());
        let (engine, path) = (self.engine.clone(), self.path.clone());
        let new_store = move || {
            let state = State::new(granted.clone().build(), &path, &[]);
            store::new(&engine, state)
        };
        let mut endpoints =
            PluginEndpoints::new(self.linked.clone(), new_store).map_err(|error| match error {
                ServeError::NothingToServe => Failure::new(Exit::NothingToRun, error)
                    .remedy(plugin::starts_with(self.linked.component())),
                error => error.into(),
            })?;
        if let Some(most) = self.args.keep {
            endpoints = endpoints.instances(Instances::Kept(most));
        }
        if let Some(limit) = self.args.time_limit {
            endpoints = endpoints.time_limit(limit);
        }
        for name in names {
            let target = target.clone().server(name);
            let server = endpoints.server(transport, target).await?;
            let server = server
                .ping(self.args.ping)
                .concurrency(self.args.concurrency)
                .grace(demo::GRACE);
            servers.push(server.start().await?);
        }
        Ok(())
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::NothingToServe => Self::new(Exit::NothingToRun, error)
                .remedy("`oslo-plugin inspect` shows what it exports"),
            error @ ServeError::TooSlow { .. } => Self::new(Exit::TimeLimit, error),
            error => Self::new(Exit::Trap, error),
        }
    }
}
