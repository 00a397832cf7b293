use std::fmt;

use super::expression::Expression;
use super::matching::{Names, Texts};
use super::notification::Notification;
use crate::error::{Error, Result};

/// Which notifications an endpoint is given: those that match all of its regular expressions (upstream
/// `oslo_messaging/notify/filter.py`).
///
/// An expression matches from the beginning of a text, and need not reach its end, as Python's
/// `re.match`. What is not a text, or not there, does not match. The syntax is that of the crate
/// `fancy-regex`, which has nearly everything that Python's has. An expression that takes too long on a
/// text (a million steps of going back) does not match it.
///
/// ```
/// use oslo_messaging::NotificationFilter;
///
/// let filter = NotificationFilter::new()
///     .publisher_id("^compute.*")?
///     .event_type(r"^compute\.instance\..*")?
///     .context("tenant_id", "^5f643cfc-664b-4c69-8000-ce2ed7b08216$")?
///     .payload("state", "^active$")?;
/// # drop(filter);
/// # Ok::<(), oslo_messaging::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct NotificationFilter {
    publisher_id: Option<Expression>,
    event_type: Option<Expression>,
    context: Vec<(String, Expression)>,
    metadata: Vec<(String, Expression)>,
    payload: Vec<(String, Expression)>,
    is_untrusted: bool,
    /// How many were compiled.
    expressions: usize,
}

impl NotificationFilter {
    /// A filter that everything passes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A filter that everything passes, for expressions whose author is not trusted, such as a
    /// plugin's. It takes at most 16 of them, each of at most 1024 bytes and 16 groups, and refuses one
    /// that is large when it is compiled (256 KiB; with look-around or references back, 64 steps and
    /// ten thousand repetitions). They see the first 4096 bytes of a text, go back at most 5000 times,
    /// and do not match on a thread of the runtime.
    ///
    /// Compiling takes up to some milliseconds for each: `tokio::task::spawn_blocking` is the place.
    #[must_use]
    pub fn untrusted() -> Self {
        Self {
            is_untrusted: true,
            ..Self::default()
        }
    }

    /// What the publisher's id has to match.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when it is not a regular expression, or more than an
    /// [untrusted](Self::untrusted) filter takes.
    pub fn publisher_id(mut self, regex: &str) -> Result<Self> {
        self.publisher_id = Some(self.compile("publisher_id", regex)?);
        Ok(self)
    }

    /// What the type of the event has to match.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when it is not a regular expression, or more than an
    /// [untrusted](Self::untrusted) filter takes.
    pub fn event_type(mut self, regex: &str) -> Result<Self> {
        self.event_type = Some(self.compile("event_type", regex)?);
        Ok(self)
    }

    /// What a value of the context has to match. Every name that is given has to.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when it is not a regular expression, or more than an
    /// [untrusted](Self::untrusted) filter takes.
    pub fn context(mut self, name: impl Into<String>, regex: &str) -> Result<Self> {
        let regex = self.compile("context", regex)?;
        self.context.push((name.into(), regex));
        Ok(self)
    }

    /// What `message_id` or `timestamp` has to match. There is no other metadata, and a notification
    /// does not pass if another name is given.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when it is not a regular expression, or more than an
    /// [untrusted](Self::untrusted) filter takes.
    pub fn metadata(mut self, name: impl Into<String>, regex: &str) -> Result<Self> {
        let regex = self.compile("metadata", regex)?;
        self.metadata.push((name.into(), regex));
        Ok(self)
    }

    /// What a value of the payload, which then has to be an object, has to match. Every name that is
    /// given has to.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when it is not a regular expression, or more than an
    /// [untrusted](Self::untrusted) filter takes.
    pub fn payload(mut self, name: impl Into<String>, regex: &str) -> Result<Self> {
        let regex = self.compile("payload", regex)?;
        self.payload.push((name.into(), regex));
        Ok(self)
    }

    /// Whether a notification passes.
    #[must_use]
    pub fn matches(&self, notification: &Notification) -> bool {
        let names = Names::of([self]);
        self.passes(notification, &names.texts_of(notification))
    }

    /// As [`matches`](Self::matches), with the texts of the notification that it
    /// [looks at](Self::names).
    pub(super) fn passes<'t>(&self, notification: &'t Notification, texts: &'t Texts<'_>) -> bool {
        let text = |regex: &Option<Expression>, text: Option<&str>| {
            let regex = regex.as_ref();
            regex.is_none_or(|regex| text.is_some_and(|text| regex.begins(text)))
        };
        let metadata = |name: &str| match name {
            "message_id" => notification.message_id.as_deref(),
            "timestamp" => notification.timestamp.as_deref(),
            _ => None,
        };
        let all = |regexes: &[(String, Expression)], texts: &dyn Fn(&str) -> Option<&'t str>| {
            let mut regexes = regexes.iter();
            regexes.all(|(name, regex)| texts(name).is_some_and(|text| regex.begins(text)))
        };
        text(&self.publisher_id, notification.publisher_id.as_deref())
            && text(&self.event_type, notification.event_type.as_deref())
            && all(&self.metadata, &metadata)
            && all(&self.context, &|name| texts.context(name))
            && all(&self.payload, &|name| texts.payload(name))
    }

    /// The names in contexts and in payloads whose values it looks at.
    pub(super) fn names(&self) -> (impl Iterator<Item = &str>, impl Iterator<Item = &str>) {
        let (context, payload) = (self.context.iter(), self.payload.iter());
        (
            context.map(|(name, _)| name.as_str()),
            payload.map(|(name, _)| name.as_str()),
        )
    }

    /// Whether it has expressions whose author is not trusted.
    pub(super) const fn is_untrusted(&self) -> bool {
        self.is_untrusted && self.expressions > 0
    }

    fn compile(&mut self, argument: &'static str, regex: &str) -> Result<Expression> {
        if !self.is_untrusted {
            return Expression::trusted(argument, regex);
        }
        if self.expressions == MOST_UNTRUSTED {
            let reason = format!("this filter takes at most {MOST_UNTRUSTED} expressions");
            return Err(Error::invalid_argument(argument, reason));
        }
        self.expressions += 1;
        Expression::untrusted(argument, regex)
    }
}

impl fmt::Debug for NotificationFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text =
            |regex: &Option<Expression>| regex.as_ref().map(|regex| regex.as_str().to_owned());
        let values = |regexes: &[(String, Expression)]| -> Vec<_> {
            let pairs = regexes.iter();
            pairs
                .map(|(name, regex)| format!("{name}: {}", regex.as_str()))
                .collect()
        };
        f.debug_struct("NotificationFilter")
            .field("publisher_id", &text(&self.publisher_id))
            .field("event_type", &text(&self.event_type))
            .field("context", &values(&self.context))
            .field("metadata", &values(&self.metadata))
            .field("payload", &values(&self.payload))
            .finish_non_exhaustive()
    }
}

const MOST_UNTRUSTED: usize = 16;

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::priority::Priority;

    fn notification() -> Notification {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        Notification {
            priority: Priority::Info,
            publisher_id: Some("compute.host1".to_owned()),
            event_type: None,
            message_id: Some("6e1a".to_owned()),
            timestamp: Some("2026-01-02 03:04:05.000600".to_owned()),
            payload: raw(r#"{"state": "error", "state": "active", "n": 7, "nothing": null}"#),
            context: raw(r#"{"tenant_id": "5f64", "roles": ["private"]}"#),
            redelivered: false,
        }
    }

    #[test]
    fn a_notification_passes_if_everything_matches() {
        type Make = fn(NotificationFilter) -> Result<NotificationFilter>;
        let check = |make: Make, passes| {
            let filter = make(NotificationFilter::new()).unwrap();
            assert_eq!(filter.matches(&notification()), passes, "{filter:?}");
        };
        check(Ok, true);
        check(|it| it.publisher_id("^compute.*"), true);
        check(|it| it.publisher_id("compute"), true);
        // From the beginning, as `re.match`.
        check(|it| it.publisher_id("host1"), false);
        check(|it| it.publisher_id("comp$"), false);
        check(|it| it.publisher_id("host|compute"), true);
        check(|it| it.publisher_id("(?i)COMPUTE"), true);
        check(|it| it.publisher_id(r"(?!network)\w+"), true);
        // There is none.
        check(|it| it.event_type(".*"), false);
        check(|it| it.context("tenant_id", "^5f64$"), true);
        check(|it| it.context("roles", "private"), false);
        check(|it| it.context("user", ""), false);
        check(|it| it.payload("state", "^active$"), true);
        check(|it| it.payload("n", "7"), false);
        check(|it| it.payload("nothing", ""), false);
        check(|it| it.metadata("timestamp", r"\d{4}-01"), true);
        check(|it| it.metadata("message_id", "6"), true);
        check(|it| it.metadata("other", ""), false);
        check(
            |it| it.publisher_id("compute")?.payload("state", "error"),
            false,
        );
        check(
            |it| it.payload("state", "active")?.payload("state", "error"),
            false,
        );
    }

    #[test]
    fn what_is_no_expression_is_refused_and_a_long_search_ends() {
        let error = NotificationFilter::new().publisher_id("(").unwrap_err();
        assert!(error.to_string().contains("`publisher_id`"), "{error}");
        let slow = NotificationFilter::new()
            .publisher_id(r"(a|a)*\1b(?=c)")
            .unwrap();
        let mut long = notification();
        long.publisher_id = Some("a".repeat(100_000));
        assert!(!slow.matches(&long));
    }

    #[test]
    fn an_untrusted_filter_takes_few_expressions() {
        let mut filter = NotificationFilter::untrusted();
        for _ in 0..MOST_UNTRUSTED {
            filter = filter.payload("state", "active").unwrap();
        }
        assert!(filter.matches(&notification()));
        let error = filter.event_type("a").unwrap_err().to_string();
        assert!(error.contains("at most 16"), "{error}");
    }

    /// Python's `json` writes and reads them.
    #[test]
    fn half_a_surrogate_pair_hides_nothing() {
        let mut notification = notification();
        for payload in [
            r#"{"\ud800": 1, "state": "active"}"#,
            r#"{"state": "active", "more": {"\udc00": "\ud800"}}"#,
            r#"{"state": "active\ud800"}"#,
            r#"{"\ud800": "\ud800", "state": "active \ud83d\ude00 \ud83d"}"#,
        ] {
            notification.payload = RawValue::from_string(payload.to_owned()).unwrap();
            notification.context = notification.payload.clone();
            let filter = NotificationFilter::new().payload("state", "^active");
            let filter = filter.unwrap().context("state", "^active").unwrap();
            assert!(filter.matches(&notification), "{payload}");
            let other = NotificationFilter::new().payload("state", "^active$");
            let is_whole = payload.contains(r#""active""#);
            assert_eq!(other.unwrap().matches(&notification), is_whole, "{payload}");
        }
    }

    #[test]
    fn a_payload_that_is_no_object_has_no_names() {
        let filter = NotificationFilter::new().payload("state", "").unwrap();
        for payload in ["[]", "\"state\"", "null", "7"] {
            let mut notification = notification();
            notification.payload = RawValue::from_string(payload.to_owned()).unwrap();
            assert!(!filter.matches(&notification), "{payload}");
            assert!(NotificationFilter::new().matches(&notification));
        }
    }
}
