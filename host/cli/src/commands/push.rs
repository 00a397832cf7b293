//! Putting a component into a registry.

use oci_client::Reference;
use oslo_messaging_plugins::ComponentFile;
use serde_json::json;

use crate::args::PushArgs;
use crate::failure::{Exit, Failure};
use crate::print;
use crate::registry::{Artefact, Described, Registry, name};
use crate::stop::Stop;

pub(crate) async fn push(args: PushArgs, stop: &Stop, json: bool) -> Result<u8, Failure> {
    let name = name::parse(&args.reference)?;
    if let Some(digest) = name.digest() {
        let message = format!("`{name}` has the digest {digest}, which is for the registry to say");
        return Err(
            Failure::new(Exit::InvalidArgument, message).remedy("give it a tag, as in NAME:1.0")
        );
    }
    let file = ComponentFile::read(&args.file)?;
    let described = valid(&file)?;
    let artefact = Artefact::new(file.bytes().to_vec(), described)?;
    let digest = artefact.digest().to_owned();
    let work = Registry::with(
        name.clone(),
        args.over,
        json,
        move |registry: Registry| async move { registry.push(&artefact).await },
    );
    stop.listen().or(work).await?;
    told(&args.file.to_string_lossy(), &file, &name, &digest, json);
    Ok(0)
}

/// Looks at all of a component, without compiling it.
pub(super) fn valid(file: &ComponentFile) -> Result<Described, Failure> {
    Described::read(file.bytes()).map_err(|error| {
        let message = format!(
            "{} is not a valid component: {error}",
            file.path().display()
        );
        Failure::new(Exit::NotAComponent, message)
    })
}

/// Says what is called what, for whoever pulls it and for a policy file.
pub(super) fn told(path: &str, file: &ComponentFile, name: &Reference, digest: &str, json: bool) {
    let pinned = name.clone_with_digest(digest.to_owned());
    let sha256 = file.sha256();
    if json {
        let bytes = file.bytes().len();
        return print::line(json!({
            "file": path, "reference": pinned.whole(), "digest": digest,
            "sha256": sha256.to_string(), "bytes": bytes,
        }));
    }
    print::line(format_args!("{path} is {pinned}\nsha256 = \"{sha256}\""));
}
