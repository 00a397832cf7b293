//! Runs a script with the plain functions of the SDK; see the world `conformance` in `tests/wit`.

#![expect(unsafe_code, reason = "the generated glue of the export")]

use conformance_script::{
    Clients, Kind, Message, Outcome, Script, Step, describe, limits, print, refuse,
};
use oslo_messaging_guest::{Prepare, call_all, remaining, transports};

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

fn run(step: &Step, clients: &mut Clients) -> Outcome {
    match &step.kind {
        Kind::Drop => return clients.drop_one(step),
        Kind::Prepare { settings } => return clients.prepare(step, settings),
        _ => {}
    }
    let client = match clients.find(step) {
        Ok(client) => client,
        Err(outcome) => return outcome,
    };
    let with =
        |message: &Message| -> Prepare<'_> { client.prepare().settings(&message.settings()) };
    match &step.kind {
        Kind::Call(it) => Outcome::of_reply(with(it).call(&it.context(), &it.method, &it.args())),
        Kind::CallAll { requests } => all(requests, step, clients),
        Kind::CanSendVersion { version } => {
            Outcome::of(client.can_send_version(version.as_deref()))
        }
        Kind::Cast(it) => Outcome::of(with(it).cast(&it.context(), &it.method, &it.args())),
        Kind::Describe => Outcome::of(Ok(describe(client))),
        Kind::Limits => Outcome::of(Ok(limits())),
        Kind::Remaining => Outcome::of(Ok(remaining().map(|left| left.as_nanos() as u64))),
        Kind::Transports => Outcome::of(Ok(transports())),
        Kind::Cancel { .. } | Kind::Concurrently { .. } => {
            refuse("plain functions neither overlap nor end early")
        }
        Kind::Drop | Kind::Prepare { .. } => refuse("it was done above"),
    }
}

fn all(messages: &[Message], step: &Step, clients: &Clients) -> Outcome {
    let number = clients.number(step);
    let requests: Result<Vec<_>, Outcome> = messages
        .iter()
        .map(|it| {
            let client = clients.of_request(it.client, number)?;
            let prepared = client.prepare().settings(&it.settings());
            let request = prepared.request(&it.context(), &it.method, &it.args());
            request.map_err(|error| Outcome::of_reply(Err(error)))
        })
        .collect();
    match requests {
        Ok(requests) => {
            let results = call_all(requests).into_iter();
            Outcome::of_many(&results.map(Outcome::of_reply).collect::<Vec<_>>())
        }
        Err(outcome) => outcome,
    }
}

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../../wit", "../../../wit"],
        world: "oslo:messaging-tests/conformance",
        generate_all,
    });
}
