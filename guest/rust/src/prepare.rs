use std::time::Duration;

use crate::bindings::types::Setting;
use crate::settings::{Settings, setters};

/// A client with some settings overridden, made by `prepare` of either client.
///
/// `call` and `cast` work on it directly; `client` makes a client of its own from it, for settings
/// that are used more than once. The client it comes from stays as it is.
///
/// ```no_run
/// use std::time::Duration;
/// use oslo_messaging_guest::{Client, Target};
///
/// # fn main() -> oslo_messaging_guest::Result<()> {
/// let compute = Client::open("default", Target::topic("compute").version("2.5"))?;
///
/// // For one call.
/// let free: u64 = compute
///     .prepare()
///     .server("host-1")
///     .timeout(Duration::from_secs(5))
///     .call(&(), "free_memory", &())?;
///
/// // For many.
/// let host = compute.prepare().server("host-1").client()?;
/// host.cast(&(), "refresh", &())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent until `call` or `cast`"]
pub struct Prepare<'c, C> {
    pub(crate) client: &'c C,
    pub(crate) settings: Settings,
}

impl<'c, C> Prepare<'c, C> {
    pub(crate) const fn new(client: &'c C) -> Self {
        Self {
            client,
            settings: Settings::new(),
        }
    }

    setters!();

    /// Replaces all that was set here so far by a list that was made elsewhere.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    fn set(mut self, setting: Setting) -> Self {
        self.settings = self.settings.set(setting);
        self
    }
}
