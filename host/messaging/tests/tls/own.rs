//! A TLS configuration that a program makes itself.

use std::sync::Arc;

use oslo_messaging::transport::rustls::pki_types::pem::PemObject as _;
use oslo_messaging::transport::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use oslo_messaging::transport::rustls::{ClientConfig, RootCertStore};

use crate::certificates::{Authority, Issued};

/// It trusts one authority, and shows a certificate if there is one.
pub(crate) fn config(roots: &Authority, shown: Option<&Issued>) -> Arc<ClientConfig> {
    let mut store = RootCertStore::empty();
    let root = CertificateDer::from_pem_file(&roots.file).unwrap();
    store.add(root).unwrap();
    let builder = ClientConfig::builder().with_root_certificates(store);
    let config = match shown {
        None => builder.with_no_client_auth(),
        Some(issued) => {
            let chain = vec![CertificateDer::from_pem_file(&issued.cert).unwrap()];
            let key = PrivateKeyDer::from_pem_file(&issued.key).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    Arc::new(config)
}
