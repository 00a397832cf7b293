use std::sync::Arc;

use oslo_messaging::{RpcClient, Setting as NativeSetting};
use wasmtime::component::Resource;

use crate::bindings::types::{Error, Setting, Target};
use crate::error::{Failure, access_denied, limit_exceeded, to_guest};
use crate::{Ctx, CtxView};

/// What a guest's `client` is, of either surface: a native client, and the name of the transport
/// that it was opened with.
#[derive(Debug)]
pub struct Client {
    pub(crate) transport: Arc<str>,
    pub(crate) rpc: RpcClient,
}

impl CtxView<'_> {
    pub(crate) fn open_client(
        &mut self,
        transport: &str,
        target: Target,
        settings: Vec<Setting>,
    ) -> Result<Resource<Client>, Failure> {
        let limits = &self.ctx.limits;
        limits.check_name("transport", transport)?;
        let target = limits.check_target(target)?;
        let settings = limits.check_settings(settings)?;
        let (name, granted) = self
            .ctx
            .transports
            .get_key_value(transport)
            .ok_or_else(|| {
                access_denied("default", format!("no transport `{transport}` is granted"))
            })?;
        let rpc = RpcClient::new(granted, target);
        let client = Client {
            transport: Arc::clone(name),
            rpc: with_settings(rpc, settings)?,
        };
        self.push(client)
    }

    pub(crate) fn prepare_client(
        &mut self,
        client: &Resource<Client>,
        settings: Vec<Setting>,
    ) -> Result<Resource<Client>, Failure> {
        let client = self.table.get(client)?;
        let settings = self.ctx.limits.check_settings(settings)?;
        let client = Client {
            transport: Arc::clone(&client.transport),
            rpc: with_settings(client.rpc.prepare(), settings)?,
        };
        self.push(client)
    }

    pub(crate) fn drop_client(&mut self, client: Resource<Client>) -> wasmtime::Result<()> {
        self.table.delete(client)?;
        self.ctx.open_clients = self.ctx.open_clients.saturating_sub(1);
        Ok(())
    }

    pub(crate) fn can_client_send_version(
        &self,
        client: &Resource<Client>,
        version: Option<&str>,
    ) -> Result<bool, Failure> {
        let client = self.table.get(client)?;
        if let Some(version) = version {
            self.ctx.limits.check_name("version", version)?;
        }
        Ok(client
            .rpc
            .can_send_version(version)
            .map_err(|error| to_guest(error, false))?)
    }

    fn push(&mut self, client: Client) -> Result<Resource<Client>, Failure> {
        let Ctx {
            limits,
            open_clients,
            ..
        } = self.ctx;
        if *open_clients >= limits.clients {
            let message = format!("at most {} clients may be open", limits.clients);
            return Err(limit_exceeded("clients", message).into());
        }
        let client = self.table.push(client)?;
        *open_clients += 1;
        Ok(client)
    }
}

/// The client with settings overridden, if they can be used.
pub(crate) fn with_settings(
    rpc: RpcClient,
    settings: Vec<NativeSetting>,
) -> Result<RpcClient, Error> {
    let rpc = settings.into_iter().fold(rpc, RpcClient::set);
    rpc.validate().map_err(|error| to_guest(error, false))?;
    Ok(rpc)
}
