/// Why an option of `[oslo_messaging_rabbit]` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// It cannot hold this value, or not beside the other options.
    #[error("option `{name}` cannot be `{value}`: expected {expected}")]
    BadValue {
        /// The option.
        name: String,
        /// Its value.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// There is no such option.
    #[error(
        "unknown option `{name}`{}",
        nearest.map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default()
    )]
    Unknown {
        /// Its name.
        name: String,
        /// The option most like it.
        nearest: Option<&'static str>,
    },
}
