//! Components in registries of OCI, beside images of containers.

mod artefact;
mod described;
mod login;
pub(crate) mod name;
mod refusal;

use std::panic;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use hyper::header::HeaderValue;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE,
    OCI_IMAGE_MEDIA_TYPE,
};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference, RegistryOperation};
use oslo_messaging_policy::Size;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::rustls::{RootCertStore, crypto};

pub(crate) use self::artefact::Artefact;
use self::artefact::Layer;
pub(crate) use self::described::Described;
use self::login::Login;
use self::refusal::Asked;
use crate::args::RegistryArgs;
use crate::failure::{Exit, Failure};
use crate::print;

/// A registry, for one component.
pub(crate) struct Registry {
    client: Client,
    auth: RegistryAuth,
    asked: Asked,
}

/// What a registry sent, whose digests are right.
pub(crate) struct Pulled {
    pub(crate) component: Vec<u8>,
    /// The manifest's.
    pub(crate) digest: String,
}

impl Registry {
    /// Does something with a registry, and gives up when its time is over.
    ///
    /// # Errors
    /// When the time is over; else what the work ends with.
    pub(crate) async fn with<T, F>(
        name: Reference,
        args: RegistryArgs,
        json: bool,
        work: impl FnOnce(Self) -> F + Send + 'static,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let registry = name.registry().to_owned();
        let limit = args.time_limit;
        // The library takes some of what a registry says for granted, and panics: that is the end of this task
        // alone, and is told as a fault of the registry's.
        let hook = panic::take_hook();
        panic::set_hook(Box::new(
            |panic| tracing::debug!(%panic, "the library for registries gave up"),
        ));
        let task = tokio::spawn(async move {
            let opened = spawn_blocking(move || Self::open(name, &args, json)).await;
            let opened = opened.map_err(|error| Failure::new(Exit::Failed, error))??;
            work(opened).await
        });
        let ended = timeout(limit, task).await;
        panic::set_hook(hook);
        match ended {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => {
                let message = format!("what the registry `{registry}` says makes no sense");
                Err(Failure::new(Exit::InvalidReply, message))
            }
            Err(_) => {
                let message = format!(
                    "it took longer than {} s with the registry `{registry}`",
                    limit.as_secs_f64()
                );
                Err(Failure::new(Exit::Timeout, message).remedy("--time-limit gives it more time"))
            }
        }
    }

    /// Reads files of the system's and of the user's: it blocks.
    fn open(name: Reference, args: &RegistryArgs, json: bool) -> Result<Self, Failure> {
        let registry = name.registry();
        if args.plain_http && !name::is_loopback(registry) {
            let message = format!(
                "`{registry}` is spoken to without TLS: whoever is between reads the login, and can change what is \
                 not pulled by its digest"
            );
            print::notice(&message, json);
        }
        trust()?;
        let login = Login::of(registry);
        if let Some(unused) = login.unused {
            print::notice(&unused, json);
        }
        let config = ClientConfig {
            protocol: if args.plain_http {
                ClientProtocol::Http
            } else {
                ClientProtocol::Https
            },
            // An image of a container may be chosen by platform; a component is not one of several.
            platform_resolver: None,
            connect_timeout: Some(CONNECTING),
            read_timeout: Some(SILENCE),
            user_agent: concat!("oslo-plugin/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        let asked = Asked {
            with_login: login.auth != RegistryAuth::Anonymous,
            plain_http: args.plain_http,
            name,
        };
        Ok(Self {
            client: Client::try_from(config).map_err(|error| asked.failure(&error))?,
            auth: login.auth,
            asked,
        })
    }

    /// Puts a component there; what the registry has of it already is not sent again.
    ///
    /// # Errors
    /// What the registry refuses, or what goes wrong on the way.
    pub(crate) async fn push(&self, artefact: &Artefact) -> Result<(), Failure> {
        self.log_in(RegistryOperation::Push).await?;
        let pushed = self.put(artefact).await;
        pushed.map_err(|error| self.asked.failure(&error))
    }

    async fn put(&self, artefact: &Artefact) -> Result<(), OciDistributionError> {
        let Self { client, asked, .. } = self;
        for blob in [&artefact.component, &artefact.configuration] {
            let there = match client.blob_exists(&asked.name, &blob.digest).await {
                Ok(there) => there,
                // Who may push may not everywhere ask what is there.
                Err(OciDistributionError::RequestError(error)) if error.status().is_some() => false,
                Err(error) => return Err(error),
            };
            if !there {
                let bytes = blob.bytes.clone();
                client.push_blob(&asked.name, bytes, &blob.digest).await?;
            }
        }
        let manifest = artefact.manifest.bytes.clone();
        let form = HeaderValue::from_static(OCI_IMAGE_MEDIA_TYPE);
        client
            .push_manifest_raw(&asked.name, manifest, form)
            .await?;
        Ok(())
    }

    /// Gets a component that is no larger than this. Digests are compared, the name's too if it has one.
    ///
    /// # Errors
    /// When there is none, when what is there is something else, larger, or another one than its digest says;
    /// what the registry refuses, or what goes wrong on the way.
    pub(crate) async fn pull(&self, most: Size) -> Result<Pulled, Failure> {
        let Self {
            client,
            auth,
            asked,
        } = self;
        let name = &asked.name;
        self.log_in(RegistryOperation::Pull).await?;
        let manifest = client.pull_manifest_raw(name, auth, &MANIFESTS).await;
        let (manifest, digest) = manifest.map_err(|error| asked.failure(&error))?;
        let layer = Layer::of(&manifest, name)?;
        if layer.bytes > most.bytes() {
            let message = format!(
                "`{name}` has {} bytes, and {most} are allowed at most",
                layer.bytes
            );
            return Err(Failure::new(Exit::TooLarge, message).remedy("--max-size allows more"));
        }
        // By its digest alone: a manifest may name other addresses, which nobody here has chosen.
        let layers = client.pull_blob_stream(name, layer.digest.as_str()).await;
        let mut parts = layers.map_err(|error| asked.failure(&error))?.stream;
        let mut component = Vec::new();
        loop {
            let part = parts.try_next().await;
            let part = part.map_err(|error| asked.failure_of_layer(&error))?;
            let Some(part) = part else { break };
            component.extend_from_slice(&part);
            // What is longer has another digest, and may have no end.
            if component.len() as u64 > layer.bytes {
                let message = format!(
                    "the registry `{}` sends more of `{name}` than the {} bytes that it has",
                    name.registry(),
                    layer.bytes
                );
                return Err(Failure::new(Exit::WrongDigest, message));
            }
        }
        Ok(Pulled { component, digest })
    }

    /// Gets what stands for the login from now on, if the registry works that way.
    async fn log_in(&self, operation: RegistryOperation) -> Result<(), Failure> {
        let Self {
            client,
            auth,
            asked,
        } = self;
        let token = client.auth(&asked.name, auth, operation).await;
        let token = token.map_err(|error| asked.failure(&error))?;
        if token.is_some_and(|token| HeaderValue::from_str(&token).is_err()) {
            let registry = asked.name.registry();
            let message = format!("the token of the registry `{registry}` cannot be sent");
            return Err(Failure::new(Exit::InvalidReply, message));
        }
        Ok(())
    }
}

/// Has TLS done by ring, and looks whether the system trusts anybody: without one there is no client, not even
/// for HTTP without TLS.
fn trust() -> Result<(), Failure> {
    // It is an error to say so twice, and no harm.
    let _ = crypto::ring::default_provider().install_default();
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if !roots.is_empty() {
        return Ok(());
    }
    let why = found.errors.first().map(ToString::to_string);
    let why = why.unwrap_or_else(|| "there are none".to_owned());
    let message = format!("no certificates of authorities on this system: {why}");
    Err(Failure::new(Exit::Tls, message).remedy(
        "install what Debian calls ca-certificates, or name a file of them with SSL_CERT_FILE",
    ))
}

/// What somebody else wrote, for one line of a terminal.
fn said(text: &str) -> String {
    let shown = text.trim().chars().take(LONGEST);
    let shown = shown.map(|it| if it.is_control() { ' ' } else { it });
    shown.collect()
}

/// A registry has to be reached within this time, and to go on within that.
const CONNECTING: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);

/// Characters of what a registry says that are shown.
const LONGEST: usize = 300;

/// Those that are none of a component are asked for as well, so that it can be told what there is.
const MANIFESTS: [&str; 4] = [
    OCI_IMAGE_MEDIA_TYPE,
    OCI_IMAGE_INDEX_MEDIA_TYPE,
    IMAGE_MANIFEST_MEDIA_TYPE,
    IMAGE_MANIFEST_LIST_MEDIA_TYPE,
];
