//! Runs a script with the `async fn`s of the SDK; see the world `conformance-async` in `tests/wit`.

#![expect(unsafe_code, reason = "the generated glue of the export")]

use conformance_script::{Clients, Kind, Outcome, Script, Step, describe, limits, print, refuse};
use futures_util::future::join_all;
use oslo_messaging_guest::{remaining, transports};

use crate::bindings::{Guest, export};

struct Conformance;

impl Guest for Conformance {
    async fn run(script: String) -> String {
        let script = match Script::parse(&script) {
            Ok(script) => script,
            Err(message) => return print(&[refuse(message)]),
        };
        match Clients::open(script.open) {
            Ok(mut clients) => {
                let mut outcomes = Vec::new();
                for step in &script.steps {
                    outcomes.push(run(step, &mut clients).await);
                }
                print(&outcomes)
            }
            Err(error) => print(&[Outcome::of_reply(Err(error))]),
        }
    }
}

export!(Conformance with_types_in bindings);

/// A step on its own, which may change the list of clients.
async fn run(step: &Step, clients: &mut Clients) -> Outcome {
    match &step.kind {
        Kind::Concurrently { steps } => {
            let clients = &*clients;
            Outcome::of_many(&join_all(steps.iter().map(|step| send(step, clients))).await)
        }
        Kind::Drop => clients.drop_one(step),
        Kind::Prepare { settings } => clients.prepare(step, settings),
        _ => send(step, clients).await,
    }
}

/// A step that leaves the list of clients alone.
async fn send(step: &Step, clients: &Clients) -> Outcome {
    let client = match clients.find(step) {
        Ok(client) => client,
        Err(outcome) => return outcome,
    };
    match &step.kind {
        Kind::Call(it) => {
            let prepared = client.prepare().settings(&it.settings());
            let (context, args) = (it.context(), it.args());
            Outcome::of_reply(prepared.call_async(&context, &it.method, &args).await)
        }
        Kind::Cast(it) => {
            let prepared = client.prepare().settings(&it.settings());
            let (context, args) = (it.context(), it.args());
            Outcome::of(prepared.cast_async(&context, &it.method, &args).await)
        }
        Kind::CanSendVersion { version } => {
            Outcome::of(client.can_send_version(version.as_deref()))
        }
        Kind::Describe => Outcome::of(Ok(describe(client))),
        Kind::Limits => Outcome::of(Ok(limits())),
        Kind::Remaining => Outcome::of(Ok(remaining().map(|left| left.as_nanos() as u64))),
        Kind::Transports => Outcome::of(Ok(transports())),
        Kind::CallAll { .. } | Kind::Cancel { .. } => {
            refuse("a plugin of `rpc-async` has no such thing")
        }
        Kind::Concurrently { .. } | Kind::Drop | Kind::Prepare { .. } => {
            refuse("only messages and questions can be concurrent")
        }
    }
}

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../../wit", "../../../wit"],
        world: "oslo:messaging-tests/conformance-async",
        generate_all,
    });
}
