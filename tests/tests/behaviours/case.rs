//! A behaviour: a script and what comes of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::guest::Guests;
use crate::native;
use crate::servers::Servers;
use crate::surface::{Surface, World};

pub(crate) struct Case {
    pub(crate) name: &'static str,
    open: Value,
    steps: Value,
    expected: Value,
    within: Duration,
    at_least: Duration,
    /// Whether it is about what only Python's servers do.
    needs_python: bool,
    /// Whether it is about the caller alone, and a broker would only make it slow.
    in_memory: bool,
    /// Whether its transport's broker is not there.
    unreachable: bool,
    /// Which surfaces it is about.
    surfaces: Surfaces,
}

/// Surfaces.
#[derive(Clone, Copy)]
enum Surfaces {
    All,
    Plugins,
    World(World),
}

/// A behaviour with the usual client: the topic that the servers share, version 2.5, 20 s.
pub(crate) fn case(name: &'static str, steps: Value, expected: Value) -> Case {
    Case {
        name,
        open: json!({
            "target": {"topic": "{topic}", "version": "2.5"},
            "settings": {"timeout": 20_000_000_000_u64},
        }),
        steps,
        expected,
        within: Duration::from_secs(15),
        at_least: Duration::ZERO,
        needs_python: false,
        in_memory: false,
        unreachable: false,
        surfaces: Surfaces::All,
    }
}

impl Case {
    /// Another client than the usual one.
    pub(crate) fn open(mut self, open: Value) -> Self {
        self.open = open;
        self
    }

    /// How long the script takes.
    pub(crate) const fn takes(mut self, at_least_ms: u64, within_ms: u64) -> Self {
        self.at_least = Duration::from_millis(at_least_ms);
        self.within = Duration::from_millis(within_ms);
        self
    }

    pub(crate) const fn needs_python(mut self) -> Self {
        self.needs_python = true;
        self
    }

    pub(crate) const fn in_memory(mut self) -> Self {
        self.in_memory = true;
        self
    }

    /// With a transport whose broker is not there, which there is not in memory.
    pub(crate) const fn unreachable(mut self) -> Self {
        self.unreachable = true;
        self.needs_python()
    }

    /// About what the native client does not have.
    pub(crate) const fn of_plugins(mut self) -> Self {
        self.surfaces = Surfaces::Plugins;
        self
    }

    /// About what only plugins of this world have.
    pub(crate) const fn of_world(mut self, world: World) -> Self {
        self.surfaces = Surfaces::World(world);
        self
    }

    pub(crate) fn runs_on(&self, transport: &str, surface: &Surface) -> bool {
        let transport = match transport {
            "memory" => !self.needs_python,
            _ => !self.in_memory,
        };
        let surface = match (self.surfaces, surface.guest) {
            (Surfaces::All, _) => true,
            (Surfaces::Plugins, guest) => guest.is_some(),
            (Surfaces::World(world), guest) => guest.is_some_and(|guest| guest.world == world),
        };
        transport && surface
    }

    /// Runs it, and says what is wrong.
    pub(crate) async fn check(
        &self,
        surface: &Surface,
        guests: &Guests,
        servers: &Servers,
    ) -> Result<(), String> {
        let word = oslo_messaging_tests::peer::unique_name("word");
        let fill = |value: &Value| -> Value {
            let text = value
                .to_string()
                .replace("{topic}", &servers.topic)
                .replace("{exchange}", &servers.exchange)
                .replace("{word}", &word);
            serde_json::from_str(&text).unwrap_or_default()
        };
        let steps = fill(&for_surface(&self.steps, surface));
        let script = json!({"open": fill(&self.open), "steps": steps});
        let transport = if self.unreachable {
            &servers.unreachable
        } else {
            &servers.transport
        };
        // What is compiled for the first time does not count.
        let guest = surface.guest.map(|guest| guests.get(guest));
        let started = Instant::now();
        let outcomes = match guest {
            None => native::run(transport, &script).await,
            Some(guest) => guest.run(transport, &script).await,
        };
        let elapsed = started.elapsed();
        let expected = fill(&self.expected);
        matches("", &expected, &outcomes)
            .map_err(|why| format!("{why}\nexpected {expected:#}\nfound {outcomes:#}"))?;
        if elapsed < self.at_least || elapsed > self.within {
            return Err(format!(
                "it took {elapsed:?}, not between {:?} and {:?}",
                self.at_least, self.within
            ));
        }
        Ok(())
    }
}

/// Calls at once: `call-all` with plain functions, `concurrently` with `async`.
pub(crate) fn at_once(calls: impl IntoIterator<Item = Value>) -> Value {
    json!({"op": "at-once", "calls": calls.into_iter().collect::<Vec<_>>()})
}

/// An error of this case, with these details among others.
pub(crate) fn error(case: &str, details: Value) -> Value {
    let mut details = details;
    details["case"] = case.into();
    json!({"error": {"$has": details}})
}

fn for_surface(steps: &Value, surface: &Surface) -> Value {
    let steps = steps.as_array().cloned().unwrap_or_default();
    let translate = |step: Value| {
        let ("at-once", Value::Array(calls)) = (
            step["op"].as_str().unwrap_or_default(),
            step["calls"].clone(),
        ) else {
            return step;
        };
        if matches!(surface.guest, Some(guest) if guest.world == World::Conformance) {
            return json!({"op": "call-all", "requests": calls});
        }
        let as_step = |mut call: Value| {
            call["op"] = "call".into();
            call
        };
        json!({"op": "concurrently", "steps": calls.into_iter().map(as_step).collect::<Vec<_>>()})
    };
    steps.into_iter().map(translate).collect()
}

/// Compares, where an object with one of these keys stands for more than itself: `$any` for
/// anything, `$has` for an object with these entries among others, `$contains` for a text with
/// this in it, `$unordered` for a list in any order, `$all` for a list of so many (`$count`) of
/// the same, `$includes` for a list with these among others.
fn matches(path: &str, expected: &Value, found: &Value) -> Result<(), String> {
    let fail = |why: &str| {
        Err(format!(
            "at {path:?}: {why}: expected {expected}, found {found}"
        ))
    };
    let Value::Object(pattern) = expected else {
        return match (expected, found) {
            (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
                expected
                    .iter()
                    .zip(found)
                    .enumerate()
                    .try_for_each(|(index, (expected, found))| {
                        matches(&format!("{path}/{index}"), expected, found)
                    })
            }
            (expected, found) if expected == found => Ok(()),
            _ => fail("it differs"),
        };
    };
    if pattern.contains_key("$any") {
        return Ok(());
    }
    if let Some(Value::Object(entries)) = pattern.get("$has") {
        return entries
            .iter()
            .try_for_each(|(name, expected)| match found.get(name) {
                Some(found) => matches(&format!("{path}/{name}"), expected, found),
                None => fail(&format!("there is no `{name}`")),
            });
    }
    if let Some(Value::String(part)) = pattern.get("$contains") {
        return match found.as_str() {
            Some(text) if text.contains(part.as_str()) => Ok(()),
            _ => fail("the text is not in it"),
        };
    }
    if let (Some(one), Some(count)) = (pattern.get("$all"), pattern.get("$count")) {
        let Some(found) = found.as_array().filter(|found| *count == found.len()) else {
            return fail("it is no such list");
        };
        return found
            .iter()
            .enumerate()
            .try_for_each(|(index, found)| matches(&format!("{path}/{index}"), one, found));
    }
    for (key, whole) in [("$unordered", true), ("$includes", false)] {
        if let Some(Value::Array(members)) = pattern.get(key) {
            let mut rest = found.as_array().cloned().unwrap_or_default();
            for member in members {
                match rest.iter().position(|found| found == member) {
                    Some(position) => drop(rest.remove(position)),
                    None => return fail("a member is missing"),
                }
            }
            return if whole && !rest.is_empty() {
                fail("it has too many")
            } else {
                Ok(())
            };
        }
    }
    match found {
        Value::Object(found) if found.keys().eq(pattern.keys()) => {
            pattern.iter().try_for_each(|(name, expected)| {
                matches(&format!("{path}/{name}"), expected, &found[name])
            })
        }
        _ => fail("it has other entries"),
    }
}
