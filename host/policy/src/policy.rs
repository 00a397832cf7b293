//! What a file means: everything inherited, compiled and checked for what cannot be.

mod allow;
mod duplicates;
mod http;
mod triggers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::Value;

use crate::file::tables::{InstancesTable, LimitsTable, PluginTable, TransportTable};
use crate::file::{self, At, File, Read, Spot, Told};
use crate::nearest::suggest;
use crate::plugin::{Http, Instances, Limits, Plugin, Reuse, Transport, TransportSource};
use crate::problem::{Problem, Problems};
use crate::value::{Count, Secret, Size, Time};

/// A policy file: which plugins a host runs, and what they may do.
#[derive(Clone, Debug)]
pub struct Policy {
    http: Option<Http>,
    plugins: BTreeMap<String, Plugin>,
    transports: BTreeMap<String, Transport>,
    warnings: Vec<Problem>,
}

impl Policy {
    pub(crate) const fn new(
        plugins: BTreeMap<String, Plugin>,
        transports: BTreeMap<String, Transport>,
    ) -> Self {
        Self {
            http: None,
            plugins,
            transports,
            warnings: Vec::new(),
        }
    }

    /// Parses the text of a file. `file` is what problems call it.
    ///
    /// # Errors
    ///
    /// [`Problems`]: everything that is wrong with it. Only what cannot be judged because of another
    /// problem is not told yet, above all when the text is not TOML.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let mut told = Told::default();
        let read = file::read(text, &mut told);
        let (http, transports, plugins) = read
            .map(|read| resolve(&read, &mut told))
            .unwrap_or_default();
        let warnings = told.end(file, text)?;
        Ok(Self {
            http,
            plugins,
            transports,
            warnings,
        })
    }

    /// Reads and parses a file.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if it cannot be read or has problems.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let text = fs::read_to_string(path).map_err(|source| LoadError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self::parse(&path.display().to_string(), &text)?)
    }

    /// Where HTTP requests come in that start plugins, if they do.
    #[must_use]
    pub const fn http(&self) -> Option<&Http> {
        self.http.as_ref()
    }

    /// The plugins, in the order of their names.
    pub fn plugins(&self) -> impl Iterator<Item = &Plugin> {
        self.plugins.values()
    }

    /// The plugin of this name.
    #[must_use]
    pub fn plugin(&self, name: &str) -> Option<&Plugin> {
        self.plugins.get(name)
    }

    /// The plugin that answers HTTP requests for a path: that with the path itself, or else with
    /// the longest one that it is below of. `/a` is above `/a/b` and not above `/ab`.
    #[must_use]
    pub fn plugin_of_path(&self, path: &str) -> Option<&Plugin> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let of = |plugin: &Plugin| {
            plugin
                .triggers()
                .iter()
                .filter_map(|it| it.fits_path(path))
                .max()
        };
        let fitting = self
            .plugins()
            .filter_map(|plugin| Some((of(plugin)?, plugin)));
        fitting
            .max_by_key(|(length, _)| *length)
            .map(|(_, plugin)| plugin)
    }

    /// The transports, in the order of their names.
    pub fn transports(&self) -> impl Iterator<Item = &Transport> {
        self.transports.values()
    }

    /// The transport of this name.
    #[must_use]
    pub fn transport(&self, name: &str) -> Option<&Transport> {
        self.transports.get(name)
    }

    /// What is allowed but probably not meant: a rule that never decides, a transport that nobody
    /// uses, a password in the file.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}

/// The JSON schema of policy files, for editors. It is made from the types that files are parsed
/// into.
///
/// What it cannot say, `Policy::parse` checks: that names exist, and what goes together.
#[must_use]
pub fn schema() -> Value {
    let mut schema = File::schema();
    if let Value::Object(schema) = &mut schema {
        let draft = "https://json-schema.org/draft/2020-12/schema";
        schema.insert("$schema".to_owned(), draft.into());
        schema.insert(
            "title".to_owned(),
            "Policy of oslo.messaging plugins".into(),
        );
    }
    schema
}

/// Why a policy file could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("the policy file `{path}` cannot be read", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It was read, and has problems.
    #[error(transparent)]
    Problems(#[from] Problems),
}

type Resolved = (
    Option<Http>,
    BTreeMap<String, Transport>,
    BTreeMap<String, Plugin>,
);

fn resolve(file: &File, told: &mut Told) -> Resolved {
    let none = BTreeMap::new();
    let tables = file.transports.as_ref().map_or(&none, |it| &it.value);
    let transports = Transports { tables };
    let limits = limits(Limits::default(), file.limits.as_ref(), told);
    let none = BTreeMap::new();
    let tables = file.plugins.as_ref().map_or(&none, |it| &it.value);
    let mut plugins = BTreeMap::new();
    for (name, table) in tables {
        let plugin = plugin(name, table, limits, &transports, told);
        plugins.insert(name.clone(), plugin);
    }
    duplicates::tell(tables, told);
    let http = http::http(file.http.as_ref(), tables, told);
    (http, transports.resolve(&plugins, told), plugins)
}

fn plugin(
    name: &str,
    table: &At<PluginTable>,
    inherited: Limits,
    transports: &Transports<'_>,
    told: &mut Told,
) -> Plugin {
    let limits = limits(inherited, table.limits.as_ref(), told);
    let context = table.context.as_ref();
    let instances = table
        .instances
        .as_ref()
        .map_or(Instances::Fresh, |it| instances(it, &limits, told));
    Plugin {
        // Without one there is an error, and nobody sees this.
        component: table
            .component
            .0
            .as_ref()
            .map(|it| it.value.0.clone())
            .unwrap_or_default(),
        context: context.map(|it| it.value.clone()).unwrap_or_default(),
        instances,
        limits,
        name: name.to_owned(),
        rules: allow::rules(&table.spot, table.allow.as_ref(), &limits, transports, told),
        sha256: table.sha256.as_ref().map(|it| it.value),
        triggers: triggers::triggers(table.on.as_ref(), transports, told),
    }
}

fn limits(inherited: Limits, table: Option<&At<LimitsTable>>, told: &mut Told) -> Limits {
    let Some(table) = table else {
        return inherited;
    };
    fn or<T: Copy>(given: Option<&At<T>>, inherited: T) -> T {
        given.map_or(inherited, |it| it.value)
    }
    let limits = Limits {
        calls_in_flight: or(table.calls_in_flight.as_ref(), inherited.calls_in_flight),
        cpu: or(table.cpu.as_ref(), inherited.cpu),
        instances: or(table.instances.as_ref(), inherited.instances),
        memory: or(table.memory.as_ref(), inherited.memory),
        output: or(table.output.as_ref(), inherited.output),
        rate: or(table.rate.as_ref(), inherited.rate),
        reply: or(table.reply.as_ref(), inherited.reply),
        request: or(table.request.as_ref(), inherited.request),
        time: or(table.time.as_ref(), inherited.time),
    };
    let spot = |key: Option<&Spot>| key.unwrap_or(&table.spot).clone();
    if limits.memory < PAGE {
        let spot = spot(table.memory.as_ref().map(|it| &it.spot));
        let message = format!("`{}` is less than a page of WebAssembly", limits.memory);
        told.error(&spot, message, format!("write at least \"{PAGE}\""));
    }
    let judged = ["limits", table.spot.key.as_str()].iter().all(|key| {
        ["cpu", "time"]
            .iter()
            .all(|it| !told.is_wrong(&format!("{key}.{it}")))
    });
    if judged && limits.cpu > limits.time {
        let spot = spot(
            table
                .cpu
                .as_ref()
                .or(table.time.as_ref())
                .map(|it| &it.spot),
        );
        let Limits { cpu, time, .. } = limits;
        let message = format!("`cpu` is {cpu} and never reached, because `time` is {time}");
        told.error(&spot, message, "write a shorter `cpu` or a longer `time`");
    }
    limits
}

fn instances(table: &At<InstancesTable>, limits: &Limits, told: &mut Told) -> Instances {
    let InstancesTable {
        reuse,
        concurrency,
        invocations,
        idle,
    } = &table.value;
    if reuse.value == Reuse::Fresh {
        let spots = [
            concurrency.as_ref().map(|it| &it.spot),
            invocations.as_ref().map(|it| &it.spot),
            idle.as_ref().map(|it| &it.spot),
        ];
        for spot in spots.into_iter().flatten() {
            let remedy = "leave it out, or write `reuse = \"pooled\"`";
            told.error(
                spot,
                "a fresh instance has one invocation and ends with it",
                remedy,
            );
        }
        return Instances::Fresh;
    }
    if let Some(concurrency) = concurrency
        .as_ref()
        .filter(|it| it.value > limits.instances)
    {
        let most = limits.instances.get();
        let message = format!("it is never reached, the plugin's limit `instances` is {most}");
        let remedy = "write a lower one, or raise that in `limits`";
        told.warning(&concurrency.spot, message, remedy);
    }
    Instances::Pooled {
        concurrency: concurrency
            .as_ref()
            .map_or(Count::at_least_one(8), |it| it.value),
        idle: idle
            .as_ref()
            .map_or(Time::from_millis(30_000), |it| it.value),
        invocations: invocations
            .as_ref()
            .map_or(Count::at_least_one(1000), |it| it.value),
    }
}

/// The transports that there are.
struct Transports<'a> {
    tables: &'a BTreeMap<String, At<TransportTable>>,
}

impl Transports<'_> {
    /// Tells if there is no transport of this name. `spot` is where it is named, or what does not
    /// name one and so means `default`.
    fn check(&self, name: &str, spot: &Spot, told: &mut Told) {
        // One that is there with a mistake in it was complained about.
        if self.tables.contains_key(name) || told.is_wrong(&format!("transports.{name}")) {
            return;
        }
        let message = format!("there is no transport {}", crate::value::quoted(name));
        let known: Vec<_> = self.tables.keys().map(String::as_str).collect();
        let remedy = if known.is_empty() {
            "add `[transports.default]`, and name it `default` or leave it out".to_owned()
        } else {
            suggest(name, &known)
        };
        told.error(spot, message, remedy);
    }

    fn resolve(
        &self,
        plugins: &BTreeMap<String, Plugin>,
        told: &mut Told,
    ) -> BTreeMap<String, Transport> {
        let mut transports = BTreeMap::new();
        for (name, table) in self.tables {
            let source = match (&table.url, &table.config_file) {
                (Some(url), None) => {
                    if let Secret::Value(text) = &url.value
                        && has_password(text.expose())
                    {
                        let remedy =
                            "write `{ env = … }` or `{ file = … }`, where fewer can read it";
                        told.warning(&url.spot, "there is a password in this file", remedy);
                    }
                    TransportSource::Url(url.value.clone())
                }
                (None, Some(path)) => TransportSource::ConfigFile(path.value.0.clone()),
                // It was told when the table was read.
                _ => continue,
            };
            let used = |plugin: &Plugin| {
                plugin.transports().contains(&name.as_str())
                    || plugin
                        .triggers()
                        .iter()
                        .any(|it| it.transport() == Some(name))
            };
            if !plugins.values().any(used) {
                let remedy = "name it in a rule or trigger, or remove it";
                told.warning(&table.spot, "no rule and no trigger uses it", remedy);
            }
            let transport = Transport {
                control_exchange: table.control_exchange.as_ref().map(|it| it.value.clone()),
                name: name.clone(),
                source,
            };
            transports.insert(name.clone(), transport);
        }
        transports
    }
}

/// Whether a URL has a password for one of its hosts.
fn has_password(url: &str) -> bool {
    let hosts = url.split_once("://").map_or(url, |(_, rest)| rest);
    let hosts = hosts.split(['/', '?']).next().unwrap_or_default();
    let mut users = hosts.split(',').filter_map(|host| host.rsplit_once('@'));
    users.any(|(user, _)| {
        user.split_once(':')
            .is_some_and(|(_, password)| !password.is_empty())
    })
}

/// The smallest memory that a component can have.
const PAGE: Size = Size::from_bytes(64 << 10);

#[cfg(test)]
mod tests {
    use super::has_password;

    #[test]
    fn a_password_is_found_wherever_a_url_has_one() {
        let check = |url: &str, has: bool| assert_eq!(has_password(url), has, "{url}");
        check("rabbit://user:secret@host/", true);
        check("rabbit://user:secret@host", true);
        check("rabbit://host,user:secret@host2/vhost", true);
        check("rabbit://user:se@cret@host:5672/", true);
        check("rabbit://host:5672/", false);
        check("rabbit://user@host:5672/", false);
        check("rabbit://user:@host/", false);
        check("rabbit://host/vhost?x=a:b@c", false);
        check("memory://", false);
    }
}
