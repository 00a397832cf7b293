//! What went wrong (§7.1 test_exception, §7.3 TestCallFanout, §7.7).

use serde_json::json;

use super::{call, cast, ok};
use crate::case::{Case, case, error};

pub(super) fn cases() -> Vec<Case> {
    let none = |settings| call("none", json!({}), settings);
    let dispatcher = "oslo_messaging.rpc.dispatcher";
    vec![
        case(
            "a builtin exception is data",
            json!([call("fail_value", json!({}), json!({}))]),
            json!([error(
                "remote",
                json!({"type-module": "builtins", "type-name": "ValueError",
                "message": "('boom', 42)", "args": ["boom", 42], "kwargs": {}})
            )]),
        ),
        case(
            "a custom exception is data",
            json!([call("boom", json!({}), json!({}))]),
            json!([error(
                "remote",
                json!({"type-module": "peer_errors", "type-name": "QuotaExceeded",
                "args": ["quota exceeded", "cores"], "kwargs": {"limit": 20}})
            )]),
        ),
        case(
            "an unknown method is an exception of the server",
            json!([call("no_such_method", json!({}), json!({}))]),
            json!([error(
                "remote",
                json!({"type-module": dispatcher, "type-name": "NoSuchMethod",
                "message": "Endpoint does not support RPC method no_such_method"})
            )]),
        ),
        case(
            "an unsupported version or namespace is an exception of the server",
            json!([
                none(json!({"version": "2.9"})),
                none(json!({"version": "3.0"})),
                none(json!({"namespace": "other", "version": "1.0"})),
                none(json!({"version": null})),
            ]),
            json!([
                error(
                    "remote",
                    json!({"type-module": dispatcher, "type-name": "UnsupportedVersion",
                    "message": "Endpoint does not support RPC version 2.9. Attempted method: none"})
                ),
                error("remote", json!({"type-name": "UnsupportedVersion"})),
                error("remote", json!({"type-name": "UnsupportedVersion"})),
                // None is taken for 1.0, which the ping's endpoint serves.
                error("remote", json!({"type-name": "NoSuchMethod"})),
            ]),
        ),
        case(
            "a call with fanout is refused",
            json!([none(json!({"fanout": true})), none(json!({"fanout": null}))]),
            json!([error("invalid-target", json!({})), ok(json!(null))]),
        ),
        case(
            "a target without topic is refused",
            json!([
                none(json!({"topic": null})),
                cast("x", json!({"topic": ""})),
                none(json!({})),
            ]),
            json!([
                error("invalid-target", json!({})),
                error("invalid-target", json!({})),
                ok(json!(null)),
            ]),
        ),
    ]
}
