//! A component as registries keep it, in the form that the tools of the Bytecode Alliance have: a manifest, a
//! configuration that says what the component imports and exports, and one layer, which is the component.

use bytes::Bytes;
use oci_client::Reference;
use oci_client::manifest::{
    IMAGE_CONFIG_MEDIA_TYPE, IMAGE_DOCKER_CONFIG_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE, OciDescriptor,
    OciImageManifest, OciManifest,
};
use oslo_messaging_policy::Digest;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::described::Described;
use super::said;
use crate::failure::{Exit, Failure};

/// What is pushed.
pub(crate) struct Artefact {
    pub(super) component: Blob,
    pub(super) configuration: Blob,
    pub(super) manifest: Blob,
}

/// Bytes, and the name that they have in a registry.
pub(super) struct Blob {
    pub(super) bytes: Bytes,
    pub(super) digest: String,
}

impl Artefact {
    /// Of the same component it is always the same, to the byte.
    pub(crate) fn new(component: Vec<u8>, described: Described) -> Result<Self, Failure> {
        let component = Blob::new(component);
        let Described {
            imports,
            exports,
            annotations,
        } = described;
        let configuration = json!({
            // Who reads it has to find one, and a true one would make another digest of it each time.
            "created": "1970-01-01T00:00:00Z",
            "author": annotations.get("org.opencontainers.image.authors"),
            "architecture": "wasm",
            // As components are called there, whichever WASI they are for.
            "os": "wasip2",
            "layerDigests": [component.digest],
            "component": {"exports": exports, "imports": imports, "target": null},
        });
        let configuration = Blob::new(configuration.to_string().into_bytes());
        let manifest = OciImageManifest {
            schema_version: 2,
            media_type: Some(OCI_IMAGE_MEDIA_TYPE.to_owned()),
            config: configuration.described(CONFIGURATION),
            layers: vec![component.described(COMPONENT)],
            annotations: (!annotations.is_empty()).then_some(annotations),
            ..OciImageManifest::default()
        };
        let manifest = serde_json::to_vec(&manifest)
            .map_err(|error| Failure::new(Exit::Failed, format!("no manifest: {error}")))?;
        Ok(Self {
            component,
            configuration,
            manifest: Blob::new(manifest),
        })
    }

    /// What it is called by whoever wants this one and no other.
    pub(crate) fn digest(&self) -> &str {
        &self.manifest.digest
    }
}

impl Blob {
    fn new(bytes: Vec<u8>) -> Self {
        let digest = Digest::from_bytes(Sha256::digest(&bytes).into());
        Self {
            bytes: bytes.into(),
            digest: format!("sha256:{digest}"),
        }
    }

    fn described(&self, media_type: &str) -> OciDescriptor {
        OciDescriptor {
            media_type: media_type.to_owned(),
            digest: self.digest.clone(),
            size: i64::try_from(self.bytes.len()).unwrap_or(i64::MAX),
            ..OciDescriptor::default()
        }
    }
}

/// Where a registry has the component of a manifest.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) digest: String,
    pub(super) bytes: u64,
}

impl Layer {
    /// Finds it. Whichever configuration the manifest has: what is pulled is looked at itself.
    pub(super) fn of(manifest: &[u8], name: &Reference) -> Result<Self, Failure> {
        let nonsense = |why: &str| {
            let message = format!("the manifest of `{name}` makes no sense: {}", said(why));
            Failure::new(Exit::InvalidReply, message)
        };
        let other = |what: &str| {
            Failure::new(Exit::NotAComponent, format!("`{name}` {what}"))
                .remedy("a component is put there with `oslo-plugin push` or `wkg oci push`")
        };
        let manifest = match serde_json::from_slice(manifest) {
            Ok(OciManifest::Image(manifest)) => manifest,
            Ok(OciManifest::ImageIndex(_)) => {
                return Err(other("is a list of images for platforms, not a component"));
            }
            Err(error) => return Err(nonsense(&error.to_string())),
        };
        let layer = match manifest.layers.as_slice() {
            [layer] if layer.media_type == COMPONENT => layer,
            layers => {
                let of_container = [IMAGE_CONFIG_MEDIA_TYPE, IMAGE_DOCKER_CONFIG_MEDIA_TYPE];
                if of_container.contains(&manifest.config.media_type.as_str()) {
                    return Err(other("is an image of a container, not a component"));
                }
                let types: Vec<_> = layers.iter().map(|it| it.media_type.as_str()).collect();
                let types = match types.as_slice() {
                    [] => "none".to_owned(),
                    types => said(&types.join(", ")),
                };
                return Err(other(&format!(
                    "is not a component: its one layer would be {COMPONENT}, and it has {types}"
                )));
            }
        };
        // It becomes part of an address.
        let as_name = format!("{}/{}@{}", name.registry(), name.repository(), layer.digest);
        if as_name.parse::<Reference>().is_err() {
            return Err(nonsense(&format!("`{}` is no digest", layer.digest)));
        }
        Ok(Self {
            digest: layer.digest.clone(),
            bytes: u64::try_from(layer.size)
                .map_err(|_| nonsense(&format!("a layer of {} bytes", layer.size)))?,
        })
    }
}

const CONFIGURATION: &str = "application/vnd.wasm.config.v0+json";
const COMPONENT: &str = "application/wasm";

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn layer(manifest: &Value) -> Result<Layer, Failure> {
        let name = "a.example/b:1".parse().unwrap();
        Layer::of(manifest.to_string().as_bytes(), &name)
    }

    fn manifest(configuration: &str, layers: &[(&str, Value, &str)]) -> Value {
        let layers = layers.iter().map(|(media_type, size, digest)| {
            json!({"mediaType": media_type, "size": size, "digest": digest})
        });
        json!({
            "schemaVersion": 2,
            "config": {"mediaType": configuration, "size": 2, "digest": SHA},
            "layers": layers.collect::<Vec<_>>(),
        })
    }

    #[test]
    fn of_the_same_component_it_is_the_same_and_is_found_again() {
        let bytes = wat::parse_str(r#"(component (import "a:b/c@0.1.0" (instance)))"#).unwrap();
        let make = || Artefact::new(bytes.clone(), Described::read(&bytes).unwrap()).unwrap();
        let (one, other) = (make(), make());
        assert_eq!(one.digest(), other.digest());
        let manifest: Value = serde_json::from_slice(&one.manifest.bytes).unwrap();
        assert_eq!(manifest["config"]["mediaType"], CONFIGURATION);
        assert_eq!(manifest["config"]["digest"], one.configuration.digest);
        assert_eq!(manifest["layers"][0]["mediaType"], COMPONENT);
        let configuration: Value = serde_json::from_slice(&one.configuration.bytes).unwrap();
        assert_eq!(configuration["layerDigests"], json!([one.component.digest]));
        assert_eq!(
            configuration["component"]["imports"],
            json!(["a:b/c@0.1.0"])
        );
        let found = layer(&manifest).unwrap();
        assert_eq!(found.digest, one.component.digest);
        assert_eq!(found.bytes, bytes.len() as u64);
    }

    #[test]
    fn others_of_other_tools_are_found() {
        let wasm = (COMPONENT, json!(7), SHA);
        for configuration in [CONFIGURATION, "application/vnd.oci.empty.v1+json"] {
            let found = layer(&manifest(configuration, std::slice::from_ref(&wasm))).unwrap();
            assert_eq!(found.bytes, 7);
        }
    }

    #[test]
    fn what_is_no_component_is_told_what_it_is() {
        let check = |manifest: &Value, exit: Exit, says: &str| {
            let failure = layer(manifest).unwrap_err();
            assert_eq!(failure.exit, exit, "{}", failure.message);
            assert!(failure.message.contains(says), "{}", failure.message);
            assert!(
                failure.message.contains("a.example/b:1"),
                "{}",
                failure.message
            );
        };
        let gzip = ("application/vnd.oci.image.layer.v1.tar+gzip", json!(7), SHA);
        let wasm = |size: Value, digest| (COMPONENT, size, digest);
        let component = |layers: &[(&str, Value, &str)]| manifest(CONFIGURATION, layers);
        let image = manifest(IMAGE_CONFIG_MEDIA_TYPE, &[gzip.clone(), gzip.clone()]);
        check(&image, Exit::NotAComponent, "image of a container");
        let index = json!({"schemaVersion": 2, "manifests": []});
        check(&index, Exit::NotAComponent, "list of images");
        check(&component(&[]), Exit::NotAComponent, "it has none");
        check(&component(&[gzip]), Exit::NotAComponent, "tar+gzip");
        let two = [wasm(json!(1), SHA), wasm(json!(1), SHA)];
        check(&component(&two), Exit::NotAComponent, COMPONENT);
        let nonsense = [
            json!([]),
            json!({"schemaVersion": 2}),
            component(&[wasm(json!(-1), SHA)]),
            component(&[wasm(json!(1.5), SHA)]),
            component(&[wasm(json!(1), "")]),
            component(&[wasm(json!(1), "sha256:../../manifests/1")]),
            component(&[wasm(json!(1), "md5:00000000000000000000000000000000")]),
        ];
        for manifest in nonsense {
            check(&manifest, Exit::InvalidReply, "makes no sense");
        }
    }

    const SHA: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
}
