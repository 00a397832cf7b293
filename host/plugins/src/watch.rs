//! Noticing that files have changed.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use oslo_messaging_policy::{Plugin, Policy, Secret, TransportSource};

use crate::candidate::path_of;

/// The files of a policy: its own, the components, and what transports are configured by.
///
/// They are looked at twice in a second, rather than waited for: a look works on every file system, and
/// the same whether a file is written to, replaced by another, or reached through a link that is.
#[derive(Debug)]
pub struct Watch {
    files: Vec<(PathBuf, Look)>,
}

/// What tells whether a file is still the same.
type Look = Option<(SystemTime, u64)>;

impl Watch {
    /// The files of this policy as they are now, to be made before they are read.
    #[must_use]
    pub fn new(policy_file: &Path) -> Self {
        let mut watch = Self { files: Vec::new() };
        watch.add(policy_file.to_owned());
        watch
    }

    /// Adds the files that a policy names.
    pub fn add_files_of(&mut self, policy: &Policy, policy_file: &Path) {
        for plugin in policy.plugins() {
            self.add_component(plugin, policy_file);
        }
        let folder = policy_file.parent().unwrap_or_else(|| Path::new(""));
        for transport in policy.transports() {
            match transport.source() {
                TransportSource::ConfigFile(path) | TransportSource::Url(Secret::File(path)) => {
                    self.add(folder.join(path));
                }
                TransportSource::Url(_) => {}
            }
        }
    }

    /// Adds the component of a plugin.
    pub fn add_component(&mut self, plugin: &Plugin, policy_file: &Path) {
        self.add(path_of(plugin, policy_file));
    }

    fn add(&mut self, path: PathBuf) {
        let look = look(&path);
        self.files.push((path, look));
    }

    /// Waits until one has changed and all have been left alone for a moment: whoever deploys several
    /// files, or writes a long one, is seldom done with the first byte.
    ///
    /// # Cancel safety
    ///
    /// Dropped, a change that was noticed is forgotten, unless it goes on.
    pub async fn changed(&mut self) {
        let mut is_settling = false;
        loop {
            tokio::time::sleep(PAUSE).await;
            let mut is_changed = false;
            for (path, known) in &mut self.files {
                let seen = look(path);
                is_changed |= *known != seen;
                *known = seen;
            }
            if is_settling && !is_changed {
                return;
            }
            is_settling |= is_changed;
        }
    }
}

/// None: it is not there.
fn look(path: &Path) -> Look {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

const PAUSE: Duration = Duration::from_millis(500);
