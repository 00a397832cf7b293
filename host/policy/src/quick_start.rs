//! A policy without a file: what `--allow` on the command line says, and the file that says the
//! same.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde_json::Map;

use crate::decision::Rules;
use crate::plugin::{Instances, Limits, Plugin, Transport, TransportSource};
use crate::policy::Policy;
use crate::rule::print::text;
use crate::rule::{InvalidRule, Rule};
use crate::value::place::FilePath;
use crate::value::{InvalidValue, Label, Secret};

/// A policy for one plugin, out of a few words. Printed, it is the equivalent file.
///
/// ```
/// use std::path::Path;
///
/// use oslo_messaging_policy::{Policy, QuickStart, Secret, TransportSource};
///
/// let url = TransportSource::Url(Secret::Env("TRANSPORT_URL".to_owned()));
/// let start = QuickStart::new("tour", Path::new("tour.wasm"))?
///     .transport("default", url)?
///     .allow("compute:get_*,describe_*".parse()?);
/// let policy = start.policy();
/// let same = Policy::parse("printed", &start.to_string())?;
/// # assert_eq!(same.plugin("tour").unwrap().rules(), policy.plugin("tour").unwrap().rules());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct QuickStart {
    component: FilePath,
    name: String,
    rules: Vec<Rule>,
    transports: BTreeMap<String, TransportSource>,
}

impl QuickStart {
    /// For this plugin, which may do nothing yet.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if a file could not name the plugin so, or the component's path is not
    /// UTF-8.
    pub fn new(name: &str, component: &Path) -> Result<Self, InvalidValue> {
        let Label(name) = name.parse()?;
        let component = component.to_str().ok_or_else(|| {
            let shown = component.display().to_string();
            InvalidValue::new(&shown, "is not UTF-8", "rename the file")
        })?;
        Ok(Self {
            component: component.parse()?,
            name,
            rules: Vec::new(),
            transports: BTreeMap::new(),
        })
    }

    /// Adds a transport.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if a file could not name it so.
    pub fn transport(mut self, name: &str, source: TransportSource) -> Result<Self, InvalidValue> {
        let Label(name) = name.parse()?;
        self.transports.insert(name, source);
        Ok(self)
    }

    /// Adds a rule, unless there is one of the same name.
    #[must_use]
    pub fn allow(mut self, rule: Rule) -> Self {
        if self.rules.iter().all(|other| other.name() != rule.name()) {
            self.rules.push(rule);
        }
        self
    }

    /// The policy. Limits are those of a file that says nothing about them.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let plugin = Plugin {
            component: self.component.0.clone(),
            context: Map::new(),
            instances: Instances::Fresh,
            limits: Limits::default(),
            name: self.name.clone(),
            rules: Rules::new(self.rules.iter().cloned()),
            sha256: None,
            triggers: Vec::new(),
        };
        let transports = self.transports.iter().map(|(name, source)| {
            let transport = Transport {
                control_exchange: None,
                name: name.clone(),
                source: source.clone(),
            };
            (name.clone(), transport)
        });
        let plugins = BTreeMap::from([(self.name.clone(), plugin)]);
        Policy::new(plugins, transports.collect())
    }
}

/// The equivalent policy file. A URL that was given as itself is not printed, but where it should
/// be put.
impl fmt::Display for QuickStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, source) in &self.transports {
            writeln!(f, "[transports.{}]", header(name))?;
            match source {
                TransportSource::ConfigFile(path) => {
                    writeln!(f, "config-file = {}", text(&path.display()))?;
                }
                TransportSource::Url(Secret::Env(name)) => {
                    writeln!(f, "url = {{ env = {} }}", text(name))?;
                }
                TransportSource::Url(Secret::File(path)) => {
                    writeln!(f, "url = {{ file = {} }}", text(&path.display()))?;
                }
                TransportSource::Url(Secret::Value(_)) => {
                    writeln!(
                        f,
                        "# The URL was given as itself, and secrets are not printed."
                    )?;
                    writeln!(f, "url = {{ env = \"TRANSPORT_URL\" }}")?;
                }
            }
            writeln!(f)?;
        }
        let plugin = header(&self.name);
        writeln!(f, "[plugins.{plugin}]")?;
        writeln!(f, "component = {}", text(&self.component.0.display()))?;
        for rule in &self.rules {
            write!(f, "\n[[plugins.{plugin}.allow]]\n{rule}")?;
        }
        Ok(())
    }
}

/// `topic:method`, as on a command line: `compute:get_*`, `compute.host-1:reboot,resize`. Both are
/// patterns, the topic as in a file, and there may be several methods with commas between them. The
/// text is the rule's name.
impl FromStr for Rule {
    type Err = InvalidAllow;

    fn from_str(allow: &str) -> Result<Self, InvalidAllow> {
        // The last colon: methods have none, and servers may.
        let Some((topic, methods)) = allow.rsplit_once(':') else {
            let remedy = "write `TOPIC:METHOD`, such as `compute:get_*`";
            return Err(InvalidValue::new(allow, "names no topic and method", remedy).into());
        };
        let mut rule = Self::builder(allow).topic(topic.parse()?);
        for method in methods.split(',') {
            rule = rule.method(method.trim().parse()?);
        }
        Ok(rule.build()?)
    }
}

/// Why text is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAllow {
    /// The parts do not make a rule.
    #[error(transparent)]
    Rule(#[from] InvalidRule),
    /// A part is not what it should be.
    #[error(transparent)]
    Value(#[from] InvalidValue),
}

/// A name behind a dot of a header, where another dot would begin another name.
fn header(name: &str) -> String {
    if name.contains('.') {
        text(&name)
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_printed() {
        let url = TransportSource::Url(Secret::Env("BROKER".to_owned()));
        let start = QuickStart::new("tour.v2", Path::new("my \"tour\".wasm"))
            .and_then(|start| start.transport("default", url))
            .unwrap()
            .allow("compute:get_*".parse().unwrap())
            .allow("compute.host-1:reboot, resize".parse().unwrap())
            .allow("compute:get_*".parse().unwrap());
        let printed = r#"[transports.default]
url = { env = "BROKER" }

[plugins."tour.v2"]
component = 'my "tour".wasm'

[[plugins."tour.v2".allow]]
name = "compute:get_*"
topic = "compute"
methods = ["get_*"]

[[plugins."tour.v2".allow]]
name = "compute.host-1:reboot, resize"
topic = "compute.host-1"
methods = ["reboot", "resize"]
"#;
        assert_eq!(start.to_string(), printed);
        let policy = start.policy();
        let same = Policy::parse("printed", printed).unwrap();
        assert_eq!(same.warnings(), []);
        let [one, other] = [&policy, &same].map(|it| it.plugin("tour.v2").unwrap());
        assert_eq!(one.rules(), other.rules());
        assert_eq!(one.limits(), other.limits());
        assert_eq!(one.component(), other.component());
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        let check = |allow: &str, error: &str| {
            assert_eq!(allow.parse::<Rule>().unwrap_err().to_string(), error);
        };
        check(
            "compute",
            "`compute` names no topic and method; write `TOPIC:METHOD`, such as `compute:get_*`",
        );
        check(
            ":get",
            "`` is no name; write a name, with `*` for any characters",
        );
        check(
            "compute:",
            "`` is no name; write a name, with `*` for any characters",
        );
        check(
            "compute:a,,b",
            "`` is no name; write a name, with `*` for any characters",
        );
        check(
            "compute:get_?",
            "`get_?` has a special character other than `*`; write a name, with `*` for any \
             characters",
        );
        check(
            "compute.:get",
            "rule `compute.:get`: topic: `compute.` ends at its dot; write `TOPIC`, or `TOPIC.SERVER`",
        );
    }
}
