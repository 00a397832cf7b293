//! Getting a component out of a registry.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use oslo_messaging_plugins::ComponentFile;

use super::push::{told, valid};
use crate::args::PullArgs;
use crate::failure::{Exit, Failure};
use crate::registry::{Registry, name};
use crate::stop::Stop;

pub(crate) async fn pull(args: PullArgs, stop: &Stop, json: bool) -> Result<u8, Failure> {
    let name = name::parse(&args.reference)?;
    let path = args.output.unwrap_or_else(|| name::file(&name));
    let cannot_write = |error: io::Error| {
        Failure::new(
            Exit::Failed,
            format!("{} cannot be written: {error}", path.display()),
        )
    };
    // Before much is fetched.
    if path.is_dir() {
        return Err(cannot_write(io::ErrorKind::IsADirectory.into()));
    }
    // The place of a device would be taken.
    if path.exists() && !path.is_file() {
        return Err(cannot_write(io::Error::other("it is no file")));
    }
    let most = args.max_size;
    let mut listening = stop.listen();
    let work = Registry::with(
        name.clone(),
        args.over,
        json,
        move |registry: Registry| async move { registry.pull(most).await },
    );
    let pulled = listening.or(work).await?;
    let file = ComponentFile::of_bytes(Path::new(&name.whole()), pulled.component)?;
    valid(&file)?;
    write(&path, file.bytes()).map_err(cannot_write)?;
    told(&path.to_string_lossy(), &file, &name, &pulled.digest, json);
    Ok(0)
}

/// As a whole or not at all, so that a host which runs this file never reads half of it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .prefix(".pulled-")
        // A file like others: the user's own mask takes from it what it takes from all.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or_else(|| Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
