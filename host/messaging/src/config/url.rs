mod error;
mod parse;

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub use self::error::UrlError;

/// Which broker to use, and as whom (upstream `oslo_messaging/transport.py`,
/// `TransportURL`).
///
/// `rabbit://user:password@host1:5672,host2/virtual-host?option=value`, and `memory://` for the
/// transport inside this process. Every part but the scheme may be missing. User names, passwords,
/// the virtual host and option values are percent-decoded, once; a `%` that begins no escape is itself.
///
/// Neither `Display` nor `Debug` shows a password.
///
/// ```
/// use oslo_messaging::transport::TransportUrl;
///
/// let url: TransportUrl = "rabbit://nova:p%2Fw@mq1,mq2:5673/cloud".parse()?;
/// assert_eq!(url.hosts()[0].password(), Some("p/w"));
/// assert_eq!(url.virtual_host(), "cloud");
/// assert_eq!(url.to_string(), "rabbit://nova:***@mq1,mq2:5673/cloud");
/// # Ok::<(), oslo_messaging::transport::UrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TransportUrl {
    scheme: Scheme,
    hosts: Vec<TransportHost>,
    virtual_host: String,
    options: Vec<(String, String)>,
}

impl TransportUrl {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// [`UrlError`] names the part that is wrong. For `rabbit`, the options are checked as well.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let url = parse::without_breaks(url);
        let (scheme, rest) = parse::split_scheme(&url)?;
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (netloc, path, query) = parse::split_rest(scheme, rest)?;
        let url = Self {
            scheme,
            hosts: parse::parse_hosts(netloc, [path, query, fragment])?,
            virtual_host: parse::parse_virtual_host(path)?,
            options: parse::parse_query(query)?,
        };
        url.check_options()?;
        Ok(url)
    }

    /// Which transport it is.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The hosts in the order they were given; none if the URL names none.
    #[must_use]
    pub fn hosts(&self) -> &[TransportHost] {
        &self.hosts
    }

    /// The virtual host, `/` if the URL names none.
    #[must_use]
    pub fn virtual_host(&self) -> &str {
        &self.virtual_host
    }

    /// The options after `?`, decoded; the values of a repeated name are joined with commas.
    pub fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        self.options
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn check_options(&self) -> Result<(), UrlError> {
        match self.scheme {
            #[cfg(feature = "rabbit")]
            Scheme::Rabbit => {
                // Whether they fit together depends on those that are given elsewhere.
                let mut options = crate::config::RabbitOptions::default();
                for (name, value) in self.options() {
                    options.set(name, value)?;
                }
                Ok(())
            }
            #[cfg(not(feature = "rabbit"))]
            Scheme::Rabbit => Err(UrlError::RabbitNotBuilt),
            Scheme::Memory => match self.options.first() {
                Some((name, _)) => Err(UrlError::UnknownOption {
                    name: name.clone(),
                    nearest: None,
                }),
                None => Ok(()),
            },
        }
    }
}

/// The transports there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// Inside this process.
    Memory,
    /// RabbitMQ.
    Rabbit,
}

impl Scheme {
    /// The name in front of the colon.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Rabbit => "rabbit",
        }
    }
}

/// One broker of a [`TransportUrl`]. What is not in the URL is none here; the transport puts its
/// defaults in its place.
#[derive(Clone, PartialEq, Eq)]
pub struct TransportHost {
    name: Option<String>,
    port: Option<u16>,
    user: Option<String>,
    password: Option<String>,
}

impl TransportHost {
    /// The host name or address, an IPv6 address without its brackets.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The user name.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }
}

impl FromStr for TransportUrl {
    type Err = UrlError;

    fn from_str(url: &str) -> Result<Self, UrlError> {
        Self::parse(url)
    }
}

/// As upstream prints it, but with `***` in place of a password.
impl fmt::Display for TransportUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme.as_str())?;
        for (position, host) in self.hosts.iter().enumerate() {
            write!(f, "{}{host}", if position == 0 { "" } else { "," })?;
        }
        f.write_str("/")?;
        if self.virtual_host != "/" {
            write!(f, "{}", utf8_percent_encode(&self.virtual_host, PATH))?;
        }
        for (position, (name, value)) in self.options().enumerate() {
            let separator = if position == 0 { '?' } else { '&' };
            write!(f, "{separator}{}={}", encode(name), encode(value))?;
        }
        Ok(())
    }
}

impl fmt::Debug for TransportUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportUrl({self})")
    }
}

impl fmt::Display for TransportHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{}", encode(user))?;
        }
        if self.password.is_some() {
            f.write_str(":***")?;
        }
        if self.user.is_some() || self.password.is_some() {
            f.write_str("@")?;
        }
        match self.name.as_deref() {
            Some(name) if name.contains(':') => write!(f, "[{name}]")?,
            name => f.write_str(name.unwrap_or_default())?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for TransportHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportHost({self})")
    }
}

fn encode(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, UNRESERVED)
}

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

#[cfg(test)]
mod tests;
