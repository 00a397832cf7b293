//! Who sends the notifications of a case, and hears the answers: Python over a broker, ours in memory.

use std::time::Duration;

use oslo_messaging::{
    Notification, NotificationEndpoint, NotificationListener, NotificationResult, Notifier,
    Priority, Target, Transport,
};
use oslo_messaging_tests::peer::{PythonListener, PythonNotifier};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::notifications::{Case, Notified};

/// Sends the notifications of a case to a topic, and says what is heard, or which answer is not the
/// expected one.
pub(crate) async fn check(
    case: &Case,
    transport: &Transport,
    url: Option<&str>,
    topic: &str,
    answers: &str,
) -> Result<Vec<Value>, String> {
    let mut heard = Vec::new();
    let mut peers = match url {
        Some(url) => Peers::of_python(url, topic, answers).await,
        None => Peers::of_ours(transport, topic, answers).await,
    }
    .map_err(|error| format!("{error:#}"))?;
    for notified in &case.notifications {
        let payload = payload(notified, answers);
        let context = json!({"user": notified.user, "auth_token": "secret"});
        let sent = peers.notify(notified.priority, &context, &notified.event_type, &payload);
        sent.await.map_err(|error| format!("{error:#}"))?;
        let Some(expected) = expected_of(notified, answers) else {
            continue;
        };
        let next = peers
            .next()
            .await
            .map_err(|error| format!("no answer to `{}`: {error:#}", notified.event_type))?;
        is(&expected, &next)?;
        heard.push(next);
    }
    Ok(heard)
}

/// Says which of the answers that were heard is not the expected one.
pub(crate) fn judge(case: &Case, answers: &str, heard: &[Value]) -> Result<(), String> {
    let expected = case.notifications.iter();
    let expected: Vec<_> = expected.filter_map(|it| expected_of(it, answers)).collect();
    if expected.len() != heard.len() {
        return Err(format!("{} answers, not {}", heard.len(), expected.len()));
    }
    let mut pairs = expected.iter().zip(heard);
    pairs.try_for_each(|(expected, heard)| is(expected, heard))
}

/// The answer to a notification, with null for what languages say in their own name.
fn expected_of(notified: &Notified, answers: &str) -> Option<Value> {
    let (event_type, answer) = notified.answer.as_ref()?;
    let mut expected = json!({
        "priority": notified.priority, "publisher_id": "notified.host-1", "user": "bob",
        "event_type": event_type, "payload": answer, "secrets": false,
    });
    if *event_type == "refused" {
        expected["publisher_id"] = Value::Null;
        expected["user"] = Value::Null;
    } else {
        expected["payload"]["payload"] = payload(notified, answers);
    }
    Some(expected)
}

fn is(expected: &Value, heard: &Value) -> Result<(), String> {
    let mut found = heard.clone();
    for name in ["publisher_id", "user"] {
        if expected[name].is_null() {
            found[name] = Value::Null;
        }
    }
    if *expected == found {
        Ok(())
    } else {
        Err(format!("expected {expected}, heard {heard}"))
    }
}

/// What is sent, with the topic for the answer.
fn payload(notified: &Notified, answers: &str) -> Value {
    let mut payload = notified.payload.clone();
    if payload["answer"].is_null() {
        payload["answer"] = json!(answers);
    }
    payload
}

enum Peers {
    Ours {
        notifier: Notifier,
        answers: mpsc::UnboundedReceiver<Notification>,
        _listener: NotificationListener,
    },
    Python(Box<(PythonNotifier, PythonListener)>),
}

impl Peers {
    async fn of_python(url: &str, topic: &str, answers: &str) -> anyhow::Result<Self> {
        let publisher = ["--publisher", "tester", "--topic", topic];
        let notifier = PythonNotifier::start(url, &publisher);
        let listener = ["--url", url, "--topic", answers];
        let listener = PythonListener::start(&listener);
        let (notifier, listener) = tokio::join!(notifier, listener);
        Ok(Self::Python(Box::new((notifier?, listener?))))
    }

    async fn of_ours(transport: &Transport, topic: &str, answers: &str) -> anyhow::Result<Self> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let endpoint = NotificationEndpoint::new().on_each(Priority::ALL, move |it| {
            let _ = sender.send(it);
            async { NotificationResult::Handled }
        });
        let listener = NotificationListener::builder(transport, [Target::topic(answers)])
            .endpoint(endpoint)
            .start()
            .await?;
        Ok(Self::Ours {
            notifier: Notifier::new(transport, "tester").topics([topic]),
            answers: receiver,
            _listener: listener,
        })
    }

    async fn notify(
        &mut self,
        priority: &str,
        context: &Value,
        event_type: &str,
        payload: &Value,
    ) -> anyhow::Result<()> {
        match self {
            Self::Python(peers) => {
                let (notifier, _) = peers.as_mut();
                notifier
                    .notify(priority, context, event_type, payload)
                    .await
            }
            Self::Ours { notifier, .. } => {
                let sent = notifier.notify(priority.parse()?, context, event_type, payload);
                Ok(sent.await?)
            }
        }
    }

    /// What is heard next, in one form.
    async fn next(&mut self) -> anyhow::Result<Value> {
        match self {
            Self::Python(peers) => {
                let heard = peers.1.next().await?;
                let has_secrets = heard["context"].get("auth_token").is_some();
                Ok(json!({
                    "priority": heard["notified"], "publisher_id": heard["publisher_id"],
                    "event_type": heard["event_type"], "payload": heard["payload"],
                    "user": heard["context"]["user"], "secrets": has_secrets,
                }))
            }
            Self::Ours { answers, .. } => {
                let heard = timeout(PATIENCE, answers.recv()).await?;
                let heard = heard.ok_or_else(|| anyhow::anyhow!("the listener is gone"))?;
                Ok(json!({
                    "priority": heard.priority.to_string(), "publisher_id": heard.publisher_id,
                    "event_type": heard.event_type, "payload": heard.payload::<Value>(),
                    "user": heard.context::<Value>("user"),
                    "secrets": heard.context::<Value>("auth_token").is_some(),
                }))
            }
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
