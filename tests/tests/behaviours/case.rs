//! A behaviour: a script and what comes of it.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use oslo_messaging::Transport;
use serde_json::{Value, json};

use crate::guest::Guests;
use crate::matching::matches;
use crate::native::{self, Mutation};
use crate::servers::Servers;
use crate::surface::{NATIVE, Surface, World};

pub(crate) struct Case {
    pub(crate) name: &'static str,
    open: Value,
    steps: Value,
    expected: Value,
    within: Duration,
    at_least: Duration,
    /// How many messages methods are executed for, if that is not what the outcomes say.
    executes: Option<RangeInclusive<usize>>,
    /// Whether it is about what only Python's servers do.
    needs_python: bool,
    /// Whether it is about the caller alone, and a broker would only make it slow.
    in_memory: bool,
    /// Whether its transport's broker is not there.
    unreachable: bool,
    /// How long a plugin's invocation may last.
    invocation: Option<Duration>,
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
        executes: None,
        needs_python: false,
        in_memory: false,
        unreachable: false,
        invocation: None,
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

    /// For how many messages methods are executed, over all servers. By default it is one for each
    /// cast that succeeds, and for each call with a result or an exception of its method.
    pub(crate) const fn executes(self, messages: usize) -> Self {
        self.executes_any(messages..=messages)
    }

    /// The same where more than one number is right.
    pub(crate) const fn executes_any(mut self, messages: RangeInclusive<usize>) -> Self {
        self.executes = Some(messages);
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

    /// With an invocation of the plugin that may last so long.
    pub(crate) const fn invocation(mut self, limit: Duration) -> Self {
        self.invocation = Some(limit);
        self
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

    pub(crate) fn test_name(&self) -> String {
        self.name.replace(' ', "_")
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
        let (script, run) = self.run(surface, guests, servers).await;
        self.judge(&script, &run)
    }

    /// Runs it.
    pub(crate) async fn run(
        &self,
        surface: &Surface,
        guests: &Guests,
        servers: &Servers,
    ) -> (Script, Run) {
        let Some(guest) = surface.guest else {
            return self.run_natively(servers, Mutation::None).await;
        };
        // What is compiled for the first time does not count.
        let guest = guests.get(guest);
        let script = self.script(surface, servers);
        let transport = self.transport(servers);
        let outcomes = guest.run(transport, &script.value, self.invocation);
        let run = self.observe(&script, outcomes, servers, 0).await;
        (script, run)
    }

    /// Runs it by the native client.
    pub(crate) async fn run_natively(
        &self,
        servers: &Servers,
        mutation: Mutation,
    ) -> (Script, Run) {
        let script = self.script(NATIVE, servers);
        let outcomes = native::run(self.transport(servers), &script.value, mutation);
        // What is doubled may be late.
        let more = usize::from(matches!(mutation, Mutation::Doubled));
        let run = self.observe(&script, outcomes, servers, more).await;
        (script, run)
    }

    /// Runs a script, and waits a while for so many messages more than methods should be executed for.
    async fn observe(
        &self,
        script: &Script,
        outcomes: impl Future<Output = Value>,
        servers: &Servers,
        more: usize,
    ) -> Run {
        let started = Instant::now();
        let outcomes = outcomes.await;
        let elapsed = started.elapsed();
        let expected = self.executes.clone().unwrap_or_else(|| {
            let each = each_executed(&script.value["steps"], &outcomes);
            each..=each
        });
        let least = match more {
            0 => *expected.start(),
            more => *expected.end() + more,
        };
        let executed = servers.executed_until(least).await;
        Run {
            outcomes,
            elapsed,
            executed: executed.map(|messages| Executed { messages, expected }),
        }
    }

    fn script(&self, surface: &Surface, servers: &Servers) -> Script {
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
        Script {
            value: json!({"open": fill(&self.open), "steps": steps}),
            expected: fill(&self.expected),
        }
    }

    const fn transport<'a>(&self, servers: &'a Servers) -> &'a Transport {
        if self.unreachable {
            &servers.unreachable
        } else {
            &servers.transport
        }
    }

    /// Says what is wrong.
    pub(crate) fn judge(&self, script: &Script, run: &Run) -> Result<(), String> {
        let (expected, outcomes) = (&script.expected, &run.outcomes);
        matches("", expected, outcomes)
            .map_err(|why| format!("{why}\nexpected {expected:#}\nfound {outcomes:#}"))?;
        if run.elapsed < self.at_least || run.elapsed > self.within {
            return Err(format!(
                "it took {:?}, not between {:?} and {:?}",
                run.elapsed, self.at_least, self.within
            ));
        }
        match &run.executed {
            Some(Executed { messages, expected }) if !expected.contains(messages) => Err(format!(
                "methods were executed for {messages} messages, not for {expected:?}"
            )),
            _ => Ok(()),
        }
    }
}

/// What a surface runs, and what should come of it.
pub(crate) struct Script {
    pub(crate) value: Value,
    pub(crate) expected: Value,
}

/// What came of it.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) outcomes: Value,
    pub(crate) elapsed: Duration,
    /// None: the servers do not count.
    pub(crate) executed: Option<Executed>,
}

impl Run {
    /// For how many messages methods were executed.
    pub(crate) fn executed_for_all(&self) -> usize {
        self.executed
            .as_ref()
            .map_or(0, |executed| executed.messages)
    }

    /// For how many casts that succeeded: what no call explains.
    pub(crate) fn executed_for_casts(&self, script: &Script) -> usize {
        let steps = &script.value["steps"];
        let all = each_executed(steps, &self.outcomes);
        let calls = each_executed(&without_casts(steps), &self.outcomes);
        (all - calls).min(self.executed_for_all().saturating_sub(calls))
    }
}

/// For how many messages methods were executed, and should have been.
#[derive(Clone)]
pub(crate) struct Executed {
    pub(crate) messages: usize,
    expected: RangeInclusive<usize>,
}

/// For how many messages a method must have been executed, of these steps with these outcomes.
fn each_executed(steps: &Value, outcomes: &Value) -> usize {
    let each = steps.as_array().into_iter().flatten();
    let outcomes = outcomes.as_array().into_iter().flatten();
    each.zip(outcomes)
        .map(|(step, outcome)| {
            let nested = step.get("steps").or_else(|| step.get("requests"));
            let error = &outcome["error"];
            match step["op"].as_str() {
                _ if nested.is_some() => {
                    each_executed(nested.unwrap_or(&Value::Null), &outcome["ok"])
                }
                Some("call" | "cast") | None if outcome.get("ok").is_some() => 1,
                // What is raised by the server itself is no method's.
                Some("call") | None if error["case"] == "remote" => {
                    usize::from(error["type-module"] != "oslo_messaging.rpc.dispatcher")
                }
                Some("call") | None if error["case"] == "invalid-reply" => 1,
                _ => 0,
            }
        })
        .sum()
}

/// The same steps in the same places, in which casts do nothing.
fn without_casts(steps: &Value) -> Value {
    let each = steps.as_array().into_iter().flatten();
    let without = each.map(|step| {
        let mut step = step.clone();
        if step["op"] == "cast" {
            step["op"] = "none".into();
        }
        if let Some(nested) = step.get_mut("steps") {
            *nested = without_casts(nested);
        }
        step
    });
    without.collect()
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
