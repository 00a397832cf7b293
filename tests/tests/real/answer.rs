//! What came of a call, and whether it is right.

use anyhow::{Context, Result, bail};

use crate::json::{Json, difference};

/// What came of a call.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The method returned this.
    Returned(Json),
    /// It raised an exception of this class, which reads so.
    Raised { class: String, text: String },
    /// No answer came.
    Failed(String),
}

impl Answer {
    /// From a line of `tests/python/client.py`.
    pub(crate) fn of_python(line: &Json) -> Result<Self> {
        if let Some(text) = line.get("result_text").and_then(Json::text) {
            return Ok(Self::Returned(Json::parse(text)?));
        }
        let error = line.get("error").context("neither a result nor an error")?;
        let text = |name: &str| error.get(name).and_then(Json::text).map(ToOwned::to_owned);
        if let (Some(class), Some(text)) = (text("remote_type"), text("remote_value")) {
            return Ok(Self::Raised { class, text });
        }
        let class = text("class").context("an error without a class")?;
        if text("module").as_deref() != Some("builtins") {
            return Ok(Self::Failed(error.to_string()));
        }
        // One of Python's own is raised as itself; its first argument is the text and the traceback.
        let Some(Json::Array(args)) = error.get("args") else {
            bail!("an exception without arguments");
        };
        let text = args.first().and_then(Json::text).unwrap_or_default();
        Ok(Self::Raised {
            class,
            text: text.to_owned(),
        })
    }

    /// From what a conformance plugin says of a step.
    pub(crate) fn of_plugin(outcome: &Json) -> Self {
        if let Some(value) = outcome.get("ok") {
            return Self::Returned(value.clone());
        }
        let error = outcome.get("error");
        let text = |name: &str| error?.get(name)?.text().map(ToOwned::to_owned);
        match (text("case").as_deref(), text("type-name"), text("message")) {
            (Some("remote"), Some(class), Some(text)) => Self::Raised { class, text },
            _ => Self::Failed(outcome.to_string()),
        }
    }

    /// From what `oslo-plugin call --json` prints about a failure.
    pub(crate) fn of_program(failure: &str) -> Self {
        let parsed = || {
            let failure = Json::parse(failure).ok()?;
            let message = failure.get("error")?.get("message")?.text()?;
            let (class, text) = message.strip_prefix("remote error: ")?.split_once(' ')?;
            Some(Self::Raised {
                class: class.to_owned(),
                text: text.to_owned(),
            })
        };
        parsed().unwrap_or_else(|| Self::Failed(failure.to_owned()))
    }
}

/// How an answer differs from those that Python got before and after it.
pub(crate) fn wrong(before: &Answer, after: &Answer, found: &Answer) -> Option<String> {
    match (before, after, found) {
        (Answer::Returned(before), Answer::Returned(after), Answer::Returned(found)) => {
            difference(before, after, found, "")
        }
        (
            Answer::Raised { class, text },
            _,
            Answer::Raised {
                class: its_class,
                text: its_text,
            },
        ) if class == its_class && plain(text) == plain(its_text) => None,
        _ => Some(format!("it is {found:?}, and should be {before:?}")),
    }
}

/// The text of an exception, without the traceback that some ways have behind it.
fn plain(text: &str) -> &str {
    text.split("\nTraceback (most recent call last):")
        .next()
        .unwrap_or(text)
}
