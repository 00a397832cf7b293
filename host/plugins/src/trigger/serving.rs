//! Servers and listeners, which wait for their broker if need be.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use oslo_messaging::{Error, NotificationListener, RpcServer};
use oslo_messaging_wasmtime::{ListenError, ServeError};
use tokio::sync::watch;

use super::{Trigger, Waiting};
use crate::pool::no_room;
use crate::version::Shared;

pub(super) enum Server {
    Listener(NotificationListener),
    Rpc(RpcServer),
}

impl Server {
    /// Waits until it serves no more.
    async fn ended(&self) {
        match self {
            Self::Listener(listener) => listener.ended().await,
            Self::Rpc(server) => server.ended().await,
        }
    }

    async fn stop(self) {
        match self {
            Self::Listener(listener) => listener.stop().await,
            Self::Rpc(server) => server.stop().await,
        }
    }
}

/// Why one did not start.
pub(super) enum NotStarted {
    /// It may another time.
    Later(String),
    /// There is no room for an instance that would say what it serves.
    NoRoom(String),
    /// It never will.
    Never(String),
}

impl From<Error> for NotStarted {
    fn from(error: Error) -> Self {
        match error {
            Error::DeliveryFailure { .. } | Error::Timeout { .. } => Self::Later(error.to_string()),
            error => Self::Never(error.to_string()),
        }
    }
}

/// The plugin did not say what it serves.
impl From<ServeError> for NotStarted {
    fn from(error: ServeError) -> Self {
        match &error {
            ServeError::Plugin(instance) => no_room(instance).map(Self::NoRoom),
            _ => None,
        }
        .unwrap_or_else(|| Self::Never(error.to_string()))
    }
}

/// The plugin did not say what it wants.
impl From<ListenError> for NotStarted {
    fn from(error: ListenError) -> Self {
        match &error {
            ListenError::Plugin(instance) => no_room(instance).map(Self::NoRoom),
            _ => None,
        }
        .unwrap_or_else(|| Self::Never(error.to_string()))
    }
}

pub(super) type Starting = BoxFuture<'static, Result<Server, NotStarted>>;

/// Starts it, now or when its broker is there. What would take the place of another version has to have room now: the
/// other one would be gone before anybody knows what this one serves.
pub(super) async fn serve(
    shared: &Shared,
    address: String,
    start: impl Fn() -> Starting + Send + 'static,
) -> Result<Trigger, String> {
    let first = match start().await {
        Ok(server) => Ok(server),
        Err(NotStarted::NoRoom(why)) if !shared.replaces => Err(why),
        Err(NotStarted::Later(why)) => Err(why),
        Err(NotStarted::Never(why) | NotStarted::NoRoom(why)) => {
            return Err(format!("{address}: {why}"));
        }
    };
    let plugin = shared.name().to_owned();
    Ok(Trigger::spawn(move |mut stop, waiting| async move {
        let served = match first {
            Ok(server) => Some(server),
            Err(error) => {
                tracing::warn!(
                    plugin,
                    address,
                    error,
                    "it is not served yet, and tried again"
                );
                waiting.set(Some(format!("{address}: {error}")));
                let stopped = stop.clone();
                retry(start, &address, &plugin, &waiting, stopped).await
            }
        };
        let Some(server) = served else { return };
        tracing::info!(plugin, address, "served");
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            () = server.ended() => {
                tracing::warn!(plugin, address, "it is served no more: its transport was closed");
                waiting.set(Some(format!("{address}: its transport was closed")));
            }
        }
        server.stop().await;
    }))
}

/// Tries until it starts; none: it is to stop, or never will.
async fn retry(
    start: impl Fn() -> Starting,
    address: &str,
    plugin: &str,
    waiting: &Arc<Waiting>,
    mut stop: watch::Receiver<bool>,
) -> Option<Server> {
    let mut pause = FIRST_PAUSE;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return None,
            () = tokio::time::sleep(pause) => {}
        }
        let started = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return None,
            started = start() => started,
        };
        pause = (pause * 2).min(LONGEST_PAUSE);
        let why = match started {
            Ok(server) => {
                waiting.set(None);
                return Some(server);
            }
            Err(NotStarted::Later(why) | NotStarted::NoRoom(why)) => why,
            Err(NotStarted::Never(why)) => {
                tracing::error!(plugin, address, why, "it cannot be served");
                waiting.set(Some(format!("{address}: {why}")));
                return None;
            }
        };
        waiting.set(Some(format!("{address}: {why}")));
    }
}

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
