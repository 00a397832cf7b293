//! Scripts run by the native client, with outcomes in the form that plugins give them.

use std::time::Duration;

use futures_util::future::{join, join_all};
use oslo_messaging::{Delivery, Error, RpcClient, Setting, Target, Transport, WaitingFor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// What is done wrong, to see that it is noticed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mutation {
    None,
    /// Casts are said to be sent, and are not.
    CastsDropped,
    /// Every call and cast is sent twice.
    Doubled,
}

pub(crate) async fn run(transport: &Transport, script: &Value, mutation: Mutation) -> Value {
    let open = &script["open"];
    let client = RpcClient::new(transport, target(&open["target"]));
    let mut clients = vec![with_settings(client, &open["settings"])];
    let mut outcomes = Vec::new();
    for step in script["steps"].as_array().into_iter().flatten() {
        let outcome = match step["op"].as_str().unwrap_or_default() {
            "prepare" => {
                let prepared = with_settings(newest(step, &clients).prepare(), &step["settings"]);
                match prepared.validate() {
                    Ok(()) => {
                        clients.push(prepared);
                        json!({"ok": null})
                    }
                    Err(error) => json!({"error": detail(error)}),
                }
            }
            "concurrently" => {
                let steps = step["steps"].as_array().into_iter().flatten();
                json!({"ok": join_all(steps.map(|step| send(step, &clients, mutation))).await})
            }
            _ => send(step, &clients, mutation).await,
        };
        outcomes.push(outcome);
    }
    outcomes.into()
}

fn newest<'a>(step: &Value, clients: &'a [RpcClient]) -> &'a RpcClient {
    let last = clients.len() - 1;
    let number = step["client"]
        .as_u64()
        .map_or(last, |number| number as usize);
    &clients[number]
}

async fn send(step: &Value, clients: &[RpcClient], mutation: Mutation) -> Value {
    match mutation {
        Mutation::CastsDropped if step["op"] == "cast" => json!({"ok": null}),
        Mutation::Doubled => {
            join(send_once(step, clients), send_once(step, clients))
                .await
                .0
        }
        _ => send_once(step, clients).await,
    }
}

async fn send_once(step: &Value, clients: &[RpcClient]) -> Value {
    let client = with_settings(newest(step, clients).prepare(), &step["settings"]);
    let text = |name: &str| match (&step[format!("{name}-text")], &step[name]) {
        (Value::String(text), _) => text.clone(),
        (_, Value::Null) => "{}".to_owned(),
        (_, value) => value.to_string(),
    };
    let method = step["method"].as_str().unwrap_or_default();
    let result = match (raw("context", text("context")), raw("args", text("args"))) {
        (Err(error), _) | (_, Err(error)) => Err(error),
        (Ok(context), Ok(args)) => match step["op"].as_str() {
            Some("call") => client
                .call_raw(&context, method, &args)
                .await
                .map(|result| parsed(&result)),
            Some("cast") => client
                .cast_raw(&context, method, &args)
                .await
                .map(|()| Value::Null),
            Some("can-send-version") => client
                .can_send_version(step["version"].as_str())
                .map(Value::from),
            op => panic!("the native surface has no {op:?}"),
        },
    };
    match result {
        Ok(value) => json!({"ok": value}),
        Err(error) => json!({"error": detail(error)}),
    }
}

fn raw(argument: &'static str, text: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(text).map_err(|error| Error::InvalidArgument {
        argument: argument.into(),
        reason: error.to_string(),
    })
}

fn target(fields: &Value) -> Target {
    let text = |name: &str| fields[name].as_str().map(ToOwned::to_owned);
    let mut target = Target::new().fanout(fields["fanout"] == true);
    target.exchange = text("exchange");
    target.topic = text("topic");
    target.namespace = text("namespace");
    target.version = text("version");
    target.server = text("server");
    target
}

fn with_settings(client: RpcClient, settings: &Value) -> RpcClient {
    let none = Map::new();
    let settings = settings.as_object().unwrap_or(&none);
    settings.iter().fold(client, |client, (name, value)| {
        client.set(setting(name, value))
    })
}

fn setting(name: &str, value: &Value) -> Setting {
    let text = || value.as_str().map(ToOwned::to_owned);
    let duration = || value.as_u64().map(Duration::from_nanos);
    match name {
        "mandatory" => Setting::AtLeastOnce(value.as_bool()),
        "call-monitor-timeout" => Setting::CallMonitorTimeout(duration()),
        "exchange" => Setting::Exchange(text()),
        "fanout" => Setting::Fanout(value.as_bool()),
        "namespace" => Setting::Namespace(text()),
        "retry" => Setting::Retry(value.as_u64().and_then(|retry| retry.try_into().ok())),
        "server" => Setting::Server(text()),
        "timeout" => Setting::Timeout(duration()),
        "topic" => Setting::Topic(text()),
        "version" => Setting::Version(text()),
        "version-cap" => Setting::VersionCap(text()),
        name => panic!("there is no setting {name}"),
    }
}

fn detail(error: Error) -> Value {
    match error {
        Error::DeliveryFailure { delivery: got, .. } => {
            json!({"case": "delivery-failure", "outcome": outcome(got)})
        }
        Error::InvalidArgument { argument, .. } => {
            json!({"case": "invalid-argument", "argument": argument})
        }
        Error::InvalidReply { reason } => json!({"case": "invalid-reply", "message": reason}),
        Error::InvalidTarget { .. } => json!({"case": "invalid-target"}),
        Error::NoSuchTarget {
            exchange,
            routing_key,
        } => {
            json!({"case": "no-such-target", "exchange": exchange, "routing-key": routing_key})
        }
        Error::Remote(error) => json!({
            "case": "remote", "type-name": error.class, "type-module": error.module,
            "message": error.message, "args": parsed(&error.args), "kwargs": parsed(&error.kwargs),
        }),
        Error::Timeout {
            waiting_for: thing,
            delivery: got,
            limit,
        } => json!({
            "case": "timeout", "waiting-for": waiting_for(thing), "outcome": outcome(got),
            "limit": u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX),
        }),
        Error::VersionCap {
            version,
            version_cap,
        } => {
            json!({"case": "version-cap", "version": version, "version-cap": version_cap})
        }
        other => json!({"case": "other", "message": other.to_string()}),
    }
}

const fn outcome(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::MaybeDelivered => "unknown",
        Delivery::NotSent => "not-executed",
    }
}

fn waiting_for(waiting_for: WaitingFor) -> String {
    match waiting_for {
        WaitingFor::Confirm => "confirm".to_owned(),
        WaitingFor::Connection => "connection".to_owned(),
        WaitingFor::Heartbeat => "heartbeat".to_owned(),
        WaitingFor::Reply => "reply".to_owned(),
        other => other.to_string(),
    }
}

/// What is no JSON is not taken for null.
fn parsed(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| json!({"no JSON": raw.get()}))
}
