//! A service in a file: what may be asked, and what comes back. `--serve` plays it as a server,
//! `--record` writes it, `--replay` answers by it.

mod entry;
mod hooks;
mod play;
mod record;
mod replay;

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use oslo_messaging::Error;
use serde_json::Value;

pub(crate) use self::entry::{Entry, Failed, Kind, Outcome, Reply};
pub(crate) use self::record::Recorder;
pub(crate) use self::replay::Replayed;
use crate::failure::{Exit, Failure};

/// The answers of a file. The first that fits a request is its answer; where several are to one and the
/// same request, they come in their order, and the last again and again.
#[derive(Debug)]
pub(crate) struct Answers(Vec<Answer>);

#[derive(Debug)]
struct Answer {
    request: Entry,
    replies: Vec<Reply>,
    next: AtomicUsize,
}

/// Whether a client refuses to send the request. No file has that: it is the same without the service.
pub(crate) const fn is_of_a_client(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidArgument { .. } | Error::InvalidTarget { .. } | Error::VersionCap { .. }
    )
}

/// What somebody asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// None if it is a server that asks: it does not know.
    pub(crate) kind: Option<Kind>,
    pub(crate) topic: &'a str,
    pub(crate) exchange: &'a str,
    /// None for any, or for all.
    pub(crate) server: Option<&'a str>,
    pub(crate) namespace: Option<&'a str>,
    /// Not known to a server, which has looked at it.
    pub(crate) version: Option<Option<&'a str>>,
    pub(crate) method: &'a str,
    pub(crate) args: &'a Value,
}

impl Answers {
    /// Reads a file: JSON objects, one after the other.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let failed = |what: &dyn fmt::Display| {
            Failure::new(Exit::InvalidArgument, format!("{}: {what}", path.display()))
        };
        let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
        Self::parse(&text).map_err(|error| failed(&error))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut answers: Vec<Answer> = Vec::new();
        let mut entries = serde_json::Deserializer::from_str(text).into_iter::<Entry>();
        loop {
            let begins = entries.byte_offset();
            let request = match entries.next() {
                None => break,
                Some(Ok(request)) => request,
                Some(Err(error)) => return Err(error.to_string()),
            };
            let reply = request
                .reply()
                .map_err(|why| format!("line {}: {why}", line_of(text, begins)))?;
            match answers.iter_mut().find(|it| it.is_to(&request)) {
                Some(answer) => answer.replies.push(reply),
                None => answers.push(Answer {
                    request,
                    replies: vec![reply],
                    next: AtomicUsize::new(0),
                }),
            }
        }
        if answers.is_empty() {
            return Err("it has no answers".to_owned());
        }
        Ok(Self(answers))
    }

    /// What comes back; nothing if no answer fits.
    pub(crate) fn reply(&self, asked: &Asked<'_>) -> Option<Reply> {
        let answer = self.0.iter().find(|answer| answer.fits(asked))?;
        let last = answer.replies.len() - 1;
        let next = answer.next.fetch_add(1, Ordering::Relaxed);
        answer.replies.get(next.min(last)).cloned()
    }

    fn requests(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter().map(|answer| &answer.request)
    }
}

impl Answer {
    fn is_to(&self, other: &Entry) -> bool {
        let it = &self.request;
        it.method == other.method
            && it.topic == other.topic
            && it.kind == other.kind
            && it.exchange == other.exchange
            && it.server == other.server
            && it.namespace == other.namespace
            && it.version == other.version
            && it.args == other.args
    }

    fn fits(&self, asked: &Asked<'_>) -> bool {
        let it = &self.request;
        let is = |wanted: &Option<Option<String>>, found: Option<&str>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.as_deref() == found)
        };
        // A server is not told whether it was named.
        let is_to_any = asked.kind.is_none() && it.server == Some(None);
        it.topic == asked.topic
            && it.method == asked.method
            && (it.kind.is_none() || asked.kind.is_none() || it.kind == asked.kind)
            && it.exchange.as_ref().is_none_or(|it| it == asked.exchange)
            && (is_to_any || is(&it.server, asked.server))
            && is(&it.namespace, asked.namespace)
            && asked.version.is_none_or(|version| is(&it.version, version))
            && it.args.as_ref().is_none_or(|args| args == asked.args)
    }
}

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of topic `{}`", self.method, self.topic)?;
        if let Some(server) = self.server {
            write!(f, ", server `{server}`")?;
        }
        if let Some(namespace) = self.namespace {
            write!(f, ", namespace `{namespace}`")?;
        }
        if let Some(Some(version)) = self.version {
            write!(f, ", version {version}")?;
        }
        write!(f, ", with {}", self.args)
    }
}

/// The line of what comes at or after an offset.
fn line_of(text: &str, offset: usize) -> usize {
    let (before, rest) = text.split_at_checked(offset).unwrap_or((text, ""));
    let space = rest.len() - rest.trim_start().len();
    let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
    1 + lines(before) + lines(rest.get(..space).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(method: &'a str, args: &'a Value) -> Asked<'a> {
        Asked {
            kind: Some(Kind::Call),
            topic: "compute",
            exchange: "nova",
            server: Some("host-1"),
            namespace: None,
            version: Some(None),
            method,
            args,
        }
    }

    fn outcome(answers: &Answers, method: &str, args: Value) -> Option<String> {
        let reply = answers.reply(&asked(method, &args))?;
        Some(match reply.outcome {
            Outcome::Result(result) => result.to_string(),
            Outcome::Exception(raised) => format!("{}: {}", raised.class, raised.message),
            Outcome::Failed(failed) => format!("{failed:?}"),
        })
    }

    #[test]
    fn the_first_that_fits_answers() {
        let answers = r#"
            {"topic": "compute", "method": "get", "args": {"id": 1}, "result": "one"}
            {"topic": "compute", "method": "get", "args": {"id": 1}, "result": "one again"}
            {"topic": "compute", "method": "get", "exception": {"class": "KeyError", "message": "no"}}
            {"topic": "compute", "method": "put", "kind": "cast"}
            {"topic": "compute", "method": "gone", "error": "no-such-target"}
            {"topic": "compute", "server": null, "method": "any"}
            {"topic": "compute", "server": "host-1", "exchange": "nova", "version": null,
             "namespace": null, "method": "here", "delay": 0.25}
        "#;
        let answers = Answers::parse(answers).unwrap();
        let check = |method: &str, args: Value, expected: Option<&str>| {
            assert_eq!(outcome(&answers, method, args).as_deref(), expected);
        };
        let one = || serde_json::json!({"id": 1});
        check("get", one(), Some("\"one\""));
        check("get", one(), Some("\"one again\""));
        check("get", one(), Some("\"one again\""));
        check("get", serde_json::json!({"id": 2}), Some("KeyError: no"));
        check("put", one(), None);
        check("gone", one(), Some("NoSuchTarget"));
        check("any", one(), None);
        check("here", one(), Some("null"));
        let delay = answers.reply(&asked("here", &one())).unwrap().delay;
        assert_eq!(delay.as_millis(), 250);
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_line() {
        let check = |text: &str, expected: &str| {
            let error = Answers::parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        };
        check("", "no answers");
        check("{\"topic\": \"t\"}", "missing field `method` at line 1");
        check(
            "\n{\"topic\": \"t\", \"methid\": 1}",
            "unknown field `methid`",
        );
        check("\n{\"topic\": \"t\", \"methid\": 1}", "line 2");
        let with = |more: &str| format!("\n\n{{\"topic\": \"t\", \"method\": \"m\", {more}}}");
        check(
            &with(r#""result": 1, "error": "timeout""#),
            "line 3: it has more than one",
        );
        check(&with(r#""args": [1]"#), "line 3: `args` is an object");
        check(&with(r#""delay": -1"#), "line 3: `delay`");
        check(&with(r#""error": "broken""#), "unknown variant `broken`");
        check(
            &with(r#""exception": {"class": "E", "args": 1}"#),
            "line 3: `args` of an exception",
        );
    }

    #[test]
    fn what_was_recorded_is_answered() {
        let result = Ok(serde_json::value::to_raw_value(&[1.5]).unwrap());
        let args = serde_json::json!({"id": 1});
        let mut request = Entry::asked(Kind::Call, "compute".into(), "get".into(), args.clone());
        request.server = Some(Some("host-1".into()));
        request.namespace = Some(None);
        let line = serde_json::to_string(&Entry::recorded(request, &result)).unwrap();
        let answers = Answers::parse(&line).unwrap();
        assert_eq!(outcome(&answers, "get", args).unwrap(), "[1.5]");
        assert_eq!(outcome(&answers, "get", serde_json::json!({})), None);
    }
}
