//! What TLS connections trust, and show of themselves.

use std::path::Path;
use std::sync::Arc;

use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::connect::STEP_LIMIT;
use crate::config::RabbitOptions;
use crate::driver::{TransportError, TransportErrorKind};

/// What the certificate of a host has to name.
pub(super) fn server_name(name: &str) -> Result<ServerName<'static>, TransportError> {
    ServerName::try_from(name.to_owned())
        .map_err(|_| tls(format!("`{name}` is no name that a certificate can have")))
}

/// What the options say of TLS.
///
/// Reads files, the system's hundreds of authorities among them: not on a thread of the runtime,
/// where every deadline would wait for a disk.
pub(super) async fn client_config(
    options: &RabbitOptions,
) -> Result<Arc<ClientConfig>, TransportError> {
    let options = options.clone();
    let read = tokio::task::spawn_blocking(move || read_tls_files(&options));
    match timeout(STEP_LIMIT, read).await {
        Ok(Ok(config)) => Ok(Arc::new(config?)),
        Ok(Err(error)) => Err(tls(format!("the certificates cannot be read: {error}"))),
        Err(_) => Err(tls(format!(
            "the certificates cannot be read within {STEP_LIMIT:?}"
        ))),
    }
}

fn read_tls_files(options: &RabbitOptions) -> Result<ClientConfig, TransportError> {
    let mut roots = RootCertStore::empty();
    match &options.ssl_ca_file {
        // Whoever names authorities trusts those alone.
        Some(path) => {
            roots.add_parsable_certificates(certificates(path)?);
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                let why = found.errors.first().map(ToString::to_string);
                let why = why.unwrap_or_else(|| "there are none".to_owned());
                return Err(tls(format!(
                    "no certificates of authorities on this system: {why} (set ssl_ca_file)"
                )));
            }
        }
    }
    let builder = ClientConfig::builder().with_root_certificates(roots);
    match (&options.ssl_cert_file, &options.ssl_key_file) {
        (Some(cert), Some(key)) => {
            let chain = certificates(cert)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| tls(format!("no private key in `{}`: {error}", key.display())))?;
            let config = builder.with_client_auth_cert(chain, key);
            config.map_err(|error| tls(format!("the certificates cannot be used: {error}")))
        }
        _ => Ok(builder.with_no_client_auth()),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let unusable = |error: &dyn std::fmt::Display| {
        tls(format!("no certificate in `{}`: {error}", path.display()))
    };
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(&error))?;
    if certificates.is_empty() {
        return Err(unusable(&"it holds none"));
    }
    Ok(certificates)
}

fn tls(message: String) -> TransportError {
    TransportError::new(TransportErrorKind::Tls, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_operators_and_containers_write_them() {
        let check = |name: &str, named: Option<&str>| {
            let found = server_name(name).ok();
            let found = found.as_ref().map(ServerName::to_str);
            assert_eq!(found.as_deref(), named, "{name}");
        };
        check("mq_1.example", Some("mq_1.example"));
        check("mq.example.", Some("mq.example"));
        check("127.0.0.1", Some("127.0.0.1"));
        check("::1", Some("::1"));
        check("", None);
        check("mq one", None);
    }
}
