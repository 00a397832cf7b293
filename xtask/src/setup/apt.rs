//! Packages of another release of Debian than this machine's, unpacked and not installed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process::run_quietly;

/// The machine's `apt`, asked about another release. It has lists and a cache of its own.
pub(super) struct Apt {
    folder: PathBuf,
    options: Vec<String>,
}

impl Apt {
    /// Asks what that release has.
    pub(super) fn of(release: &str, folder: PathBuf) -> Result<Self> {
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
        let apt = Self { folder, options };
        run_quietly(apt.command("apt-get").arg("update"))?;
        Ok(apt)
    }

    /// Unpacks packages into a folder.
    pub(super) fn unpack(&self, packages: &BTreeSet<String>, root: &Path) -> Result<()> {
        run_quietly(
            self.command("apt-get")
                .arg("download")
                .args(packages)
                .current_dir(&self.folder),
        )?;
        for package in paths_in(&self.folder)? {
            if package.extension().is_some_and(|it| it == "deb") {
                run_quietly(Command::new("dpkg-deb").arg("-x").arg(package).arg(root))?;
            }
        }
        Ok(())
    }

    /// Removes lists and packages, which are larger than what is unpacked.
    pub(super) fn remove(self) -> Result<()> {
        Ok(fs::remove_dir_all(&self.folder)?)
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
    pub(super) fn needed(&self, package: &str) -> Result<BTreeSet<String>> {
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

pub(super) fn paths_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    paths.collect()
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
