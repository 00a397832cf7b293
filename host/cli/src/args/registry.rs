//! The commands that speak to registries of OCI.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use oslo_messaging_policy::Size;

use super::seconds;

#[derive(Debug, ClapArgs)]
pub(crate) struct PushArgs {
    #[command(flatten)]
    pub(crate) over: RegistryArgs,

    /// The component.
    pub(crate) file: PathBuf,

    /// Where it is put, as REGISTRY/NAME:TAG; without a tag it is `latest`.
    pub(crate) reference: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PullArgs {
    #[command(flatten)]
    pub(crate) over: RegistryArgs,

    /// Write it to this file, in the place of what is there; if not given, to the last part of its name with
    /// `.wasm` in this folder.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Refuse a component that is larger than this.
    #[arg(long, value_name = "SIZE", default_value = "256MiB")]
    pub(crate) max_size: Size,

    /// Which component, as REGISTRY/NAME:TAG, or as REGISTRY/NAME@sha256:DIGEST for that one and no other.
    pub(crate) reference: String,
}

/// How a registry is spoken to.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct RegistryArgs {
    /// Speak HTTP without TLS to the registry, as one on this machine mostly does: never done unless it is said, on
    /// 127.0.0.1 neither. Whoever is between reads the password, and can change what has no digest.
    #[arg(long)]
    pub(crate) plain_http: bool,

    /// How long it may take in all.
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    pub(crate) time_limit: Duration,
}
