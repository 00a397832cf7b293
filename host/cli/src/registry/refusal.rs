//! What a registry refuses, and what goes wrong on the way to it, as failures of the program.
//!
//! No address is told but the registry's own: those that it answers with may have secrets in them.

use std::error::Error as StdError;
use std::io;
use std::iter;

use oci_client::Reference;
use oci_client::errors::{DigestError, OciDistributionError as Refusal, OciErrorCode};
use tokio_rustls::rustls;

use super::{name, said};
use crate::failure::{Exit, Failure};

/// Who asked for what.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) name: Reference,
    pub(super) with_login: bool,
    pub(super) plain_http: bool,
}

impl Asked {
    pub(super) fn failure(&self, refusal: &Refusal) -> Failure {
        let Self { name, .. } = self;
        let registry = name.registry();
        match refusal {
            Refusal::AuthenticationFailure(why) => self.login(why),
            Refusal::UnauthorizedError { .. } => self.login(""),
            Refusal::DigestError(error) => self.digest(error),
            Refusal::IoError(error) => self.broken(error),
            Refusal::RequestError(error) => match error.status() {
                Some(status) => self.status(status.as_u16(), ""),
                None => self.broken(error),
            },
            Refusal::ServerError { code, message, .. } => self.status(*code, message),
            Refusal::ImageManifestNotFoundError(_) => self.not_found(),
            Refusal::RegistryError { envelope, .. } => {
                let has = |codes: &[OciErrorCode]| {
                    envelope.errors.iter().any(|it| codes.contains(&it.code))
                };
                let why = envelope.errors.iter().map(|it| it.message.as_str());
                let why: Vec<_> = why.filter(|why| !why.is_empty()).collect();
                let why = why.join(", ");
                if has(&[OciErrorCode::Unauthorized, OciErrorCode::Denied]) {
                    self.login(&why)
                } else if has(&[
                    OciErrorCode::BlobUnknown,
                    OciErrorCode::ManifestUnknown,
                    OciErrorCode::NameUnknown,
                    OciErrorCode::NotFound,
                ]) {
                    self.not_found()
                } else {
                    self.refused(&why)
                }
            }
            other => {
                let why = said(&other.to_string());
                let message = format!("what the registry `{registry}` says makes no sense: {why}");
                Failure::new(Exit::InvalidReply, message).remedy(
                    "check that it is a registry of OCI, and nothing else that answers there",
                )
            }
        }
    }

    /// What comes of a layer is an error of I/O, with the real one inside.
    pub(super) fn failure_of_layer(&self, error: &io::Error) -> Failure {
        let inner = error.get_ref();
        match inner.and_then(|inner| inner.downcast_ref()) {
            Some(digest) => self.digest(digest),
            None => self.broken(error),
        }
    }

    fn status(&self, status: u16, why: &str) -> Failure {
        match status {
            401 | 403 => self.login(why),
            404 => self.not_found(),
            _ if why.is_empty() => self.refused(&format!("status {status}")),
            _ => self.refused(&format!("status {status}, {why}")),
        }
    }

    fn login(&self, why: &str) -> Failure {
        let Self { name, .. } = self;
        let registry = name.registry();
        let mut message = if self.with_login {
            format!("the registry `{registry}` refuses the login that is kept for it, for `{name}`")
        } else {
            format!("the registry `{registry}` wants a login for `{name}`")
        };
        if !why.is_empty() {
            message = format!("{message}: {}", said(why));
        }
        Failure::new(Exit::LoginRefused, message)
            .remedy("`docker login` and `podman login` keep one in the file that is read here")
    }

    fn not_found(&self) -> Failure {
        let Self { name, .. } = self;
        let message = format!("the registry `{}` has no `{name}`", name.registry());
        Failure::new(Exit::NotFound, message)
            .remedy("check name and tag; some registries say so of what wants a login, too")
    }

    fn refused(&self, why: &str) -> Failure {
        let Self { name, .. } = self;
        let registry = name.registry();
        let message = format!("the registry `{registry}` refuses `{name}`: {}", said(why));
        Failure::new(Exit::Refused, message)
    }

    fn digest(&self, error: &DigestError) -> Failure {
        let Self { name, .. } = self;
        if let DigestError::VerificationError { expected, actual } = error {
            let message = format!(
                "what the registry sent for `{name}` is not what its digest says: {} was wanted, and {actual} came",
                said(expected)
            );
            return Failure::new(Exit::WrongDigest, message).remedy(
                "nothing was written; whoever runs the registry has to look why it is another",
            );
        }
        let why = said(&error.to_string());
        let message = format!("the digest of `{name}` makes no sense: {why}");
        Failure::new(Exit::InvalidReply, message)
    }

    /// Neither the registry nor this program wanted that.
    fn broken(&self, error: &(dyn StdError + 'static)) -> Failure {
        let registry = self.name.registry();
        let causes: Vec<_> = iter::successors(Some(error), |cause| inside(*cause)).collect();
        let why = causes.last().map(ToString::to_string).unwrap_or_default();
        let why = said(&why);
        let of_tls = causes.iter().find_map(|cause| cause.downcast_ref());
        let texts: Vec<_> = causes.iter().map(ToString::to_string).collect();
        let has = |text: &str| texts.iter().any(|it| it.contains(text));
        if let Some(of_tls) = of_tls {
            let message = format!("no TLS with the registry `{registry}`: {why}");
            let remedy = match of_tls {
                rustls::Error::InvalidMessage(_) if name::is_loopback(registry) => {
                    "a registry on this machine mostly speaks HTTP without TLS: say so with --plain-http"
                }
                rustls::Error::InvalidMessage(_) => {
                    "something answers there that is no TLS; --plain-http is for registries without it"
                }
                _ => "SSL_CERT_FILE names a file of authorities in the place of the system's",
            };
            return Failure::new(Exit::Tls, message).remedy(remedy);
        }
        if has("dns error") {
            let message = format!("the registry `{registry}` is unknown: {why}");
            return Failure::new(Exit::UnknownHost, message).remedy("check the name's first part");
        }
        if has("timed out") || has("deadline has elapsed") {
            let message = format!("the registry `{registry}` is silent");
            return Failure::new(Exit::Timeout, message)
                .remedy("check that it works, and that nothing between holds it up");
        }
        let message = format!("no connection to the registry `{registry}`: {why}");
        let remedy = if self.plain_http {
            "check the name's first part, which has its port, and that it speaks HTTP without TLS there"
        } else {
            "check the name's first part, which has its port if that is not 443"
        };
        Failure::new(Exit::Unreachable, message).remedy(remedy)
    }
}

/// An error of I/O does not name the one that it was made of as its source, but that one's.
fn inside<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let inner = error.downcast_ref().and_then(io::Error::get_ref);
    match inner {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
