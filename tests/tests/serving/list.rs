//! The calls, and what comes of them with a Python server as well as with a plugin.

use serde_json::{Value, json};

use crate::answer::is;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// What `tests/python/client.py` is asked, one after the other, with `{topic}` for the server's
    /// topic and `{there}` for that of another server. What has `until` is asked again until so much
    /// is counted beyond the asking.
    pub(crate) requests: Vec<Value>,
    /// The answers: `result`, or `class` and `value` of an exception, whose `value` may be null for
    /// anything, where languages say it in words of their own.
    pub(crate) answers: Vec<Value>,
}

impl Case {
    /// Says which answer is not the expected one.
    pub(crate) fn judge(&self, answers: &[Value]) -> Result<(), String> {
        if answers.len() != self.answers.len() {
            return Err(format!(
                "{} answers to {} requests",
                answers.len(),
                self.answers.len()
            ));
        }
        let mut pairs = self.answers.iter().zip(answers);
        match pairs.find(|(expected, answer)| !is(expected, answer)) {
            Some((expected, answer)) => Err(format!("expected {expected}, found {answer}")),
            None => Ok(()),
        }
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let nested =
        json!({"a": [1, {"b": null}, "\u{e9}\u{2603}", 1.5, true], "": 9_007_199_254_740_993_u64});
    vec![
        case(
            "results arrive",
            vec![
                (
                    call("echo", json!({"value": nested})),
                    json!({"result": nested}),
                ),
                (call("add", json!({"a": 2, "b": 40})), json!({"result": 42})),
                (call("none", json!({})), json!({"result": null})),
            ],
        ),
        case(
            "results that are false in Python survive",
            [json!(false), json!(0), json!(""), json!([]), json!({})]
                .map(|value| {
                    (
                        call("echo", json!({"value": value})),
                        json!({"result": value}),
                    )
                })
                .into(),
        ),
        case(
            "the context arrives",
            vec![(
                with(
                    call("context", json!({})),
                    "context",
                    json!({"user": "alice", "roles": ["x"]}),
                ),
                json!({"result": {"user": "alice", "roles": ["x"]}}),
            )],
        ),
        case(
            "the plugin knows which server it is",
            vec![(call("whoami", json!({})), json!({"result": "s1"}))],
        ),
        case(
            "what is not there is told",
            vec![
                (call("nope", json!({})), no_such_method("nope")),
                (call("_private", json!({})), no_such_method("_private")),
                (version("1.6", "echo"), unsupported("1.6", "echo")),
                (version("3.0", "echo"), unsupported("3.0", "echo")),
                (version("2.0", "echo"), no_such_method("echo")),
                (namespace("other", "hello"), unsupported("1.0", "hello")),
                (namespace("ns", "nope"), unsupported("1.0", "nope")),
            ],
        ),
        case(
            "versions and namespaces choose the endpoint",
            vec![
                (version("1.0", "which"), json!({"result": "1.5"})),
                (version("1.5", "which"), json!({"result": "1.5"})),
                (version("2.3", "which"), json!({"result": "2.3"})),
                (hello("ns", "2.1"), json!({"result": "hello you"})),
                (hello("old", "2.0"), json!({"result": "hello you"})),
                (hello("ns", "2.2"), unsupported("2.2", "hello")),
            ],
        ),
        case(
            "arguments that do not fit are a TypeError",
            [json!({}), json!({"a": 1}), json!({"a": 1, "b": 2, "c": 3})]
                .map(|args| {
                    (
                        call("add", args),
                        json!({"class": "TypeError", "value": null}),
                    )
                })
                .into(),
        ),
        case(
            "an exception is raised again",
            vec![
                (
                    call("fail_value", json!({})),
                    raised("ValueError", "('boom', 42)"),
                ),
                (
                    call("fail_expected", json!({})),
                    raised("LookupError", "no such thing"),
                ),
                (
                    call("quota", json!({"resource": "cores", "limit": 20})),
                    raised("QuotaExceeded", "('quota exceeded', 'cores')"),
                ),
            ],
        ),
        case(
            "the server lives on after an exception",
            vec![
                (
                    call("fail_value", json!({})),
                    raised("ValueError", "('boom', 42)"),
                ),
                (call("add", json!({"a": 1, "b": 1})), json!({"result": 2})),
            ],
        ),
        case(
            "a cast is executed and nothing comes back",
            vec![
                (call("count", json!({})), json!({"result": 1})),
                (call("count", json!({})), json!({"result": 2})),
                (
                    with(call("count", json!({})), "op", json!("cast")),
                    json!({"result": null}),
                ),
                (
                    with(call("count", json!({})), "until", json!(4)),
                    json!({"result": 4}),
                ),
            ],
        ),
        case(
            "a ping is answered",
            vec![(
                call("oslo_rpc_server_ping", json!({})),
                json!({"result": "pong"}),
            )],
        ),
        case(
            "a method calls on behalf of its caller",
            vec![
                (
                    with(
                        relay("context", json!({})),
                        "context",
                        json!({"request_id": "req-7"}),
                    ),
                    json!({"result": {"request_id": "req-7"}}),
                ),
                (relay("fail", json!({})), raised("ValueError", "not this")),
            ],
        ),
        case(
            "a monitored call lasts longer than what its caller waits for a sign of life",
            vec![
                (
                    monitored(call("monitored", json!({}))),
                    json!({"result": 2}),
                ),
                (
                    monitored(relay("sleep", json!({"seconds": 3.2}))),
                    json!({"result": 3.2}),
                ),
                (call("monitored", json!({})), json!({"result": null})),
            ],
        ),
    ]
}

/// The cases that only this language has.
pub(crate) fn cases_of(language: &str) -> Vec<Case> {
    match language {
        "c" => cases_of_c(),
        "python" => cases_of_python(),
        "python-async" => [cases_of_python(), cases_of_async_python()]
            .into_iter()
            .flatten()
            .collect(),
        _ => Vec::new(),
    }
}

/// What plugins in C can do wrong and no Python server can.
fn cases_of_c() -> Vec<Case> {
    let said = "the result of the method is not UTF-8";
    vec![case(
        "what is not UTF-8 is told",
        vec![
            (call("latin", json!({})), raised("ValueError", said)),
            (
                call("fail_latin", json!({})),
                raised("ValueError", "\u{e9} ? ???"),
            ),
            (call("add", json!({"a": 1, "b": 1})), json!({"result": 2})),
        ],
    )]
}

/// What a method can do in Python that would end a program.
fn cases_of_python() -> Vec<Case> {
    let fails = |method: &str, class: &str, value: &str| {
        let then = (call("add", json!({"a": 1, "b": 1})), json!({"result": 2}));
        vec![(call(method, json!({})), raised(class, value)), then]
    };
    vec![
        case(
            "a method logs and knows the time",
            vec![(call("logs", json!({})), json!({"result": true}))],
        ),
        case(
            "a method that would end a program ends no server",
            fails("exits", "RuntimeError", "SystemExit: 3"),
        ),
        case(
            "an exception whose own code fails is told",
            fails(
                "fail_unprintable",
                "Unprintable",
                "<Unprintable that cannot be printed>",
            ),
        ),
        case(
            "an exception that is nested too deeply is told",
            fails(
                "fail_deep",
                "ValueError",
                "<ValueError that is nested too deeply>",
            ),
        ),
        case(
            "a result that is nested too deeply is told",
            fails(
                "returns_deep",
                "RecursionError",
                "it is nested more than 200 levels deep",
            ),
        ),
    ]
}

/// What methods that wait with `async` do in Python.
fn cases_of_async_python() -> Vec<Case> {
    let gives_up = |seconds: f64| {
        let args = json!({"topic": "{there}", "seconds": seconds});
        (
            call("gives_up", args),
            json!({"result": "it was cancelled"}),
        )
    };
    let args = json!({"topic": "{there}", "names": ["sleep", "sleep", "sleep"]});
    vec![
        case(
            "a method gives up waiting for a call",
            vec![
                gives_up(0.2),
                gives_up(3.0),
                (call("add", json!({"a": 1, "b": 1})), json!({"result": 2})),
                gives_up(0.0),
                (
                    relay("sleep", json!({"seconds": 1.0})),
                    json!({"result": 1.0}),
                ),
            ],
        ),
        case(
            "what a method waits for may be cancelled",
            vec![
                (
                    call("awaits_cancelled", json!({})),
                    raised("RuntimeError", "CancelledError: "),
                ),
                (call("add", json!({"a": 1, "b": 1})), json!({"result": 2})),
            ],
        ),
        case(
            "a method has calls in flight",
            vec![(call("beside", args), json!({"result": [0.5, 0.5, 0.5]}))],
        ),
    ]
}

fn case(name: &'static str, pairs: Vec<(Value, Value)>) -> Case {
    let (requests, answers) = pairs.into_iter().unzip();
    Case {
        name,
        requests,
        answers,
    }
}

fn call(method: &str, args: Value) -> Value {
    json!({
        "op": "call", "target": {"topic": "{topic}"}, "client": {"timeout": 40},
        "method": method, "args": args, "context": {},
    })
}

fn with(mut request: Value, field: &str, value: Value) -> Value {
    request[field] = value;
    request
}

fn version(version: &str, method: &str) -> Value {
    let target = json!({"topic": "{topic}", "version": version});
    let args = if method == "echo" {
        json!({"value": 1})
    } else {
        json!({})
    };
    with(call(method, args), "target", target)
}

fn namespace(namespace: &str, method: &str) -> Value {
    let target = json!({"topic": "{topic}", "namespace": namespace});
    with(call(method, json!({})), "target", target)
}

fn hello(namespace: &str, version: &str) -> Value {
    let target = json!({"topic": "{topic}", "namespace": namespace, "version": version});
    with(call("hello", json!({"who": "you"})), "target", target)
}

fn monitored(request: Value) -> Value {
    with(
        request,
        "client",
        json!({"timeout": 40, "call_monitor_timeout": 2}),
    )
}

/// Calls the other server.
fn relay(method: &str, args: Value) -> Value {
    call(
        "relay",
        json!({"topic": "{there}", "name": method, "args": args}),
    )
}

fn raised(class: &str, value: &str) -> Value {
    json!({"class": class, "value": value})
}

fn no_such_method(method: &str) -> Value {
    raised(
        "NoSuchMethod",
        &format!("Endpoint does not support RPC method {method}"),
    )
}

fn unsupported(version: &str, method: &str) -> Value {
    let words = "Endpoint does not support RPC version";
    raised(
        "UnsupportedVersion",
        &format!("{words} {version}. Attempted method: {method}"),
    )
}
