//! Transports from URLs and from a service's configuration file.

use std::path::Path;

use oslo_messaging::{Error, Transport, TransportOptions};

use crate::args::TransportArgs;
use crate::failure::Failure;

/// What the configuration file says, if there is one.
pub(crate) struct Configured(Option<TransportOptions>);

impl Configured {
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let options = file.map(TransportOptions::from_ini_file).transpose();
        options.map(Self).map_err(|error| Error::from(error).into())
    }

    /// Whether the file names a broker.
    pub(crate) fn has_url(&self) -> bool {
        let Self(options) = self;
        options
            .as_ref()
            .is_some_and(|options| options.transport_url.is_some())
    }

    /// The transport of this URL with the file's other options.
    pub(crate) fn open(&self, url: &str) -> Result<Transport, Failure> {
        let Self(options) = self;
        let url = url.parse().map_err(Error::from)?;
        Ok(Transport::with_options(
            &url,
            options.clone().unwrap_or_default(),
        )?)
    }

    /// The transport that the file names, which is upstream's default if it names none; without a
    /// file, memory.
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
    let configured = Configured::read(args.config_file.as_deref())?;
    match &args.transport {
        Some(url) => configured.open(url),
        None => configured.open_default(),
    }
}
