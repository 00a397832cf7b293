//! What came of a request, in one form for the Python client and for ours.

use std::time::Duration;

use oslo_messaging::{Error, RpcClient, Target, Transport};
use oslo_messaging_tests::peer::PythonClient;
use serde_json::{Value, json};

pub(crate) async fn of_python(client: &PythonClient, request: &Value) -> Value {
    let answer = match client.request(request.clone()).await {
        Ok(answer) => answer,
        Err(error) => return json!({"failed": format!("{error:#}")}),
    };
    let error = &answer["error"];
    if error.is_null() {
        return json!({"result": answer["result"]});
    }
    let class = error["class"].as_str().unwrap_or_default();
    if class == "RemoteError" {
        // What the client did not make again, by the name that it came with.
        return json!({
            "class": error["remote_type"], "again": false,
            "value": first_line(&error["remote_value"]),
        });
    }
    // An exception of Python's own keeps its class, and has traceback in its first argument.
    let (class, value) = match class.strip_suffix("_Remote") {
        Some(class) => (class, first_line(&error["message"])),
        None => (class, first_line(&error["args"][0])),
    };
    let rest = error["args"].as_array().into_iter().flatten().skip(1);
    json!({
        "class": class, "value": value, "again": true, "module": error["module"],
        "rest": rest.collect::<Vec<_>>(),
    })
}

pub(crate) async fn of_native(transport: &Transport, request: &Value) -> Value {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let seconds = |value: &Value| value.as_u64().map(Duration::from_secs);
    let (target, settings) = (&request["target"], &request["client"]);
    let client = RpcClient::new(
        transport,
        Target::topic(text(&target["topic"]).unwrap_or_default()),
    )
    .namespace(target["namespace"].as_str())
    .version(target["version"].as_str())
    .timeout(seconds(&settings["timeout"]))
    .call_monitor_timeout(seconds(&settings["call_monitor_timeout"]));
    let method = request["method"].as_str().unwrap_or_default();
    let (context, args) = (&request["context"], &request["args"]);
    let result = if request["op"] == "cast" {
        client
            .cast(context, method, args)
            .await
            .map(|()| Value::Null)
    } else {
        client.call(context, method, args).await
    };
    match result {
        Ok(result) => json!({"result": result}),
        Err(Error::Remote(error)) => {
            json!({"class": error.class, "value": first_line(&error.message.into())})
        }
        Err(error) => json!({"failed": error.to_string()}),
    }
}

/// What comes before a traceback.
fn first_line(text: &Value) -> String {
    let text = text.as_str().unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}

/// Whether an answer is the one that the list has.
pub(crate) fn is(expected: &Value, answer: &Value) -> bool {
    let same = |field: &str| expected[field] == answer[field];
    match expected.get("class") {
        None => expected == answer,
        Some(_) => same("class") && (expected["value"].is_null() || same("value")),
    }
}

/// Whether a caller cannot tell one answer from another, but for words that the list leaves open.
pub(crate) fn are_alike(expected: &Value, one: &Value, other: &Value) -> bool {
    let without_words = |answer: &Value| {
        let mut answer = answer.clone();
        if expected.get("value").is_some_and(Value::is_null) {
            answer["value"] = Value::Null;
        }
        answer
    };
    without_words(one) == without_words(other)
}
