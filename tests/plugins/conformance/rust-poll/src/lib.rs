//! Runs a script with calls that are started and polled; see the world `conformance-poll` in
//! `tests/wit`.

#![expect(unsafe_code, reason = "the generated glue of the export")]

use conformance_script::{Clients, Kind, Outcome, Script, Step, describe, limits, print, refuse};
use oslo_messaging_guest::poll::{self, Pending, Pollable};
use oslo_messaging_guest::{Error, remaining, transports};
use serde_json::value::RawValue;

use crate::bindings::{Guest, export};

struct Conformance;

impl Guest for Conformance {
    fn run(script: String) -> String {
        let script = match Script::parse(&script) {
            Ok(script) => script,
            Err(message) => return print(&[refuse(message)]),
        };
        match Clients::open(script.open) {
            Ok(mut clients) => {
                let steps = script.steps.iter();
                let outcomes: Vec<_> = steps.map(|step| run(step, &mut clients)).collect();
                print(&outcomes)
            }
            Err(error) => print(&[Outcome::of_reply(Err(error))]),
        }
    }
}

export!(Conformance with_types_in bindings);

/// A step, which may be over when it has begun.
enum Started {
    Call(Pending<Box<RawValue>>),
    Cast(Pending<()>),
    Over(Outcome),
}

impl Started {
    fn of<T>(result: Result<T, Error>, started: fn(T) -> Self) -> Self {
        match result {
            Ok(pending) => started(pending),
            Err(error) => Self::Over(Outcome::of_reply(Err(error))),
        }
    }

    fn pollable(&self) -> Option<&Pollable> {
        match self {
            Self::Call(pending) => Some(pending.pollable()),
            Self::Cast(pending) => Some(pending.pollable()),
            Self::Over(_) => None,
        }
    }

    fn end(self) -> Outcome {
        match self {
            Self::Call(pending) => Outcome::of_reply(pending.wait()),
            Self::Cast(pending) => Outcome::of(pending.wait()),
            Self::Over(outcome) => outcome,
        }
    }
}

fn run(step: &Step, clients: &mut Clients) -> Outcome {
    match &step.kind {
        Kind::Cancel { step } => match start(step, clients) {
            Started::Over(outcome) => outcome,
            running => {
                drop(running);
                Outcome::of(Ok(()))
            }
        },
        Kind::Concurrently { steps } => {
            let started = steps.iter().map(|step| start(step, clients)).collect();
            Outcome::of_many(&as_they_come(started))
        }
        Kind::Drop => clients.drop_one(step),
        Kind::Prepare { settings } => clients.prepare(step, settings),
        _ => start(step, clients).end(),
    }
}

/// A step that leaves the list of clients alone.
fn start(step: &Step, clients: &Clients) -> Started {
    let client = match clients.find(step) {
        Ok(client) => client,
        Err(outcome) => return Started::Over(outcome),
    };
    Started::Over(match &step.kind {
        Kind::Call(it) => {
            let prepared = client.prepare().settings(&it.settings());
            let pending = prepared.start_call(&it.context(), &it.method, &it.args());
            return Started::of(pending, Started::Call);
        }
        Kind::Cast(it) => {
            let prepared = client.prepare().settings(&it.settings());
            let pending = prepared.start_cast(&it.context(), &it.method, &it.args());
            return Started::of(pending, Started::Cast);
        }
        Kind::CanSendVersion { version } => {
            Outcome::of(client.can_send_version(version.as_deref()))
        }
        Kind::Describe => Outcome::of(Ok(describe(client))),
        Kind::Limits => Outcome::of(Ok(limits())),
        Kind::Remaining => Outcome::of(Ok(remaining().map(|left| left.as_nanos() as u64))),
        Kind::Transports => Outcome::of(Ok(transports())),
        Kind::CallAll { .. } => refuse("a plugin of `rpc-poll` has no `call-all`"),
        Kind::Cancel { .. } | Kind::Concurrently { .. } | Kind::Drop | Kind::Prepare { .. } => {
            refuse("only messages and questions can be concurrent")
        }
    })
}

/// Takes the end of each when it comes, and gives them in the order of their start.
fn as_they_come(started: Vec<Started>) -> Vec<Outcome> {
    let mut running: Vec<_> = started.into_iter().enumerate().collect();
    let mut ended = Vec::new();
    while !running.is_empty() {
        let over = running.iter().position(|(_, one)| one.pollable().is_none());
        let ready = match over {
            Some(index) => vec![index],
            None => poll::wait_any(running.iter().filter_map(|(_, one)| one.pollable())),
        };
        for index in ready.into_iter().rev() {
            let (place, one) = running.swap_remove(index);
            ended.push((place, one.end()));
        }
    }
    ended.sort_by_key(|(place, _)| *place);
    ended.into_iter().map(|(_, outcome)| outcome).collect()
}

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../../wit", "../../../wit"],
        world: "oslo:messaging-tests/conformance-poll",
        generate_all,
    });
}
