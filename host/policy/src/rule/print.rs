use std::fmt;

use super::{Reach, Rule};
use crate::request::Kind;
use crate::value::choice;

/// As an entry of a plugin's `allow`, without its header: what a policy file has between
/// `[[plugins.NAME.allow]]` and what follows.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one(f, "name", &self.name)?;
        if &*self.transport != "default" {
            one(f, "transport", &self.transport)?;
        }
        if let Reach::Named(exchanges) = &self.reach {
            one_or_many(f, "exchange", exchanges)?;
        }
        one_or_many(f, "topic", &self.topics)?;
        one_or_many(f, "server", &self.servers)?;
        if self.reach == Reach::Fanout {
            f.write_str("fanout = true\n")?;
        }
        one_or_many(f, "namespace", &self.namespaces)?;
        if self.kind != Some(Kind::Notify) {
            many(f, "methods", &self.methods)?;
        }
        one_or_many(f, "version", &self.versions)?;
        if let Some(kind) = self.kind.filter(|_| self.reach != Reach::Fanout) {
            one(f, "kind", &choice::word(Kind::WORDS, &kind))?;
        }
        one_or_many(f, "priority", &self.priorities)?;
        one_or_many(f, "event-type", &self.event_types)?;
        if let Some(timeout) = self.timeout {
            one(f, "timeout", &timeout)?;
        }
        if let Some(rate) = self.rate {
            one(f, "rate", &rate)?;
        }
        if self.traceback {
            f.write_str("traceback = true\n")?;
        }
        Ok(())
    }
}

/// Text in TOML, in quotes.
pub(crate) fn text(value: &impl ToString) -> String {
    toml::Value::String(value.to_string()).to_string()
}

fn one(f: &mut fmt::Formatter<'_>, key: &str, value: &impl ToString) -> fmt::Result {
    writeln!(f, "{key} = {}", text(value))
}

fn one_or_many<T: ToString>(f: &mut fmt::Formatter<'_>, key: &str, values: &[T]) -> fmt::Result {
    match values {
        [] => Ok(()),
        [value] => one(f, key, value),
        values => many(f, key, values),
    }
}

fn many<T: ToString>(f: &mut fmt::Formatter<'_>, key: &str, values: &[T]) -> fmt::Result {
    let values: Vec<_> = values.iter().map(text).collect();
    writeln!(f, "{key} = [{}]", values.join(", "))
}
