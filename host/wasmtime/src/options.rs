//! `options` of the guest: settings as data, checked when they are set and told when they are used.

use std::time::Duration;

use oslo_messaging::Setting;
use wasmtime::component::Resource;

use crate::bindings::client::HostOptions;
use crate::bindings::types::Error;
use crate::error::limit_exceeded;
use crate::{Limits, MessagingCtx, MessagingCtxView};

/// What a guest's `options` are.
#[derive(Debug, Default)]
pub struct Options {
    /// By their names in the package, in the order in which they were first set.
    given: Vec<(&'static str, Result<Given, Error>)>,
}

/// A setting of the native client, or one of this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    Native(Setting),
    ReplyBytes(Option<u64>),
}

impl Options {
    fn set(&mut self, name: &'static str, value: Result<Given, Error>) {
        match self.given.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.given.push((name, value)),
        }
    }

    /// What was set, or why one of them cannot be used.
    pub(crate) fn given(&self) -> impl Iterator<Item = Result<Given, Error>> + '_ {
        self.given.iter().map(|(_, value)| value.clone())
    }
}

/// A place among the guest's options; the last one is shared by all that are too many, which
/// nothing is kept of.
#[derive(Debug, Default)]
pub(crate) struct OpenOptions {
    open: usize,
    too_many: Option<u32>,
}

impl OpenOptions {
    pub(crate) const fn count(&self) -> usize {
        self.open
    }
}

impl MessagingCtxView<'_> {
    fn new_options(&mut self) -> wasmtime::Result<Resource<Options>> {
        let MessagingCtx {
            limits, options, ..
        } = &mut *self.ctx;
        if options.open < limits.options {
            let resource = self.table.push(Options::default())?;
            options.open += 1;
            return Ok(resource);
        }
        // The constructor cannot fail, so these fail where they are used.
        if let Some(shared) = options.too_many {
            return Ok(Resource::new_own(shared));
        }
        let message = format!("at most {} options may be open", limits.options);
        let mut refused = Options::default();
        refused.set("options", Err(limit_exceeded("options", message)));
        let resource = self.table.push(refused)?;
        options.too_many = Some(resource.rep());
        Ok(resource)
    }

    fn set_option(
        &mut self,
        options: &Resource<Options>,
        name: &'static str,
        value: impl FnOnce(&Limits) -> Result<Given, Error>,
    ) -> wasmtime::Result<()> {
        if self.ctx.options.too_many == Some(options.rep()) {
            return Ok(());
        }
        let value = value(&self.ctx.limits);
        self.table.get_mut(options)?.set(name, value);
        Ok(())
    }

    fn set_name(
        &mut self,
        options: &Resource<Options>,
        name: &'static str,
        value: Option<String>,
        setting: fn(Option<String>) -> Setting,
    ) -> wasmtime::Result<()> {
        self.set_option(options, name, |limits| {
            if let Some(value) = &value {
                limits.check_name(name, value)?;
            }
            Ok(Given::Native(setting(value)))
        })
    }
}

impl HostOptions for MessagingCtxView<'_> {
    fn new(&mut self) -> wasmtime::Result<Resource<Options>> {
        self.new_options()
    }

    fn set_exchange(
        &mut self,
        options: Resource<Options>,
        exchange: Option<String>,
    ) -> wasmtime::Result<()> {
        self.set_name(&options, "exchange", exchange, Setting::Exchange)
    }

    fn set_topic(
        &mut self,
        options: Resource<Options>,
        topic: Option<String>,
    ) -> wasmtime::Result<()> {
        self.set_name(&options, "topic", topic, Setting::Topic)
    }

    fn set_namespace(
        &mut self,
        options: Resource<Options>,
        namespace: Option<String>,
    ) -> wasmtime::Result<()> {
        self.set_name(&options, "namespace", namespace, Setting::Namespace)
    }

    fn set_version(
        &mut self,
        options: Resource<Options>,
        version: Option<String>,
    ) -> wasmtime::Result<()> {
        self.set_name(&options, "version", version, Setting::Version)
    }

    fn set_server(
        &mut self,
        options: Resource<Options>,
        server: Option<String>,
    ) -> wasmtime::Result<()> {
        self.set_name(&options, "server", server, Setting::Server)
    }

    fn set_fanout(
        &mut self,
        options: Resource<Options>,
        fanout: Option<bool>,
    ) -> wasmtime::Result<()> {
        self.set_option(&options, "fanout", |_| {
            Ok(Given::Native(Setting::Fanout(fanout)))
        })
    }

    fn set_timeout(
        &mut self,
        options: Resource<Options>,
        timeout: Option<u64>,
    ) -> wasmtime::Result<()> {
        let timeout = timeout.map(Duration::from_nanos);
        self.set_option(&options, "timeout", |_| {
            Ok(Given::Native(Setting::Timeout(timeout)))
        })
    }

    fn set_version_cap(
        &mut self,
        options: Resource<Options>,
        version_cap: Option<String>,
    ) -> wasmtime::Result<()> {
        self.set_name(&options, "version-cap", version_cap, Setting::VersionCap)
    }

    fn set_retry(
        &mut self,
        options: Resource<Options>,
        retry: Option<u32>,
    ) -> wasmtime::Result<()> {
        self.set_option(&options, "retry", |_| {
            Ok(Given::Native(Setting::Retry(retry)))
        })
    }

    fn set_call_monitor_timeout(
        &mut self,
        options: Resource<Options>,
        call_monitor_timeout: Option<u64>,
    ) -> wasmtime::Result<()> {
        let timeout = call_monitor_timeout.map(Duration::from_nanos);
        self.set_option(&options, "call-monitor-timeout", |_| {
            Ok(Given::Native(Setting::CallMonitorTimeout(timeout)))
        })
    }

    fn set_mandatory(
        &mut self,
        options: Resource<Options>,
        mandatory: Option<bool>,
    ) -> wasmtime::Result<()> {
        self.set_option(&options, "mandatory", |_| {
            Ok(Given::Native(Setting::AtLeastOnce(mandatory)))
        })
    }

    fn set_reply_bytes(
        &mut self,
        options: Resource<Options>,
        reply_bytes: Option<u64>,
    ) -> wasmtime::Result<()> {
        self.set_option(&options, "reply-bytes", |_| {
            Ok(Given::ReplyBytes(reply_bytes))
        })
    }

    fn drop(&mut self, options: Resource<Options>) -> wasmtime::Result<()> {
        if self.ctx.options.too_many == Some(options.rep()) {
            return Ok(());
        }
        self.table.delete(options)?;
        self.ctx.options.open = self.ctx.options.open.saturating_sub(1);
        Ok(())
    }
}
