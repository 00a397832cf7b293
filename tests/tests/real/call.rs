//! The calls that are made, from `tests/real/calls`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::python::data;

/// A call that changes nothing, so that it can be made again and again.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Its exchange, topic, namespace, version and server, as far as it has them.
    pub(crate) target: BTreeMap<String, String>,
    pub(crate) method: String,
    /// JSON, to the last digit.
    pub(crate) args: String,
}

impl Call {
    /// Those of a service.
    pub(crate) fn of(service: &str) -> Result<Vec<Self>> {
        let path = data(&format!("calls/{service}.json"));
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let calls: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(&text)?;
        calls.iter().map(Self::read).collect()
    }

    fn read(entries: &BTreeMap<String, Box<RawValue>>) -> Result<Self> {
        let entry = |name: &str| entries.get(name).map(|it| it.get());
        let required = |name: &str| entry(name).with_context(|| format!("a call has no {name}"));
        Ok(Self {
            target: serde_json::from_str(required("target")?)?,
            method: serde_json::from_str(required("method")?)?,
            args: entry("args").unwrap_or("{}").to_owned(),
        })
    }

    /// Part of its target.
    pub(crate) fn part(&self, name: &str) -> Option<&str> {
        self.target.get(name).map(String::as_str)
    }

    /// As a step of a script that a conformance plugin runs. In Rust the arguments go through the
    /// SDK as text, because its users choose their types, and those of `serde_json` round.
    pub(crate) fn step(&self, context: &str, args_as_text: bool) -> Result<String> {
        let settings = serde_json::to_string(&self.target)?;
        let method = Value::from(self.method.as_str());
        let args = if args_as_text {
            format!(r#""args-text": {}"#, Value::from(self.args.as_str()))
        } else {
            format!(r#""args": {}"#, self.args)
        };
        Ok(format!(
            r#"{{"op": "call", "settings": {settings}, "context": {context}, "method": {method}, {args}}}"#
        ))
    }
}
