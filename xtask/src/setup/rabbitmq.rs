//! Installs RabbitMQ: the machine's own, and beside it the major version that it does not have.
//!
//! The other one comes from the packages of the Debian that has it, by the machine's own `apt` and
//! from the mirror that it uses. They are unpacked into a folder and run in place: no package is
//! installed, so nobody has to be root, and nothing changes root.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use oslo_messaging_tests::broker::Installed;

use super::apt::{Apt, paths_in};
use super::install;
use crate::process::announce;

/// Makes sure that RabbitMQ's programs exist, of this major version or of any. Nothing is started.
///
/// # Errors
/// When it cannot be installed from here; the message says what to do instead.
pub(crate) fn rabbitmq(major: Option<u32>) -> Result<Installed> {
    let Some(major) = major else {
        if Installed::of_the_machine().is_none() {
            install(
                &["rabbitmq-server"],
                "the tests start a RabbitMQ node of their own",
            )?;
        }
        return Installed::of_the_machine().context("rabbitmq-server has no server");
    };
    if let Ok(found) = Installed::of(major) {
        return Ok(found);
    }
    let (_, release) = RELEASES
        .into_iter()
        .find(|(of, _)| *of == major)
        .with_context(|| format!("no known Debian has RabbitMQ {major}"))?;
    let folder = Installed::folder(major);
    // It has its name when it is complete: an installation that was interrupted is not taken for
    // a finished one.
    let partial = folder.with_extension("partial");
    for old in [&folder, &partial] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    fs::create_dir_all(&partial)?;
    announce(&format!(
        "unpacking RabbitMQ {major} of Debian {release} into {} (about a quarter of a minute)",
        folder.display()
    ));
    unpack(release, &partial).with_context(|| {
        format!(
            "RabbitMQ {major} cannot be unpacked here; if this machine's own package manager has \
             it, install it and leave out --rabbitmq"
        )
    })?;
    fs::rename(&partial, &folder)?;
    Installed::of(major)
}

/// Which Debian has which major version.
const RELEASES: [(u32, &str); 2] = [(3, "bookworm"), (4, "trixie")];

/// Unpacks the server and what it needs of a release of Debian into a folder.
fn unpack(release: &str, root: &Path) -> Result<()> {
    let apt = Apt::of(release, root.join("apt"))?;
    apt.unpack(&apt.needed("rabbitmq-server")?, root)?;
    apt.remove()?;
    fs::remove_dir_all(root.join("usr/share/doc"))?;
    run_in_place(root)
}

/// Makes the programs of an unpacked Erlang run where they are, with the C library beside them:
/// this machine's may be older. In the place of each is a script that starts it by that library's
/// loader. They find each other, so the folder may be moved.
fn run_in_place(root: &Path) -> Result<()> {
    let mut libraries = Vec::new();
    let mut loader = None;
    for parent in ["lib", "usr/lib"] {
        for folder in paths_in(&root.join(parent)).unwrap_or_default() {
            let files = paths_in(&folder).unwrap_or_default();
            let is_loader = |path: &&PathBuf| name_of(path).starts_with("ld-linux");
            let is_library = |path: &PathBuf| name_of(path).contains(".so");
            if let Some(found) = files.iter().find(is_loader) {
                loader = Some(found.strip_prefix(root)?.to_owned());
            }
            if files.iter().any(is_library) {
                let relative = folder.strip_prefix(root)?;
                libraries.push(format!("$root/{}", relative.display()));
            }
        }
    }
    let loader = loader.context("there is no loader among the libraries")?;
    let script = format!(
        "#!/bin/sh\nroot=${{0%/usr/lib/erlang/*}}\n\
         exec \"$root/{}\" --argv0 \"$0\" --library-path \"{}\" \"$0.elf\" \"$@\"\n",
        loader.display(),
        libraries.join(":")
    );
    let erlang = root.join("usr/lib/erlang");
    for folder in folders_named_bin(&erlang)? {
        for program in paths_in(&folder)? {
            if is_elf(&program)? {
                fs::rename(&program, program.with_file_name(name_of(&program) + ".elf"))?;
                write_script(&program, &script)?;
            } else if program.ends_with("bin/erl") {
                write_script(&program, ERL)?;
            }
        }
    }
    Ok(())
}

/// Debian's has the place of an installed Erlang written into it.
const ERL: &str = "\
#!/bin/sh
export ROOTDIR=\"${0%/erts-*}\" BINDIR=\"${0%/*}\" EMU=beam PROGNAME=erl
exec \"$BINDIR/erlexec\" \"$@\"
";

fn folders_named_bin(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths_in(root)? {
        if path.is_dir() && !path.is_symlink() {
            found.extend(folders_named_bin(&path)?);
            if path.ends_with("bin") {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn is_elf(path: &Path) -> Result<bool> {
    let mut start = Vec::new();
    if path.is_file() && !path.is_symlink() {
        fs::File::open(path)?.take(4).read_to_end(&mut start)?;
    }
    Ok(start == b"\x7fELF")
}

fn write_script(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o755),
    )?)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
