//! The broker, the services and Python's client, and what happens to them between the stages.

use anyhow::{Context, Result};
use oslo_messaging::Transport;
use oslo_messaging_tests::broker::Broker;
use oslo_messaging_tests::peer::PythonClient;

use crate::guest::Guests;
use crate::kinds::Kind;
use crate::service::Service;
use crate::watch::Watch;

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Nothing.
    Fresh,
    /// The services were stopped, and started again.
    ServiceRestarted,
    /// The broker was killed, and started again with what it had written.
    BrokerRestarted,
}

impl Stage {
    pub(crate) const ALL: [Self; 3] = [Self::Fresh, Self::ServiceRestarted, Self::BrokerRestarted];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::ServiceRestarted => "service-restarted",
            Self::BrokerRestarted => "broker-restarted",
        }
    }
}

/// Everything that is there. Clients live through all stages, as those of a host do.
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) guests: Guests,
    /// The transport that plugins are granted.
    pub(crate) transport: Transport,
    pub(crate) python: PythonClient,
    /// What calls all the time, if its service was started.
    pub(crate) watch: Option<Watch>,
    services: Vec<Service>,
    stage: Stage,
    broker: Broker,
}

impl World {
    /// Starts a broker and these services.
    ///
    /// # Errors
    /// When one of them does not start; it says why.
    pub(crate) async fn start(kinds: &[&'static Kind]) -> Result<Self> {
        let broker = Broker::start()?;
        let url = broker.url("/");
        let python = PythonClient::start(&url, &[]).await?;
        let mut services = Vec::new();
        for kind in kinds {
            let started = Service::start(kind, &url);
            services.push(started.with_context(|| kind.name)?);
        }
        for service in &mut services {
            service.ready(&python).await?;
        }
        let watch = if kinds.iter().any(|kind| kind.name == Watch::SERVICE) {
            Some(Watch::start(&url).await?)
        } else {
            None
        };
        Ok(Self {
            transport: Transport::new(&url)?,
            url,
            guests: Guests::new(),
            python,
            watch,
            services,
            stage: Stage::Fresh,
            broker,
        })
    }

    /// The service of this name.
    ///
    /// # Errors
    /// When it was not started.
    pub(crate) fn service(&self, name: &str) -> Result<&Service> {
        let mut services = self.services.iter();
        let found = services.find(|service| service.kind.name == name);
        found.with_context(|| format!("{name} was not started"))
    }

    /// Lets happen what has to happen before a stage.
    ///
    /// # Errors
    /// When a service does not serve again.
    pub(crate) async fn reach(&mut self, stage: Stage) -> Result<()> {
        while self.stage < stage {
            if self.stage == Stage::Fresh {
                self.services.iter_mut().try_for_each(Service::restart)?;
                self.stage = Stage::ServiceRestarted;
            } else {
                self.broker.kill()?;
                self.broker.start_again()?;
                self.stage = Stage::BrokerRestarted;
            }
            for service in &mut self.services {
                service.ready(&self.python).await?;
            }
        }
        Ok(())
    }
}
