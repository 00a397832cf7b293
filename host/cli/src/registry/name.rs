//! What a component is called in a registry.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use oci_client::Reference;

use crate::failure::{Exit, Failure};

/// Reads `REGISTRY/NAME:TAG`, `REGISTRY/NAME@DIGEST` or both.
pub(crate) fn parse(text: &str) -> Result<Reference, Failure> {
    let invalid = |message: String| Failure::new(Exit::InvalidArgument, message);
    let name: Reference = text.parse().map_err(|error| {
        invalid(format!("`{text}` is no name in a registry: {error}")).remedy(
            "the form is registry.example:5000/team/plugin:1.0 or …/plugin@sha256:DIGEST, in lower case and \
             without https://",
        )
    })?;
    // Elsewhere that means Docker's own, where a plugin of somebody's is easily put by mistake.
    let hub = ["docker.io/", "index.docker.io/"];
    if name.registry() == "docker.io" && !hub.iter().any(|hub| text.starts_with(hub)) {
        return Err(invalid(format!("`{text}` names no registry"))
            .remedy("begin with one, as with docker.io/ for that of Docker"));
    }
    Ok(name)
}

/// Whether a registry is on this machine.
pub(crate) fn is_loopback(registry: &str) -> bool {
    let host = registry.split(':').next().unwrap_or(registry);
    host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback())
}

/// The file that a component is written to unless another one is given.
pub(crate) fn file(name: &Reference) -> PathBuf {
    let last = name.repository().rsplit('/').next();
    format!("{}.wasm", last.unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_registry() {
        let check = |text: &str, whole: &str, written: &str| {
            let name = parse(text).unwrap();
            assert_eq!(name.whole(), whole, "{text}");
            assert_eq!(file(&name), PathBuf::from(written), "{text}");
        };
        check("a.example/b", "a.example/b:latest", "b.wasm");
        check("a.example/b/c.d:1", "a.example/b/c.d:1", "c.d.wasm");
        check("localhost/b:1", "localhost/b:1", "b.wasm");
        check("127.0.0.1:5000/b", "127.0.0.1:5000/b:latest", "b.wasm");
        check("docker.io/b", "docker.io/library/b:latest", "b.wasm");
        let digest = format!("a.example/b@sha256:{}", "0".repeat(64));
        check(&digest, &digest, "b.wasm");
    }

    #[test]
    fn what_is_no_name_is_told_with_the_form() {
        for text in [
            "",
            "a.example",
            "a.example/",
            "a.example/B",
            "https://a.example/b",
            "a.example/b:",
            "a.example/b@sha256:00",
            "a.example/b@md5:00000000000000000000000000000000",
            "a.example/../b",
            "a.example/b c",
            "b",
            "b:1",
            "team/b:1",
        ] {
            let failure = parse(text).unwrap_err();
            assert_eq!(failure.exit, Exit::InvalidArgument, "{text}");
            assert!(failure.message.contains(text), "{}", failure.message);
            assert!(failure.remedy.is_some(), "{text}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (registry, is_here) in [
            ("localhost", true),
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("127.8.9.1", true),
            ("localhost.example", false),
            ("128.0.0.1", false),
            ("a.example:5000", false),
        ] {
            assert_eq!(is_loopback(registry), is_here, "{registry}");
        }
    }
}
