//! A certificate of this machine's, for a test alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One for `localhost`, which is its own authority, and its key, both in PEM.
pub(crate) fn localhost() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = |what: &str, bytes: &[u8]| {
        let text = STANDARD.encode(bytes);
        format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
    };
    (
        pem("CERTIFICATE", made.cert.der()),
        pem("PRIVATE KEY", &made.signing_key.serialize_der()),
    )
}
