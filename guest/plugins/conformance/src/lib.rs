//! Runs a script against `rpc-client`; see the world `conformance` in `tests/wit`.
//!
//! It uses the generated bindings as they are, because it tests the host and not the SDK.

#![expect(unsafe_code, reason = "the generated glue of the export")]

use conformance_script::{Kind, Message, Outcome, Script, Step, print, refuse};

use crate::bindings::oslo::messaging::rpc_client::{Client, Request, remaining};
use crate::bindings::{Guest, export};

struct Conformance;

impl Guest for Conformance {
    fn run(script: String) -> String {
        let script = match Script::parse(&script) {
            Ok(script) => script,
            Err(message) => return print(&[refuse(message)]),
        };
        let open = script.open;
        match Client::open(&open.transport, &open.target.into(), &open.settings) {
            Ok(client) => {
                let mut clients = vec![Some(client)];
                let outcomes: Vec<_> = script
                    .steps
                    .into_iter()
                    .map(|step| run(step, &mut clients))
                    .collect();
                print(&outcomes)
            }
            Err(error) => print(&[Outcome::of_reply(Err(error))]),
        }
    }
}

export!(Conformance with_types_in bindings);

fn run(step: Step, clients: &mut Vec<Option<Client>>) -> Outcome {
    let number = step
        .client
        .unwrap_or_else(|| clients.iter().rposition(Option::is_some).unwrap_or(0));
    let Some(slot) = clients.get_mut(number) else {
        return refuse(format!("there is no client {number}"));
    };
    let Some(client) = slot else {
        return refuse(format!("client {number} was dropped"));
    };
    match step.kind {
        Kind::Call(message) => call(client, &message),
        Kind::CallAll { requests } => {
            let requests: Vec<_> = requests.into_iter().map(request).collect();
            let outcomes: Vec<_> = client
                .call_all(&requests)
                .into_iter()
                .map(Outcome::of_reply)
                .collect();
            Outcome::of_many(&outcomes)
        }
        Kind::CanSendVersion { version } => {
            Outcome::of(client.can_send_version(version.as_deref()))
        }
        Kind::Cast(message) => cast(client, &message),
        Kind::Concurrently { .. } => refuse("`concurrently` is for `conformance-async`"),
        Kind::Drop => {
            *slot = None;
            Outcome::of(Ok(()))
        }
        Kind::Prepare { settings } => Outcome::of(
            client
                .prepare(&settings)
                .map(|client| clients.push(Some(client))),
        ),
        Kind::Remaining => Outcome::of(Ok(remaining())),
    }
}

fn call(client: &Client, message: &Message) -> Outcome {
    let (context, args) = (message.context(), message.args());
    Outcome::of_reply(match &message.settings {
        None => client.call(&context, &message.method, &args),
        Some(settings) => match client.prepare(settings) {
            Ok(client) => client.call(&context, &message.method, &args),
            Err(error) => Err(error),
        },
    })
}

fn cast(client: &Client, message: &Message) -> Outcome {
    let (context, args) = (message.context(), message.args());
    Outcome::of(match &message.settings {
        None => client.cast(&context, &message.method, &args),
        Some(settings) => match client.prepare(settings) {
            Ok(client) => client.cast(&context, &message.method, &args),
            Err(error) => Err(error),
        },
    })
}

fn request(message: Message) -> Request {
    let (context, args) = (message.context(), message.args());
    let Message {
        method, settings, ..
    } = message;
    Request {
        settings: settings.unwrap_or_default(),
        context,
        method,
        args,
    }
}

mod bindings {
    wit_bindgen::generate!({
        path: "../../../tests/wit",
        world: "oslo:messaging-tests/conformance",
        with: { "oslo:messaging/types@0.1.0": conformance_script::types },
        generate_all,
    });
}
