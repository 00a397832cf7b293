//! What TLS connections trust, and show of themselves.

use std::path::Path;

use lapin::tcp::{RustlsConnector, RustlsConnectorConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::timeout;

use super::connect::STEP_LIMIT;
use super::options::RabbitOptions;
use crate::error::{TransportError, TransportErrorKind};

/// Reads files, the system's hundreds of authorities among them: not on a thread of the runtime,
/// where every deadline would wait for a disk.
pub(super) async fn tls_connector(
    options: RabbitOptions,
) -> Result<RustlsConnector, TransportError> {
    let read = tokio::task::spawn_blocking(move || read_tls_files(&options));
    match timeout(STEP_LIMIT, read).await {
        Ok(Ok(connector)) => connector,
        Ok(Err(error)) => Err(tls(format!("the certificates cannot be read: {error}"))),
        Err(_) => Err(tls(format!(
            "the certificates cannot be read within {STEP_LIMIT:?}"
        ))),
    }
}

fn read_tls_files(options: &RabbitOptions) -> Result<RustlsConnector, TransportError> {
    let config = match &options.ssl_ca_file {
        // Whoever names authorities trusts those alone.
        Some(path) => {
            let authorities = certificates(path)?;
            RustlsConnectorConfig::default().with_parsable_certificates(authorities)
        }
        None => RustlsConnectorConfig::new_with_native_certs().map_err(|error| {
            tls(format!(
                "no certificates of authorities on this system: {error}"
            ))
        })?,
    };
    match (&options.ssl_cert_file, &options.ssl_key_file) {
        (Some(cert), Some(key)) => {
            let chain = certificates(cert)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| tls(format!("no private key in `{}`: {error}", key.display())))?;
            config.connector_with_single_cert(chain, key)
        }
        _ => config.connector_with_no_client_auth(),
    }
    .map_err(|error| tls(format!("the certificates cannot be used: {error}")))
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
