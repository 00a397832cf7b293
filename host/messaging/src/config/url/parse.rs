//! The grammar, one function for each part.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use percent_encoding::percent_decode_str;

use super::{Scheme, TransportHost, UrlError};

/// The characters that count. Python's parser drops blanks before a URL, and tabs and line breaks
/// wherever they are, so a URL may go over several lines of a file.
pub(super) fn without_breaks(url: &str) -> Cow<'_, str> {
    let url = url.trim_start_matches(|c: char| c <= ' ');
    let is_break = |c: char| matches!(c, '\t' | '\n' | '\r');
    if url.contains(is_break) {
        Cow::Owned(url.replace(is_break, ""))
    } else {
        Cow::Borrowed(url)
    }
}

pub(super) fn split_scheme(url: &str) -> Result<(Scheme, &str), UrlError> {
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
pub(super) fn split_rest(scheme: Scheme, rest: &str) -> Result<(&str, &str, &str), UrlError> {
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

/// The hosts, and whether what follows them is what it seems.
pub(super) fn parse_hosts(
    netloc: &str,
    following: [&str; 3],
) -> Result<Vec<TransportHost>, UrlError> {
    if is_cut(netloc, following) {
        return Err(UrlError::UnencodedDelimiter);
    }
    netloc
        .split(',')
        .filter(|entry| !entry.is_empty())
        .enumerate()
        .map(|(position, entry)| parse_host(position, entry))
        .collect()
}

/// Whether a user name or password holds a delimiter as it is. `rabbit://u:12/x@h` has, by the letter, the
/// host `u`, the port 12 and the virtual host `x@h`; it is far more likely that the password is `12/x`. So
/// a host with a colon and without credentials makes a later `@` theirs, and so does a colon further on;
/// but `rabbit://h1:1,u:p@h2` has two hosts.
fn is_cut(netloc: &str, following: [&str; 3]) -> bool {
    let (mut has_colon, mut is_no_host) = (false, false);
    for entry in netloc.split(',') {
        match entry.rsplit_once('@') {
            Some((before, _)) if is_no_host || (has_colon && !before.contains(':')) => return true,
            Some(_) => {}
            None => {
                // Those of IPv6 are more.
                has_colon |= entry.matches(':').count() == 1;
                is_no_host |= parse_address(0, entry).is_err();
            }
        }
    }
    let is_of_credentials = |text: &str| {
        text.split_once('@')
            .is_some_and(|(before, _)| has_colon || is_no_host || before.contains(':'))
    };
    !netloc.contains('@') && following.into_iter().any(is_of_credentials)
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

pub(super) fn parse_virtual_host(path: &str) -> Result<String, UrlError> {
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

pub(super) fn parse_query(query: &str) -> Result<Vec<(String, String)>, UrlError> {
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

/// What a `%` begins that is no escape stays as it is, as upstream has it. Bytes that are no UTF-8
/// cannot be sent; upstream sends another character in their place.
fn decode(text: &str, part: impl Into<Cow<'static, str>>) -> Result<String, UrlError> {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(UrlError::BadEscape { part: part.into() }),
    }
}
