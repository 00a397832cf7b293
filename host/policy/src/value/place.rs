//! Where things are outside of the file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{InvalidValue, Word};

/// A file, relative to the policy file unless it is absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilePath(pub(crate) PathBuf);

impl FromStr for FilePath {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let remedy = "write the path of a file, relative to this one or absolute";
        if text.is_empty() || text.contains('\0') || text.contains("://") {
            return Err(InvalidValue::new(text, "is no path", remedy));
        }
        Ok(Self(Path::new(text).to_owned()))
    }
}

impl Word for FilePath {
    const WHAT: &'static str = "the path of a file";
    const PATTERN: &'static str = "^[^\\x00]+$";
    const EXAMPLE: &'static str = "FILE";
}

/// The name of a variable of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable(pub(crate) String);

impl FromStr for Variable {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let first = text.chars().next().is_some_and(|c| !c.is_ascii_digit());
        if first && text.chars().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        let remedy = "write the variable's name, such as `TRANSPORT_URL`";
        // Whatever is here by mistake may be the secret itself.
        Err(InvalidValue::hidden("is no name of a variable", remedy))
    }
}

impl Word for Variable {
    const WHAT: &'static str = "the name of a variable";
    const PATTERN: &'static str = "^[A-Za-z_][A-Za-z0-9_]*$";
    const EXAMPLE: &'static str = "TRANSPORT_URL";
}

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListenAddress(pub(crate) SocketAddr);

impl FromStr for ListenAddress {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let remedy = "write an IP address and a port, such as `127.0.0.1:8080`, or `0.0.0.0:8080` for all \
                      addresses of this machine";
        let address = text.parse();
        address
            .map(Self)
            .map_err(|_| InvalidValue::new(text, "is no IP address with a port", remedy))
    }
}

impl Word for ListenAddress {
    const WHAT: &'static str = "an IP address with a port";
    const PATTERN: &'static str = "^(\\[.+\\]|[0-9.]+):[0-9]+$";
    const EXAMPLE: &'static str = "127.0.0.1:8080";
}

/// The path that HTTP requests have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpPath(pub(crate) String);

impl FromStr for HttpPath {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let plain = |c: char| c.is_ascii_graphic() && !"?#\\\"<>{}|^`".contains(c);
        let closed = text.len() > 1 && text.ends_with('/');
        if text.starts_with('/') && !closed && !text.contains("//") && text.chars().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        let remedy = "write it from its `/` on, without another at its end and without a query, such as \
             `/rebalance`";
        Err(InvalidValue::new(text, "is no path of HTTP", remedy))
    }
}

impl Word for HttpPath {
    const WHAT: &'static str = "a path";
    const PATTERN: &'static str = "^/[^?#]*$";
    const EXAMPLE: &'static str = "/rebalance";
}
