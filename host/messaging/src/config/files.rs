//! The files that configure a service.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::TransportOptions;
use super::error::{ConfigError, ConfigProblem};
use super::ini::Ini;
use super::place::Place;
use super::service;
use super::unread::ConfigWarning;

/// The files that configure a service, as its command line names them with `--config-file` and
/// `--config-dir`. Where two set the same option, the later one counts, as with oslo.config; a value
/// may refer to one of another file.
///
/// ```no_run
/// use oslo_messaging::Transport;
/// use oslo_messaging::transport::ConfigFiles;
///
/// let service = ConfigFiles::new()
///     .file("/etc/nova/nova.conf")
///     .folder("/etc/nova/nova.conf.d")
///     .read()?;
/// for warning in &service.warnings {
///     eprintln!("{warning}");
/// }
/// let transport = Transport::from_options(service.options)?;
/// # Ok::<(), oslo_messaging::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConfigFiles {
    sources: Vec<Source>,
    is_strict: bool,
}

#[derive(Clone, Debug)]
enum Source {
    File(PathBuf),
    Folder(PathBuf),
}

/// What a service's configuration says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServiceConfig {
    /// What is read of it.
    pub options: TransportOptions,
    /// What is not, in the order of files and lines, each option once. To be shown to an operator.
    pub warnings: Vec<ConfigWarning>,
}

impl ConfigFiles {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more file, whose values override those before it.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(Source::File(path.into()));
        self
    }

    /// The files `*.conf` of a folder, in the order of their names. Hidden ones are left out.
    #[must_use]
    pub fn folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(Source::Folder(path.into()));
        self
    }

    /// Whether an option that nobody reads is an error instead of a warning; default no, because
    /// oslo.messaging ignores it. One that merely has no effect here stays a warning.
    #[must_use]
    pub const fn strict(mut self, is_strict: bool) -> Self {
        self.is_strict = is_strict;
        self
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Reads them: `transport_url`, `control_exchange` and `rpc_response_timeout` of `[DEFAULT]`, and
    /// `[oslo_messaging_rabbit]`. Whatever else is there is not for this crate, and is only looked at
    /// for misspelt names of these, and for those that were once oslo.messaging's.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names file and line: a file or folder that is missing or cannot be read, a line
    /// that is no assignment, an option that is read and cannot have such a value, options that do not
    /// fit together; and what nobody reads, if reading is [strict](Self::strict).
    pub fn read(&self) -> Result<ServiceConfig, ConfigError> {
        let mut ini = Ini::default();
        for source in &self.sources {
            match source {
                Source::File(path) => add(&mut ini, path)?,
                Source::Folder(path) => {
                    for file in files_of(path)? {
                        add(&mut ini, &file)?;
                    }
                }
            }
        }
        service::read(&ini, self.is_strict)
    }
}

fn add(ini: &mut Ini, path: &Path) -> Result<(), ConfigError> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    ini.add(Some(path), &bytes)
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let name = entry
            .map_err(|error| unreadable(folder, &error))?
            .file_name();
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        if !is_hidden && Path::new(&name).extension() == Some(OsStr::new("conf")) {
            files.push(folder.join(name));
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> ConfigError {
    let reason = error.to_string();
    let place = Place::new(Some(path.into()), 0);
    ConfigError::new(place, ConfigProblem::Unreadable { reason })
}
