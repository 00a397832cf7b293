//! What other tools put into a registry, and ask it for.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use oslo_messaging_tests::registry::Registry;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Puts a manifest of one layer there, as it is told.
pub(crate) fn put(registry: &Registry, name: &str, configuration: &Part<'_>, layer: &Part<'_>) {
    let (repository, tag) = name.rsplit_once(':').unwrap();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": configuration.put(registry, repository),
        "layers": [layer.put(registry, repository)],
    });
    let path = format!("/v2/{repository}/manifests/{tag}");
    let (status, _) = ask(
        registry,
        "PUT",
        &path,
        MANIFEST,
        manifest.to_string().as_bytes(),
    );
    assert_eq!(status, 201, "{manifest}");
}

/// Bytes of a type.
pub(crate) struct Part<'a>(pub(crate) &'a str, pub(crate) &'a [u8]);

impl Part<'_> {
    fn put(&self, registry: &Registry, repository: &str) -> Value {
        let Self(media_type, bytes) = *self;
        let digest = digest(bytes);
        let uploads = format!("/v2/{repository}/blobs/uploads/");
        let (status, head) = ask(registry, "POST", &uploads, "", b"");
        assert_eq!(status, 202, "{head}");
        let location = head
            .lines()
            .find_map(|line| line.strip_prefix("Location: "));
        let (_, path) = location.unwrap().split_once(registry.address()).unwrap();
        let path = format!("{path}&digest={digest}");
        let (status, head) = ask(registry, "PUT", &path, "application/octet-stream", bytes);
        assert_eq!(status, 201, "{head}");
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }
}

/// What a registry has as a manifest, or as a configuration.
pub(crate) fn get(registry: &Registry, path: &str) -> Value {
    let (status, answer) = ask(registry, "GET", path, "", b"");
    assert_eq!(status, 200, "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hash}")
}

fn ask(registry: &Registry, verb: &str, path: &str, form: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(registry.address()).unwrap();
    let head = format!(
        "{verb} {path} HTTP/1.1\r\nHost: {}\r\nAccept: {MANIFEST}\r\nContent-Type: {form}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        registry.address(),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
