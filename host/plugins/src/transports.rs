//! The transports of a policy, by name.

use std::collections::BTreeMap;
use std::path::Path;

use oslo_messaging::transport::ConfigFiles;
use oslo_messaging::{Error, Transport, TransportOptions};
use oslo_messaging_policy::{Digest, Policy, System, TransportSource};
use sha2::{Digest as _, Sha256};

use crate::host::TransportStatus;
use crate::problem::{About, LoadProblem};

/// Open transports. None connects before it is used.
#[derive(Clone, Default)]
pub(crate) struct Transports(BTreeMap<String, Opened>);

#[derive(Clone)]
struct Opened {
    transport: Transport,
    /// Of all that it was made from; none: the embedder's own.
    made_from: Option<Digest>,
}

impl Transports {
    /// The embedder's, which stand for those of the same name in every policy.
    pub(crate) fn own(transports: BTreeMap<String, Transport>) -> Self {
        let opened = transports.into_iter().map(|(name, transport)| {
            let made_from = None;
            (
                name,
                Opened {
                    transport,
                    made_from,
                },
            )
        });
        Self(opened.collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Transport> {
        self.0.get(name).map(|opened| &opened.transport)
    }

    /// How each is.
    pub(crate) fn status(&self) -> Vec<TransportStatus> {
        let status = |(name, opened): (&String, &Opened)| TransportStatus {
            name: name.clone(),
            state: opened.transport.state(),
            statistics: opened.transport.statistics(),
        };
        self.0.iter().map(status).collect()
    }

    /// Whether this name is another transport there.
    pub(crate) fn differs(&self, other: &Self, name: &str) -> bool {
        let made_from = |transports: &Self| transports.0.get(name).map(|it| it.made_from);
        made_from(self) != made_from(other)
    }

    /// The transports of a policy. Those that have not changed are these; one that cannot be opened is
    /// left as it is.
    pub(crate) fn opened(
        &self,
        policy: &Policy,
        policy_file: &Path,
        problems: &mut Vec<LoadProblem>,
    ) -> Self {
        let mut opened = self.clone();
        opened
            .0
            .retain(|name, it| it.made_from.is_none() || policy.transport(name).is_some());
        for transport in policy.transports() {
            let name = transport.name();
            let known = opened.0.get(name);
            if known.is_some_and(|known| known.made_from.is_none()) {
                continue;
            }
            match open(transport, policy_file, known) {
                Ok(new) => {
                    opened.0.insert(name.to_owned(), new);
                }
                Err(why) => problems.push(LoadProblem::new(About::Transport(name.to_owned()), why)),
            }
        }
        opened
    }

    /// Closes all but the embedder's own.
    pub(crate) async fn close(&mut self) {
        let all = std::mem::take(&mut self.0);
        for (name, opened) in all {
            if opened.made_from.is_some() {
                opened.transport.close().await;
            } else {
                self.0.insert(name, opened);
            }
        }
    }

    pub(crate) fn control_exchanges(&self) -> BTreeMap<String, String> {
        let exchange = |opened: &Opened| opened.transport.control_exchange().to_owned();
        let exchanges = self.0.iter();
        exchanges
            .map(|(name, it)| (name.clone(), exchange(it)))
            .collect()
    }
}

/// Why not is without secrets: addresses are resolved here, and errors of the native library have none.
fn open(
    transport: &oslo_messaging_policy::Transport,
    policy_file: &Path,
    known: Option<&Opened>,
) -> Result<Opened, String> {
    let system = System::beside(policy_file);
    let (options, text) = match transport.source() {
        TransportSource::ConfigFile(path) => {
            let folder = policy_file.parent().unwrap_or_else(|| Path::new(""));
            let path = folder.join(path);
            let told =
                |error: &dyn std::fmt::Display| format!("its config-file cannot be used: {error}");
            let text = std::fs::read(&path)
                .map_err(|error| told(&format_args!("{}: {error}", path.display())))?;
            let service = ConfigFiles::new().file(&path).read();
            let service = service.map_err(|error| told(&error))?;
            for warning in &service.warnings {
                tracing::warn!(transport = transport.name(), %warning);
            }
            (service.options, text)
        }
        TransportSource::Url(secret) => {
            let url = secret.resolve(&system).map_err(|error| chain(&error))?;
            let mut options = TransportOptions::default();
            let parsed = url.expose().parse();
            let parsed = parsed.map_err(|error| Error::from(error).to_string())?;
            options.transport_url = Some(parsed);
            (options, url.expose().as_bytes().to_owned())
        }
    };
    let mut options = options;
    if let Some(exchange) = transport.control_exchange() {
        exchange.clone_into(&mut options.control_exchange);
    }
    let mut hash = Sha256::new();
    hash.update(options.control_exchange.as_bytes());
    hash.update([0]);
    hash.update(text);
    let made_from = Some(Digest::from_bytes(hash.finalize().into()));
    if let Some(known) = known.filter(|known| known.made_from == made_from) {
        return Ok(known.clone());
    }
    let transport = Transport::from_options(options).map_err(|error| error.to_string())?;
    Ok(Opened {
        transport,
        made_from,
    })
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
