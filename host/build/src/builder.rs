//! Where the SDKs and the toolchains are.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::error::{Context, Result};
use crate::install::PythonEnvironment;
use crate::plugin::Plugin;
use crate::{built_with, embedded};

/// What plugins are built with: the SDKs, toolchains, and a folder for what lies between.
///
/// Making one is cheap; toolchains are installed when a language is needed for the first time.
#[derive(Clone, Debug)]
pub struct Builder {
    /// The folder that has `guest` and `wit`, as the repository has them.
    pub(crate) sdk: PathBuf,
    /// The folder of what others made, under the names of the build script.
    pub(crate) third_party: PathBuf,
    /// The folder of intermediate files.
    pub(crate) work: PathBuf,
    /// The folder of toolchains.
    pub(crate) tools: PathBuf,
    /// Whether packages of the operating system may be installed.
    pub(crate) installs_packages: bool,
}

impl Builder {
    /// The user's own: the SDKs of this crate are unpacked into `oslo-plugin` in the folder for caches
    /// (`XDG_CACHE_HOME`, or `.cache` in `HOME`), and toolchains go into `tools` there, unless
    /// `OSLO_PLUGIN_TOOLS` names another folder.
    ///
    /// Processes may use it at the same time. Everything in it is made again when it is missing.
    ///
    /// # Errors
    /// When no variable says where caches are, or a file cannot be written.
    pub fn of_user() -> Result<Self> {
        let absolute = |name: &str| {
            let path = env::var_os(name).map(PathBuf::from);
            path.filter(|path| path.is_absolute())
        };
        let caches = absolute("XDG_CACHE_HOME")
            .or_else(|| Some(absolute("HOME")?.join(".cache")))
            .context("there is no folder for caches: set XDG_CACHE_HOME or HOME")?;
        let tools = env::var_os(TOOLS).map(PathBuf::from);
        let tools = tools.filter(|path| !path.as_os_str().is_empty());
        Self::in_folder(&caches.join("oslo-plugin"), tools.as_deref())
    }

    /// One that has everything in a folder, but for toolchains if another folder is named for these.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn in_folder(folder: &Path, tools: Option<&Path>) -> Result<Self> {
        let folder = made(folder)?;
        let sdk = embedded::unpack(&folder, "")?;
        Ok(Self {
            third_party: sdk.join(THIRD_PARTY),
            sdk,
            tools: match tools {
                Some(tools) => made(tools)?,
                None => folder.join("tools"),
            },
            work: folder,
            installs_packages: false,
        })
    }

    /// That of a checkout of the project, whose SDKs are used where they are. Everything else goes into
    /// the folder, and as root on Debian missing packages are installed.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn of_checkout(root: &Path, folder: &Path) -> Result<Self> {
        let folder = made(folder)?;
        let unpacked = embedded::unpack(&folder, THIRD_PARTY)?;
        Ok(Self {
            sdk: root.to_owned(),
            third_party: unpacked.join(THIRD_PARTY),
            tools: folder.join("tools"),
            work: folder,
            installs_packages: true,
        })
    }

    /// The folder of toolchains.
    #[must_use]
    pub fn tools(&self) -> &Path {
        &self.tools
    }

    /// The Python that brings the toolchain of a language, installed into a folder among the toolchains.
    pub(crate) fn python(&self, language: &str, folder: &str, reason: &str) -> Result<PathBuf> {
        let requirements = format!("guest/{language}/requirements.txt");
        PythonEnvironment {
            folder: &self.tools.join(folder),
            requirements: &self.sdk.join(requirements),
            reason,
            options: &[],
            installs_packages: self.installs_packages,
        }
        .ensure()
    }

    /// The version of a package that a language's toolchain is pinned to.
    pub(crate) fn pinned(&self, language: &str, package: &str) -> Result<String> {
        let file = self.sdk.join(format!("guest/{language}/requirements.txt"));
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let version = built_with::pinned(&text, package);
        let version = version.with_context(|| format!("{} has no {package}", file.display()))?;
        Ok(version.to_owned())
    }

    /// A folder of its own for a plugin's intermediate files, made if it is missing.
    pub(crate) fn scratch(&self, plugin: &Plugin<'_>) -> Result<PathBuf> {
        made(&self.work.join("scratch").join(plugin.name))
    }

    /// The folder in which a language's toolchain keeps what it has compiled: beside the toolchain, for
    /// everybody who shares that, or among the builder's own where only others may write to it.
    pub(crate) fn cache(&self, language: &str) -> Result<PathBuf> {
        let shared = self.tools.join(language).join("cache");
        let can_be_written = fs::create_dir_all(&shared)
            .and_then(|()| tempfile::tempfile_in(&shared))
            .is_ok();
        if can_be_written {
            return Ok(shared);
        }
        made(&self.work.join("cache").join(language))
    }

    /// Waits until nobody else has what this names, which is held as long as the file is.
    pub(crate) fn lock(&self, what: &str) -> Result<fs::File> {
        let path = made(&self.work.join("locks"))?.join(what);
        locked(&path)
    }
}

/// A file that is locked until it is dropped.
pub(crate) fn locked(path: &Path) -> Result<fs::File> {
    let lock = || {
        let file = fs::File::create(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    };
    lock().with_context(|| format!("cannot lock {}", path.display()))
}

fn made(folder: &Path) -> Result<PathBuf> {
    let make = || {
        fs::create_dir_all(folder)?;
        folder.canonicalize()
    };
    make().with_context(|| format!("cannot make {}", folder.display()))
}

/// The variable that names the folder of toolchains.
const TOOLS: &str = "OSLO_PLUGIN_TOOLS";

const THIRD_PARTY: &str = "third-party";

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The builder of `cargo xtask guests`, with its toolchains.
    #[cfg(feature = "broker-tests")]
    pub(crate) fn of_this_checkout() -> Builder {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().unwrap();
        let folder = env::var_os("OSLO_TEST_GUESTS");
        let folder = folder.map_or_else(|| root.join("target/guests"), PathBuf::from);
        Builder::of_checkout(&root, &folder).unwrap()
    }

    #[test]
    fn what_is_compiled_is_kept_where_it_may_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let tools = folder.path().join("tools");
        let builder = Builder::in_folder(&folder.path().join("cache"), Some(&tools)).unwrap();
        assert_eq!(builder.cache("c").unwrap(), builder.tools().join("c/cache"));
        // No folder can be made of it, whoever asks.
        fs::create_dir(tools.join("go")).unwrap();
        fs::write(tools.join("go/cache"), "").unwrap();
        let own = builder.cache("go").unwrap();
        assert_eq!(own, builder.work.join("cache/go"));
        assert!(own.is_dir());
    }

    #[test]
    fn toolchains_may_lie_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, tools) = (folder.path().join("cache"), folder.path().join("tools"));
        let builder = Builder::in_folder(&cache, Some(&tools)).unwrap();
        assert_eq!(builder.tools(), tools.canonicalize().unwrap());
        assert!(
            builder
                .sdk
                .join("guest/c/include/oslo_messaging.h")
                .exists()
        );
        assert!(builder.third_party.join("wasi/cli.wit").exists());
        assert!(builder.third_party.join("yyjson/src/yyjson.c").exists());
        let builder = Builder::in_folder(&cache, None).unwrap();
        assert!(builder.tools().starts_with(cache.canonicalize().unwrap()));
    }
}
