use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use oslo_messaging_guest::{Client, Error, Outcome, Result, call_all};
use serde_json::{Value, json};

use crate::report::Report;

const SERVERS: [&str; 3] = ["one", "two", "three"];

/// Call, context, cast.
pub(crate) fn messages(client: &Client, report: &mut Report) {
    let context = json!({"user": "tourist"});
    let echo: Result<String> = client.call(&context, "echo", &json!({"value": "hello"}));
    report.step(
        "call",
        "echo(value=\"hello\")",
        echo.map(|value| format!("{value:?}")),
    );

    let sum: Result<i64> = client.call(&context, "add", &json!({"a": 2, "b": 3}));
    report.step("call", "add(a=2, b=3)", sum);

    let cast = client.cast(&context, "remember", &json!({"word": unique("cast")}));
    report.step(
        "cast",
        "remember(word=...)",
        cast.map(|()| "the broker has it; one server will run it, nobody reports back"),
    );
}

/// To every server, to one server, to a namespace.
pub(crate) fn addressing(client: &Client, report: &mut Report) {
    let name: Result<String> = client.prepare().server("two").call(&(), "whoami", &());
    report.step(
        "one server",
        "whoami() sent to server `two`",
        name.map_err(|e| e.to_string()).and_then(|name| {
            if name == "two" {
                Ok("two".to_owned())
            } else {
                Err(format!("{name} answered"))
            }
        }),
    );

    let word = unique("fanout");
    let cast = client
        .prepare()
        .fanout(true)
        .cast(&(), "remember", &json!({ "word": word }));
    report.step(
        "fan-out cast",
        "remember(word=...) sent to every server",
        cast.map_err(|e| e.to_string())
            .and_then(|()| heard_by_all(client, &word)),
    );

    let status: Result<Value> =
        client
            .prepare()
            .namespace("admin")
            .version("2.0")
            .call(&(), "status", &());
    report.step(
        "namespace",
        "status() of namespace `admin`, version 2.0",
        status,
    );
}

/// What goes wrong, and how it is told apart.
pub(crate) fn errors(client: &Client, report: &mut Report) {
    let divide: Result<f64> = client.call(&(), "divide", &json!({"a": 1, "b": 0}));
    match divide {
        Err(Error::Remote(e)) if e.is("builtins", "ZeroDivisionError") => {
            report.done(
                "remote error",
                "divide(a=1, b=0)",
                format!("the server raised {e}"),
            );
        }
        other => report.failed("remote error", "divide(a=1, b=0)", unexpected(other)),
    }

    let missing: Result<Value> = client.call(&(), "no_such_method", &());
    match missing {
        Err(Error::Remote(e)) if e.type_name == "NoSuchMethod" => {
            report.done(
                "unknown method",
                "no_such_method()",
                format!("the server raised {e}"),
            );
        }
        other => report.failed("unknown method", "no_such_method()", unexpected(other)),
    }

    let capped: Result<Value> =
        client
            .prepare()
            .version_cap("1.5")
            .version("2.0")
            .call(&(), "echo", &json!({"value": 1}));
    match capped {
        Err(e @ Error::VersionCap { .. }) => {
            report.done(
                "version cap",
                "echo() of version 2.0 under the cap 1.5",
                refused(&e),
            );
        }
        other => report.failed("version cap", "echo() of version 2.0", unexpected(other)),
    }

    let start = Instant::now();
    let limit = Duration::from_millis(300);
    let late: Result<f64> =
        client
            .prepare()
            .timeout(limit)
            .call(&(), "sleep", &json!({"seconds": 1.5}));
    match late {
        Err(e) if e.is_timeout() => report.done(
            "timeout",
            "sleep(seconds=1.5) with a timeout of 300 ms",
            format!(
                "gave up after {} ms; {}",
                start.elapsed().as_millis(),
                fate(&e)
            ),
        ),
        other => report.failed("timeout", "sleep(seconds=1.5)", unexpected(other)),
    }

    let nobody: Result<String> = client.prepare().server("nobody").call(&(), "whoami", &());
    match nobody {
        Err(e @ Error::NoSuchTarget { .. }) => {
            report.done(
                "no such target",
                "whoami() sent to server `nobody`",
                refused(&e),
            );
        }
        other => report.failed("no such target", "whoami()", unexpected(other)),
    }

    let wrong: Result<u8> = client.call(&(), "echo", &json!({"value": "hello"}));
    match wrong {
        Err(e @ Error::UnexpectedReply { .. }) => {
            report.done("wrong type", "echo(value=\"hello\") wanted as a number", e);
        }
        other => report.failed("wrong type", "echo(value=\"hello\")", unexpected(other)),
    }
}

/// Several calls at the same time, without `async`.
pub(crate) fn at_once(client: &Client, report: &mut Report) {
    let tried = "10 times sleep(seconds=0.2)";
    let requests: Result<Vec<_>> = (0..10)
        .map(|_| client.request(&(), "sleep", &json!({"seconds": 0.2})))
        .collect();
    let start = Instant::now();
    let results = requests.and_then(|requests| call_all::<f64, _>(requests).into_iter().collect());
    report.step(
        "calls at once",
        tried,
        results.map(|all: Vec<f64>| {
            format!(
                "{} results after {} ms",
                all.len(),
                start.elapsed().as_millis()
            )
        }),
    );
}

/// Casts are not answered, so each server is asked until it knows the word.
fn heard_by_all(client: &Client, word: &str) -> std::result::Result<String, String> {
    for server in SERVERS {
        let server_client = client
            .prepare()
            .server(server)
            .client()
            .map_err(|e| e.to_string())?;
        let mut tries = 0;
        loop {
            let words: Vec<String> = server_client
                .call(&(), "recall", &())
                .map_err(|e| e.to_string())?;
            if words.iter().any(|known| known == word) {
                break;
            }
            tries += 1;
            if tries == 40 {
                return Err(format!("server `{server}` never got it"));
            }
            let pause = json!({"seconds": 0.05});
            server_client
                .call::<f64>(&(), "sleep", &pause)
                .map_err(|e| e.to_string())?;
        }
    }
    Ok(format!("{} remember it", SERVERS.join(", ")))
}

fn unexpected<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Ok(value) => format!("it succeeded with {value:?}"),
        Err(error) => error.to_string(),
    }
}

fn refused(error: &Error) -> String {
    format!("{error}; {}", fate(error))
}

const fn fate(error: &Error) -> &'static str {
    match error.outcome() {
        Outcome::Executed => "it was executed",
        Outcome::Unknown => "it may have been executed",
        Outcome::NotExecuted => "nothing was executed",
    }
}

/// A word that no earlier tour of the same servers has used.
fn unique(prefix: &str) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!("{prefix}-{:x}", now.as_nanos())
}
