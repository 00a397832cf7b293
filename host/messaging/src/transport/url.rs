use std::borrow::Cow;
use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Which broker to use, and as whom (dossier §2; upstream `oslo_messaging/transport.py`,
/// `TransportURL`).
///
/// `rabbit://user:password@host1:5672,host2/virtual-host?option=value`, and `memory://` for the
/// transport inside this process. Every part but the scheme may be missing. User names, passwords,
/// the virtual host and option values are percent-decoded, once.
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
        let (scheme, rest) = split_scheme(url)?;
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (netloc, path, query) = split_rest(scheme, rest)?;
        let url = Self {
            scheme,
            hosts: parse_hosts(netloc, path, query)?,
            virtual_host: parse_virtual_host(path)?,
            options: parse_query(query)?,
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
            Scheme::Rabbit => super::rabbit::RabbitOptions::from_pairs(self.options()).map(drop),
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

/// Why a transport URL cannot be used. Never shows a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// A `%` that is not followed by two hexadecimal digits, or that yields no UTF-8.
    #[error("{part} of the transport URL has a `%` escape that cannot be decoded")]
    BadEscape {
        /// Where: user name, password, virtual host or option.
        part: Cow<'static, str>,
    },
    /// What should be a host name or an IPv6 address is neither.
    #[error("`{host}` in the transport URL is not a host name{}", remedy(host))]
    BadHost {
        /// As it stands in the URL.
        host: String,
    },
    /// An option that cannot hold this value.
    #[error("option `{name}` of the transport URL cannot be `{value}`: expected {expected}")]
    BadOptionValue {
        /// The option.
        name: String,
        /// Its value.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The port of a host is not a number from 1 to 65535.
    #[error(
        "the port of host {} in the transport URL is not a number from 1 to 65535", position + 1
    )]
    BadPort {
        /// Which host, counted from 0. (What stands there may be a piece of a password.)
        position: usize,
    },
    /// Something other than `//host` or `/virtual-host` follows the scheme.
    #[error("expected `//` after `{scheme}:` in the transport URL")]
    MissingSlashes {
        /// The scheme.
        scheme: &'static str,
    },
    /// The URL does not start with a transport's name.
    #[error("the transport URL has no scheme: write `rabbit://…` or `memory://`")]
    MissingScheme,
    /// This program was built without the RabbitMQ transport.
    #[error("the transport `rabbit` is not part of this program (crate feature `rabbit`)")]
    RabbitNotBuilt,
    /// A virtual host that AMQP cannot carry.
    #[error("the virtual host in the transport URL is longer than 255 bytes")]
    LongVirtualHost,
    /// A `[` without `]`.
    #[error("the `[` before the IPv6 address in the transport URL is never closed")]
    UnclosedBracket,
    /// A delimiter stands in a user name or password as it is.
    #[error(
        "user name or password in the transport URL holds a delimiter as it is: \
         write `,` as %2C, `/` as %2F, `?` as %3F, `#` as %23"
    )]
    UnencodedDelimiter,
    /// There is no such option, or it does nothing here.
    #[error(
        "unknown option `{name}` in the transport URL{}",
        nearest.map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default()
    )]
    UnknownOption {
        /// Its name.
        name: String,
        /// The option most like it.
        nearest: Option<&'static str>,
    },
    /// There is no such transport.
    #[error("unknown transport `{scheme}`: {}", scheme_remedy(scheme))]
    UnknownScheme {
        /// Its name.
        scheme: String,
    },
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

/// The one of `known` that `name` was probably meant to be.
#[cfg(feature = "rabbit")]
pub(crate) fn nearest(
    name: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance * 2 <= candidate.len())
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's.
#[cfg(feature = "rabbit")]
fn distance(left: &str, right: &str) -> usize {
    // A name this far from every known one has no nearest; the bound keeps hostile input cheap.
    if left.len() > 100 {
        return usize::MAX / 4;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, r) in row.iter_mut().skip(1).zip(right.bytes()) {
            let cost = diagonal + usize::from(l != r);
            diagonal = *cell;
            before = cost.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

fn split_scheme(url: &str) -> Result<(Scheme, &str), UrlError> {
    let (name, rest) = url.split_once(':').ok_or(UrlError::MissingScheme)?;
    let well_formed = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !well_formed {
        return Err(UrlError::MissingScheme);
    }
    match name.to_ascii_lowercase().as_str() {
        "memory" => Ok((Scheme::Memory, rest)),
        "rabbit" => Ok((Scheme::Rabbit, rest)),
        scheme => Err(UrlError::UnknownScheme {
            scheme: scheme.to_owned(),
        }),
    }
}

/// Network location, path with its first `/`, query.
fn split_rest(scheme: Scheme, rest: &str) -> Result<(&str, &str, &str), UrlError> {
    let (rest, query) = match rest.split_once('?') {
        Some(split) => split,
        None => (rest, ""),
    };
    if let Some(rest) = rest.strip_prefix("//") {
        let end = rest.find('/').unwrap_or(rest.len());
        let (netloc, path) = rest.split_at(end);
        Ok((netloc, path, query))
    } else if rest.is_empty() || rest.starts_with('/') {
        Ok(("", rest, query))
    } else {
        Err(UrlError::MissingSlashes {
            scheme: scheme.as_str(),
        })
    }
}

fn parse_hosts(netloc: &str, path: &str, query: &str) -> Result<Vec<TransportHost>, UrlError> {
    // `rabbit://u/x:p@h` has, by the letter, the host `u` and the virtual host `x:p@h`. It would
    // be printed with its password.
    let credentials_in_path = |text: &str| {
        text.split_once('@')
            .is_some_and(|(before, _)| before.contains(':'))
    };
    if !netloc.contains('@') && (credentials_in_path(path) || credentials_in_path(query)) {
        return Err(UrlError::UnencodedDelimiter);
    }
    let entries: Vec<&str> = netloc
        .split(',')
        .filter(|entry| !entry.is_empty())
        .collect();
    let mut hosts = Vec::with_capacity(entries.len());
    for (position, entry) in entries.iter().enumerate() {
        let host = parse_host(position, entry).map_err(|error| {
            // A piece of a password that was cut by a raw delimiter looks like a bad port.
            let cut = !entry.contains('@')
                && (entries
                    .iter()
                    .skip(position)
                    .any(|entry| entry.contains('@'))
                    || path.contains('@')
                    || query.contains('@'));
            if cut {
                UrlError::UnencodedDelimiter
            } else {
                error
            }
        })?;
        hosts.push(host);
    }
    Ok(hosts)
}

fn parse_host(position: usize, entry: &str) -> Result<TransportHost, UrlError> {
    let (credentials, address) = match entry.rsplit_once('@') {
        Some((credentials, address)) => (Some(credentials), address),
        None => (None, entry),
    };
    let (user, password) = match credentials.map(|text| text.split_once(':').ok_or(text)) {
        Some(Ok((user, password))) => (Some(user), Some(password)),
        Some(Err(user)) => (Some(user), None),
        None => (None, None),
    };
    let user = user.map(|user| decode(user, "the user name")).transpose()?;
    let password = password
        .map(|password| decode(password, "the password"))
        .transpose()?;
    let (name, port) = parse_address(position, address)?;
    Ok(TransportHost {
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        port,
        user: user.filter(|user| !user.is_empty()),
        password: password.filter(|password| !password.is_empty()),
    })
}

fn parse_address(position: usize, address: &str) -> Result<(&str, Option<u16>), UrlError> {
    let bad_host = || UrlError::BadHost {
        host: address.to_owned(),
    };
    if let Some(rest) = address.strip_prefix('[') {
        let (name, rest) = rest.split_once(']').ok_or(UrlError::UnclosedBracket)?;
        name.parse::<Ipv6Addr>().map_err(|_| bad_host())?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(parse_port(position, port)?),
            None if rest.is_empty() => None,
            None => return Err(bad_host()),
        };
        return Ok((name, port));
    }
    let (name, port) = match address.split_once(':') {
        Some((_, rest)) if rest.contains(':') => {
            address.parse::<Ipv6Addr>().map_err(|_| bad_host())?;
            return Ok((address, None));
        }
        Some((name, port)) => (name, Some(parse_port(position, port)?)),
        None => (address, None),
    };
    if name.contains(|c: char| c.is_whitespace() || c.is_control() || "%[]<>\\^`{|}\"".contains(c))
    {
        return Err(bad_host());
    }
    Ok((name, port))
}

fn parse_port(position: usize, text: &str) -> Result<u16, UrlError> {
    text.parse()
        .ok()
        .filter(|port| *port != 0 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or(UrlError::BadPort { position })
}

fn parse_virtual_host(path: &str) -> Result<String, UrlError> {
    let virtual_host = decode(path.strip_prefix('/').unwrap_or(path), "the virtual host")?;
    if virtual_host.len() > 255 {
        return Err(UrlError::LongVirtualHost);
    }
    Ok(if virtual_host.is_empty() {
        "/".to_owned()
    } else {
        virtual_host
    })
}

fn parse_query(query: &str) -> Result<Vec<(String, String)>, UrlError> {
    let mut options: Vec<(String, String)> = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if value.is_empty() {
            continue;
        }
        let name = decode(&name.replace('+', " "), "an option name")?;
        let value = decode(
            &value.replace('+', " "),
            format!("the value of option `{name}`"),
        )?;
        match options.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => options.push((name, value)),
        }
    }
    Ok(options)
}

fn decode(text: &str, part: impl Into<Cow<'static, str>>) -> Result<String, UrlError> {
    let well_formed = text.split('%').skip(1).all(|after| {
        let mut bytes = after.bytes();
        matches!((bytes.next(), bytes.next()), (Some(a), Some(b))
            if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
    });
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) if well_formed => Ok(decoded.into_owned()),
        _ => Err(UrlError::BadEscape { part: part.into() }),
    }
}

fn encode(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, UNRESERVED)
}

fn remedy(host: &str) -> &'static str {
    if host.contains(':') && !host.contains('[') {
        ": write an IPv6 address and its port as `[address]:port`"
    } else {
        ""
    }
}

fn scheme_remedy(scheme: &str) -> &'static str {
    match scheme {
        "amqp" | "kombu" => "write `rabbit://…`",
        "amqps" | "rabbits" => "write `rabbit://…?ssl=true`",
        "fake" => "write `memory://`",
        scheme if scheme.starts_with("rabbit+") || scheme.starts_with("kombu+") => {
            "write `rabbit://…`"
        }
        _ => {
            "there are `rabbit` (as in `rabbit://user:password@host:5672/virtual-host`) and `memory`"
        }
    }
}

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

#[cfg(test)]
mod tests;
