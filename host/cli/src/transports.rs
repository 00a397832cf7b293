//! Transports from URLs and from a service's configuration.

use oslo_messaging::{Error, Transport, TransportOptions};

use crate::args::{ConfigArgs, TransportArgs};
use crate::failure::Failure;
use crate::print;

/// What the configuration says, if there is one.
pub(crate) struct Configured(Option<TransportOptions>);

impl Configured {
    /// Reads the files, and tells what nobody reads of them.
    pub(crate) fn read(args: &ConfigArgs) -> Result<Self, Failure> {
        if args.files.is_empty() {
            return Ok(Self(None));
        }
        let service = args.files.read().map_err(Error::from)?;
        for warning in &service.warnings {
            print::warning(warning, args.json);
        }
        Ok(Self(Some(service.options)))
    }

    /// Whether the configuration names a broker.
    pub(crate) fn has_url(&self) -> bool {
        let Self(options) = self;
        options
            .as_ref()
            .is_some_and(|options| options.transport_url.is_some())
    }

    /// The transport of this URL with the configuration's other options.
    pub(crate) fn open(&self, url: &str) -> Result<Transport, Failure> {
        let Self(options) = self;
        let url = url.parse().map_err(Error::from)?;
        Ok(Transport::with_options(
            &url,
            options.clone().unwrap_or_default(),
        )?)
    }

    /// The transport that the configuration names, which is upstream's default if it names none;
    /// without one, memory.
    pub(crate) fn open_default(&self) -> Result<Transport, Failure> {
        let Self(options) = self;
        match options {
            None => Ok(Transport::memory()),
            Some(options) => Ok(Transport::from_options(options.clone())?),
        }
    }
}

/// The one transport of a command.
pub(crate) fn open(args: &TransportArgs) -> Result<Transport, Failure> {
    let configured = Configured::read(&args.config)?;
    match &args.transport {
        Some(url) => configured.open(url),
        None => configured.open_default(),
    }
}
