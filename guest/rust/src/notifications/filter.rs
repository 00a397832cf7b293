use crate::priority::Priority;

/// Which notifications a plugin wants: those of its priorities that match all of its regular
/// expressions.
///
/// An expression has Python's syntax, matches from the beginning of a text, and need not reach its end.
/// What is not a text, or not there, does not match. The host checks the expressions before it listens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub(super) priorities: Vec<Priority>,
    pub(super) publisher_id: Option<String>,
    pub(super) event_type: Option<String>,
    pub(super) context: Vec<(String, String)>,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) payload: Vec<(String, String)>,
}

impl Filter {
    /// A filter that everything of every priority passes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One of the priorities that it wants. As long as this was not called, it wants all.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priorities.push(priority);
        self
    }

    /// What the publisher's id has to match.
    #[must_use]
    pub fn publisher_id(mut self, regex: impl Into<String>) -> Self {
        self.publisher_id = Some(regex.into());
        self
    }

    /// What the type of the event has to match.
    #[must_use]
    pub fn event_type(mut self, regex: impl Into<String>) -> Self {
        self.event_type = Some(regex.into());
        self
    }

    /// What the value of a name in the context has to match. All that are given have to.
    #[must_use]
    pub fn context(mut self, name: impl Into<String>, regex: impl Into<String>) -> Self {
        self.context.push((name.into(), regex.into()));
        self
    }

    /// What `message_id` or `timestamp` has to match. All that are given have to.
    #[must_use]
    pub fn metadata(mut self, name: impl Into<String>, regex: impl Into<String>) -> Self {
        self.metadata.push((name.into(), regex.into()));
        self
    }

    /// What the value of a name in the payload has to match, which then has to be an object. All that
    /// are given have to.
    #[must_use]
    pub fn payload(mut self, name: impl Into<String>, regex: impl Into<String>) -> Self {
        self.payload.push((name.into(), regex.into()));
        self
    }
}
