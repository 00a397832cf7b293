//! `client` of the guest.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{RpcClient, Setting, Transport};
use wasmtime::component::Resource;

use crate::bindings::client::{Host, HostClient};
use crate::bindings::types::{Error, Target};
use crate::error::{Failure, access_denied, limit_exceeded, to_guest};
use crate::options::{Given, Options};
use crate::{Limits, MessagingCtx, MessagingCtxView, time};

/// What a guest's `client` is: a native client, the name of the transport that it was opened with,
/// and what the guest may ask it.
///
/// Clones share the settings, so that a request that replaces none copies none.
#[derive(Clone, Debug)]
pub struct Client(pub(crate) Arc<Settings>);

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) transport: Arc<str>,
    pub(crate) rpc: RpcClient,
    /// The largest reply that the guest wants.
    reply_bytes: Option<u64>,
    version_cap: Option<String>,
    retry: Option<u32>,
    call_monitor_timeout: Option<Duration>,
    mandatory: Option<bool>,
}

impl Settings {
    /// These settings with others in place of some.
    fn with(mut self, options: &Options) -> Result<Self, Error> {
        for given in options.given() {
            let setting = match given? {
                Given::Native(setting) => setting,
                Given::ReplyBytes(bytes) => {
                    self.reply_bytes = bytes;
                    continue;
                }
            };
            match &setting {
                Setting::VersionCap(cap) => self.version_cap.clone_from(cap),
                Setting::Retry(times) => self.retry = *times,
                Setting::CallMonitorTimeout(length) => self.call_monitor_timeout = *length,
                Setting::AtLeastOnce(on) => self.mandatory = *on,
                _ => {}
            }
            self.rpc = self.rpc.set(setting);
        }
        Ok(self)
    }

    /// A client of them, if they can be used.
    fn checked(self) -> Result<Client, Error> {
        let usable = self.rpc.validate();
        usable.map_err(|error| to_guest(error, false))?;
        Ok(Client(Arc::new(self)))
    }

    /// The largest reply that it takes.
    pub(crate) fn most_reply_bytes(&self, limits: &Limits) -> usize {
        let wanted = self.reply_bytes.map(usize::try_from);
        // What does not fit is more than any limit.
        let wanted = wanted.and_then(Result::ok).unwrap_or(usize::MAX);
        wanted.min(limits.reply_bytes)
    }
}

impl Client {
    /// The client with settings replaced, if they can be used.
    pub(crate) fn with(&self, options: Option<&Options>) -> Result<Self, Error> {
        match options {
            None => Ok(self.clone()),
            Some(options) => Settings::clone(&self.0).with(options)?.checked(),
        }
    }
}

impl MessagingCtxView<'_> {
    pub(crate) fn options(
        &self,
        options: Option<&Resource<Options>>,
    ) -> Result<Option<&Options>, Failure> {
        options
            .map(|options| self.table.get(options))
            .transpose()
            .map_err(Failure::from)
    }

    /// The transport of a name, and the name.
    pub(crate) fn granted(&mut self, transport: &str) -> Result<(Arc<str>, Transport), Error> {
        self.ctx.limits.check_name("transport", transport)?;
        if let Some((name, granted)) = self.ctx.transports.get_key_value(transport) {
            return Ok((Arc::clone(name), granted.clone()));
        }
        match self.hooks.transport(transport) {
            Some(chosen) => Ok((transport.into(), chosen)),
            None => {
                let message = format!("no transport `{transport}` is granted");
                Err(access_denied("default", message))
            }
        }
    }

    /// Whether one more client or notifier may be open.
    pub(crate) fn check_clients(&self) -> Result<(), Error> {
        let MessagingCtx {
            limits,
            open_clients,
            ..
        } = &*self.ctx;
        if *open_clients >= limits.clients {
            let message = format!(
                "at most {} clients and notifiers may be open",
                limits.clients
            );
            return Err(limit_exceeded("clients", message));
        }
        Ok(())
    }

    fn push(&mut self, client: Client) -> Result<Resource<Client>, Failure> {
        self.check_clients()?;
        let client = self.table.push(client)?;
        self.ctx.open_clients += 1;
        Ok(client)
    }
}

impl Host for MessagingCtxView<'_> {
    fn transports(&mut self) -> wasmtime::Result<Vec<String>> {
        let names = self.ctx.transports.keys();
        Ok(names.map(|name| name.as_ref().to_owned()).collect())
    }
}

impl HostClient for MessagingCtxView<'_> {
    fn open(
        &mut self,
        transport: String,
        target: Target,
        options: Option<Resource<Options>>,
    ) -> Result<Resource<Client>, Failure> {
        let (transport, granted) = self.granted(&transport)?;
        let target = self.ctx.limits.check_target(target)?;
        let settings = Settings {
            transport,
            rpc: RpcClient::new(&granted, target),
            reply_bytes: None,
            version_cap: None,
            retry: None,
            call_monitor_timeout: None,
            mandatory: None,
        };
        let client = match self.options(options.as_ref())? {
            None => settings,
            Some(options) => settings.with(options)?,
        };
        self.push(client.checked()?)
    }

    fn prepare(
        &mut self,
        client: Resource<Client>,
        options: Resource<Options>,
    ) -> Result<Resource<Client>, Failure> {
        let client = self.table.get(&client)?;
        let client = client.with(self.options(Some(&options))?)?;
        self.push(client)
    }

    fn can_send_version(
        &mut self,
        client: Resource<Client>,
        version: Option<String>,
    ) -> Result<bool, Failure> {
        let client = self.table.get(&client)?;
        if let Some(version) = &version {
            self.ctx.limits.check_name("version", version)?;
        }
        Ok(client
            .0
            .rpc
            .can_send_version(version.as_deref())
            .map_err(|error| to_guest(error, false))?)
    }

    fn transport(&mut self, client: Resource<Client>) -> wasmtime::Result<String> {
        Ok(self.table.get(&client)?.0.transport.as_ref().to_owned())
    }

    fn target(&mut self, client: Resource<Client>) -> wasmtime::Result<Target> {
        let target = self.table.get(&client)?.0.rpc.target().clone();
        Ok(Target {
            exchange: target.exchange,
            topic: target.topic,
            namespace: target.namespace,
            version: target.version,
            server: target.server,
            fanout: target.fanout,
        })
    }

    fn timeout(&mut self, client: Resource<Client>) -> wasmtime::Result<u64> {
        let timeout = self.table.get(&client)?.0.rpc.effective_timeout();
        Ok(time::to_guest(timeout.min(self.ctx.limits.call_timeout)))
    }

    fn version_cap(&mut self, client: Resource<Client>) -> wasmtime::Result<Option<String>> {
        Ok(self.table.get(&client)?.0.version_cap.clone())
    }

    fn retry(&mut self, client: Resource<Client>) -> wasmtime::Result<Option<u32>> {
        Ok(self.table.get(&client)?.0.retry)
    }

    fn call_monitor_timeout(&mut self, client: Resource<Client>) -> wasmtime::Result<Option<u64>> {
        let timeout = self.table.get(&client)?.0.call_monitor_timeout;
        Ok(timeout.map(time::to_guest))
    }

    fn mandatory(&mut self, client: Resource<Client>) -> wasmtime::Result<Option<bool>> {
        Ok(self.table.get(&client)?.0.mandatory)
    }

    fn reply_bytes(&mut self, client: Resource<Client>) -> wasmtime::Result<u64> {
        let client = self.table.get(&client)?;
        let most = client.0.most_reply_bytes(&self.ctx.limits);
        Ok(u64::try_from(most).unwrap_or(u64::MAX))
    }

    fn drop(&mut self, client: Resource<Client>) -> wasmtime::Result<()> {
        self.table.delete(client)?;
        self.ctx.open_clients = self.ctx.open_clients.saturating_sub(1);
        Ok(())
    }
}
