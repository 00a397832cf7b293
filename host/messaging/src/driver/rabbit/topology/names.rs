//! Names of reply queues and fanout queues.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::RabbitOptions;

/// A name that no other queue has.
#[derive(Clone, Debug)]
pub(super) struct UniqueName {
    pub(super) text: String,
    prefix: String,
    /// With upstream's "queue manager": locked as long as anybody here uses the name.
    claim: Option<Arc<File>>,
}

impl UniqueName {
    /// `<prefix>_<32 hex>`, or with `use_queue_manager` `<prefix>_<host>:<program>:<number>`, the
    /// number being the first that is free on this machine.
    ///
    /// Upstream counts in a file that it resets when it believes that the service was restarted;
    /// two processes that it mistakes take each other's replies. A lock ends with its process. Containers
    /// of one name count apart: see `Queue::evade`.
    pub(super) fn new(prefix: &str, options: &RabbitOptions) -> Self {
        if options.use_queue_manager {
            let host = options.hostname.clone().unwrap_or_else(host_name);
            let program = options.processname.clone().unwrap_or_else(program_name);
            if let Some((number, claim)) = claim(&folder(), &host, &program) {
                return Self {
                    text: format!("{prefix}_{host}:{program}:{number}"),
                    prefix: prefix.to_owned(),
                    claim: Some(Arc::new(claim)),
                };
            }
            tracing::warn!("no number is free for a queue's name: it becomes a random one");
        }
        Self::random(prefix)
    }

    /// The name that it has without `use_queue_manager`.
    pub(super) fn without_number(&self) -> Self {
        Self::random(&self.prefix)
    }

    fn random(prefix: &str) -> Self {
        Self {
            text: format!("{prefix}_{}", crate::id::random().simple()),
            prefix: prefix.to_owned(),
            claim: None,
        }
    }

    /// Whether the next run wants to find the queue again.
    pub(super) const fn is_kept(&self) -> bool {
        self.claim.is_some()
    }
}

fn claim(folder: &Path, host: &str, program: &str) -> Option<(u32, File)> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (host, program) = (encode(host), encode(program));
    (1..=NUMBERS).find_map(|number| {
        let name = format!("oslo-messaging_{host}_{program}_{number}.lock");
        let mut options = OpenOptions::new();
        // Another user's file cannot be opened: the number is taken.
        let file = options.create(true).append(true).open(folder.join(name));
        let file = file.ok()?;
        file.try_lock().ok()?;
        Some((number, file))
    })
}

/// Where upstream keeps its counter, or where there is no such place, the next best.
pub(in crate::driver::rabbit) fn folder() -> PathBuf {
    let shared_memory = Path::new("/dev/shm");
    if shared_memory.is_dir() {
        shared_memory.to_owned()
    } else {
        std::env::temp_dir()
    }
}

fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

fn program_name() -> String {
    std::env::args_os()
        .next()
        .as_deref()
        .and_then(|path| Path::new(path).file_name())
        .map_or_else(
            || "oslo-messaging".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
}

/// Far more queues than a machine's processes of one program have.
const NUMBERS: u32 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_names_differ() {
        let name = || UniqueName::new("reply", &RabbitOptions::default());
        let (one, two) = (name(), name());
        assert_ne!(one.text, two.text);
        assert!(!one.is_kept());
        let id = one.text.strip_prefix("reply_").unwrap();
        assert!(
            id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
    }

    #[test]
    fn numbers_are_used_again_when_nobody_uses_them() {
        let program = crate::id::random().simple().to_string();
        let options = RabbitOptions {
            use_queue_manager: true,
            hostname: Some("h/1".to_owned()),
            processname: Some(program.clone()),
            ..RabbitOptions::default()
        };
        let name = |prefix| UniqueName::new(prefix, &options);
        let (one, two) = (name("reply"), name("t_fanout"));
        assert_eq!(one.text, format!("reply_h/1:{program}:1"));
        assert_eq!(two.text, format!("t_fanout_h/1:{program}:2"));
        assert!(one.is_kept());
        let clone = one.clone();
        drop(one);
        assert_eq!(name("reply").text, format!("reply_h/1:{program}:3"));
        drop(clone);
        assert_eq!(name("reply").text, format!("reply_h/1:{program}:1"));
        for number in 1..=3 {
            let file = format!("oslo-messaging_h%2F1_{program}_{number}.lock");
            std::fs::remove_file(folder().join(file)).unwrap();
        }
    }

    #[test]
    fn host_and_program_have_names() {
        assert!(!host_name().is_empty());
        assert!(program_name().starts_with("oslo_messaging"));
    }
}
