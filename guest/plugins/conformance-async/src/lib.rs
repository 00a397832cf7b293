//! Runs a script against `rpc-client-async`; see the world `conformance-async` in `tests/wit`.
//!
//! It uses the generated bindings as they are, because it tests the host and not the SDK.

#![expect(unsafe_code, reason = "the generated glue of the export")]

use conformance_script::{Kind, Message, Outcome, Script, Step, print, refuse};
use futures_util::future::join_all;

use crate::bindings::oslo::messaging::rpc_client_async::{Client, remaining};
use crate::bindings::{Guest, export};

struct Conformance;

impl Guest for Conformance {
    async fn run(script: String) -> String {
        let script = match Script::parse(&script) {
            Ok(script) => script,
            Err(message) => return print(&[refuse(message)]),
        };
        let open = script.open;
        match Client::open(&open.transport, &open.target.into(), &open.settings) {
            Ok(client) => {
                let mut clients = vec![Some(client)];
                let mut outcomes = Vec::new();
                for step in script.steps {
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
async fn run(step: Step, clients: &mut Vec<Option<Client>>) -> Outcome {
    let number = number(&step, clients);
    match step.kind {
        Kind::Concurrently { steps } => {
            let clients = &*clients;
            Outcome::of_many(&join_all(steps.into_iter().map(|step| send(step, clients))).await)
        }
        Kind::Drop => match clients.get_mut(number) {
            Some(slot @ Some(_)) => {
                *slot = None;
                Outcome::of(Ok(()))
            }
            _ => refuse(format!("there is no client {number}")),
        },
        Kind::Prepare { settings } => match find(clients, number) {
            Ok(client) => Outcome::of(
                client
                    .prepare(&settings)
                    .map(|client| clients.push(Some(client))),
            ),
            Err(outcome) => outcome,
        },
        _ => send(step, clients).await,
    }
}

/// A step that leaves the list of clients alone.
async fn send(step: Step, clients: &[Option<Client>]) -> Outcome {
    let client = match find(clients, number(&step, clients)) {
        Ok(client) => client,
        Err(outcome) => return outcome,
    };
    match step.kind {
        Kind::Call(message) => call(client, message).await,
        Kind::CallAll { .. } => refuse("`call-all` is for `conformance`"),
        Kind::CanSendVersion { version } => {
            Outcome::of(client.can_send_version(version.as_deref()))
        }
        Kind::Cast(message) => cast(client, message).await,
        Kind::Remaining => Outcome::of(Ok(remaining())),
        Kind::Concurrently { .. } | Kind::Drop | Kind::Prepare { .. } => {
            refuse("only messages and questions can be concurrent")
        }
    }
}

fn number(step: &Step, clients: &[Option<Client>]) -> usize {
    step.client
        .unwrap_or_else(|| clients.iter().rposition(Option::is_some).unwrap_or(0))
}

fn find(clients: &[Option<Client>], number: usize) -> Result<&Client, Outcome> {
    match clients.get(number) {
        Some(Some(client)) => Ok(client),
        Some(None) => Err(refuse(format!("client {number} was dropped"))),
        None => Err(refuse(format!("there is no client {number}"))),
    }
}

async fn call(client: &Client, message: Message) -> Outcome {
    let (context, args) = (message.context(), message.args());
    Outcome::of_reply(match &message.settings {
        None => client.call(context, message.method, args).await,
        Some(settings) => match client.prepare(settings) {
            Ok(client) => client.call(context, message.method, args).await,
            Err(error) => Err(error),
        },
    })
}

async fn cast(client: &Client, message: Message) -> Outcome {
    let (context, args) = (message.context(), message.args());
    Outcome::of(match &message.settings {
        None => client.cast(context, message.method, args).await,
        Some(settings) => match client.prepare(settings) {
            Ok(client) => client.cast(context, message.method, args).await,
            Err(error) => Err(error),
        },
    })
}

mod bindings {
    wit_bindgen::generate!({
        path: "../../../tests/wit",
        world: "oslo:messaging-tests/conformance-async",
        with: { "oslo:messaging/types@0.1.0": conformance_script::types },
        generate_all,
    });
}
