//! Who the program is to a registry: what `docker login` or `podman login` has left.

use std::env;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use docker_credential::CredentialRetrievalError as Lost;
use docker_credential::{DockerCredential, get_credential_from_reader};
use oci_client::secrets::RegistryAuth;

/// What was found.
pub(super) struct Login {
    pub(super) auth: RegistryAuth,
    /// Why a login that is there is not used. It has no word of the login itself.
    pub(super) unused: Option<String>,
}

impl Login {
    /// Looks for one. Programs that keep passwords are run, if the files name them: it blocks.
    pub(super) fn of(registry: &str) -> Self {
        files()
            .iter()
            .find_map(|file| Self::in_file(file, registry))
            .unwrap_or(Self {
                auth: RegistryAuth::Anonymous,
                unused: None,
            })
    }

    fn in_file(file: &Path, registry: &str) -> Option<Self> {
        let unused = |why: &str| {
            Some(Self {
                auth: RegistryAuth::Anonymous,
                unused: Some(format!(
                    "going on without a login: {} {why}",
                    file.display()
                )),
            })
        };
        let opened = match File::open(file) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return unused(&format!("cannot be read: {error}")),
        };
        // Docker has a name of its own for its own.
        let server = match registry {
            "docker.io" => "https://index.docker.io/v1/",
            other => other,
        };
        match get_credential_from_reader(BufReader::new(opened), server) {
            Ok(DockerCredential::UsernamePassword(user, password)) => Some(Self {
                auth: RegistryAuth::Basic(user, password),
                unused: None,
            }),
            Ok(DockerCredential::IdentityToken(_)) => unused(&format!(
                "has an identity token for {registry}, and a user with a password is wanted"
            )),
            Err(Lost::NoCredentialConfigured) => None,
            // What Docker's own say when they have nothing for a registry.
            Err(Lost::HelperFailure { stdout, .. }) if stdout.contains("credentials not found") => {
                None
            }
            // What it printed may be a password.
            Err(Lost::HelperFailure { helper, .. }) => {
                unused(&format!("names {helper}, which failed"))
            }
            Err(Lost::HelperCommunicationError) => {
                unused("names a program for passwords, which cannot be run")
            }
            Err(Lost::MalformedHelperResponse) => {
                unused("names a program for passwords, which makes no sense")
            }
            Err(Lost::ConfigReadError | Lost::ConfigNotFound) => {
                unused("is not what `docker login` writes")
            }
            Err(Lost::CredentialDecodingError | Lost::CredentialMismatchError) => {
                unused(&format!("has a login for {registry} that makes no sense"))
            }
        }
    }
}

/// Docker's file, then podman's.
fn files() -> Vec<PathBuf> {
    let folder = |name: &str| {
        let folder = env::var_os(name).filter(|folder| !folder.is_empty());
        folder.map(PathBuf::from)
    };
    let docker = folder("DOCKER_CONFIG").or_else(|| Some(folder("HOME")?.join(".docker")));
    let podman = folder("REGISTRY_AUTH_FILE")
        .or_else(|| Some(folder("XDG_RUNTIME_DIR")?.join("containers/auth.json")));
    let docker = docker.map(|folder| folder.join("config.json"));
    docker.into_iter().chain(podman).collect()
}
