//! Installs RabbitMQ: the machine's own, and beside it the major version that it does not have.
//!
//! The other one comes from the packages of the Debian that has it, by the machine's own `apt` and
//! from the mirror that it uses. They are unpacked into a folder and run in place: no package is
//! installed, so nobody has to be root, and nothing changes root.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use oslo_messaging_tests::broker::Installed;

use super::install;
use crate::process::{announce, run_quietly};

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
    run_quietly(apt.command("apt-get").arg("update"))?;
    run_quietly(
        apt.command("apt-get")
            .arg("download")
            .args(apt.needed("rabbitmq-server")?)
            .current_dir(&apt.folder),
    )?;
    for package in paths_in(&apt.folder)? {
        if package.extension().is_some_and(|it| it == "deb") {
            run_quietly(Command::new("dpkg-deb").arg("-x").arg(package).arg(root))?;
        }
    }
    // Lists and packages are larger than what is unpacked.
    fs::remove_dir_all(&apt.folder)?;
    fs::remove_dir_all(root.join("usr/share/doc"))?;
    run_in_place(root)
}

/// The machine's `apt`, asked about another release. It has lists and a cache of its own.
struct Apt {
    folder: PathBuf,
    options: Vec<String>,
}

impl Apt {
    fn of(release: &str, folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(folder.join("lists/partial"))?;
        fs::create_dir_all(folder.join("cache/archives/partial"))?;
        let sources = folder.join("sources.list");
        let mirror = mirror()?;
        fs::write(
            &sources,
            format!("deb [signed-by={KEYS}] {mirror} {release} main\n"),
        )?;
        let options = [
            format!("Dir::Etc::SourceList={}", sources.display()),
            "Dir::Etc::SourceParts=/dev/null".to_owned(),
            "Dir::Etc::Preferences=/dev/null".to_owned(),
            "Dir::Etc::PreferencesParts=/dev/null".to_owned(),
            format!("Dir::State::Lists={}", folder.join("lists").display()),
            format!("Dir::Cache={}", folder.join("cache").display()),
            "Dir::State::Status=/dev/null".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
            "APT::Update::Error-Mode=any".to_owned(),
        ]
        .into();
        Ok(Self { folder, options })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for option in &self.options {
            command.args(["-o", option]);
        }
        command
    }

    /// A package and what it needs of Erlang and of C libraries. Its scripts find everything else,
    /// such as a shell, on any machine.
    fn needed(&self, package: &str) -> Result<BTreeSet<String>> {
        let mut needed = BTreeSet::from([package.to_owned()]);
        loop {
            let mut depends = self.command("apt-cache");
            depends.args(["depends", "--important"]).args(&needed);
            let text = output(&mut depends)?;
            let names = text.lines().filter_map(|line| line.split_once("Depends: "));
            let found: BTreeSet<_> = names
                .map(|(_, name)| name)
                .filter(|name| {
                    name.starts_with("erlang-") || name.starts_with("lib") || *name == "zlib1g"
                })
                .map(ToOwned::to_owned)
                .collect();
            if found.is_subset(&needed) {
                return Ok(needed);
            }
            needed.extend(found);
        }
    }
}

/// Where this machine's packages come from.
fn mirror() -> Result<String> {
    let about = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let field = |name: &str| {
        let line = about.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim_matches('"'))
    };
    ensure!(
        field("ID=") == Some("debian"),
        "this is not Debian, whose packages it comes from"
    );
    let own = field("VERSION_CODENAME=").context("/etc/os-release names no release")?;
    let format = "$(RELEASE) $(CODENAME) $(COMPONENT) $(REPO_URI)";
    let listed = output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        format,
        "Created-By: Packages",
    ]))?;
    let of_main = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [release, codename, "main", address] if own == release || own == codename => {
                Some(address.to_owned())
            }
            _ => None,
        }
    };
    listed
        .lines()
        .find_map(of_main)
        .with_context(|| format!("apt has no source of {own}'s packages"))
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

fn paths_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    paths.collect()
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Debian's own packages bring them, of the next release too.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
