//! A transport with its peers, and the servers of the plugins on it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oslo_messaging::{Context, Endpoint, RemoteError, RpcServer, Target, Transport};
use oslo_messaging_tests::peer::{Process, PythonClient, transport_url, unique_name};
use serde_json::{Map, Value, json};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::sleep;

use crate::answer::{are_alike, of_native, of_python};
use crate::list::Case;
use crate::mutations::Mutation;
use crate::plugins::Plugins;
use crate::{notifications, notifying};

pub(crate) struct World {
    transport: Transport,
    /// The topic of another server, which the methods call.
    there: String,
    _there: RpcServer,
    python: Option<Python>,
    plugins: Arc<Plugins>,
    servers: Mutex<HashMap<&'static str, Arc<OnceCell<Served>>>>,
    /// What the Python server answered, by the case's name.
    answered: Mutex<HashMap<&'static str, Vec<Value>>>,
    /// The cases that a Python listener was tried with, and what was wrong.
    listened: Mutex<HashMap<&'static str, Result<(), String>>>,
}

struct Python {
    url: String,
    client: PythonClient,
    topic: String,
    _server: Process,
}

struct Served {
    topic: String,
    _server: RpcServer,
}

impl World {
    pub(crate) async fn start(transport: &str, plugins: Arc<Plugins>) -> Self {
        let (transport, python) = if transport == "memory" {
            (Transport::memory(), None)
        } else {
            let url = transport_url().expect("`cargo xtask test` names the broker");
            let python = Python::start(&url).await.expect("the Python peers start");
            let transport = Transport::new(&url).expect("the broker's URL is well-formed");
            (transport, Some(python))
        };
        let there = unique_name("there");
        Self {
            _there: other(&transport, &there).await,
            transport,
            there,
            python,
            plugins,
            servers: Mutex::default(),
            answered: Mutex::default(),
            listened: Mutex::default(),
        }
    }

    /// Makes the calls of a case, and says what is wrong.
    pub(crate) async fn check(&self, component: &'static str, case: &Case) -> Result<(), String> {
        let answers = self.answers(component, case, Mutation::None).await?;
        case.judge(&answers)?;
        let Some(python) = &self.python else {
            return Ok(());
        };
        let of_python = self.of_python_server(python, case).await;
        case.judge(&of_python)
            .map_err(|wrong| format!("the Python server: {wrong}"))?;
        for ((expected, python), plugin) in case.answers.iter().zip(&of_python).zip(&answers) {
            if !are_alike(expected, python, plugin) {
                return Err(format!(
                    "a Python server answers {python}, the plugin {plugin}"
                ));
            }
        }
        Ok(())
    }

    /// What a plugin answers.
    pub(crate) async fn answers(
        &self,
        component: &'static str,
        case: &Case,
        mutation: Mutation,
    ) -> Result<Vec<Value>, String> {
        let served = Arc::clone(self.servers.lock().await.entry(component).or_default());
        let served = served.get_or_try_init(|| async {
            let topic = unique_name(component);
            let server = self
                .plugins
                .serve(component, &self.transport, &topic)
                .await?;
            Ok::<_, String>(Served {
                topic,
                _server: server,
            })
        });
        let topic = &served.await?.topic;
        let mut answers = Vec::new();
        for request in &case.requests {
            let request = self.fill(request, topic);
            match mutation {
                Mutation::CastsDropped if request["op"] == "cast" => {
                    answers.push(json!({"result": null}));
                    continue;
                }
                Mutation::CastsDoubled if request["op"] == "cast" => {
                    self.ask(&request).await;
                }
                _ => {}
            }
            answers.push(self.ask(&request).await);
        }
        Ok(answers)
    }

    /// Asks once, or, with `until`, again until so much is counted beyond the asking, and then once more
    /// to see that it is no more.
    async fn ask(&self, request: &Value) -> Value {
        let Some(wanted) = request["until"].as_i64() else {
            return self.ask_once(request).await;
        };
        let deadline = Instant::now() + PATIENCE;
        let mut asked = 0;
        let mut is_last = false;
        loop {
            let answer = self.ask_once(request).await;
            let Some(counted) = answer["result"].as_i64() else {
                return answer;
            };
            let counted = counted - asked;
            asked += 1;
            if is_last || counted > wanted || Instant::now() > deadline {
                return json!({"result": counted});
            }
            is_last = counted == wanted;
            sleep(PAUSE).await;
        }
    }

    async fn ask_once(&self, request: &Value) -> Value {
        match &self.python {
            None => of_native(&self.transport, request).await,
            Some(python) => of_python(&python.client, request).await,
        }
    }

    /// Asked once: some methods count.
    async fn of_python_server(&self, python: &Python, case: &Case) -> Vec<Value> {
        let mut answered = self.answered.lock().await;
        if let Some(answers) = answered.get(case.name) {
            return answers.clone();
        }
        let mut answers = Vec::new();
        for request in &case.requests {
            let request = self.fill(request, &python.topic);
            answers.push(self.ask(&request).await);
        }
        answered.insert(case.name, answers.clone());
        answers
    }

    /// Sends the notifications of a case to a plugin, and to a Python listener with the same endpoint,
    /// and says what is wrong.
    pub(crate) async fn check_notifications(
        &self,
        component: &str,
        case: &notifications::Case,
    ) -> Result<(), String> {
        self.hear(component, case, &unique_name("answers")).await?;
        match &self.python {
            Some(python) if !case.is_of_plugins => self.python_listener(&python.url, case).await,
            _ => Ok(()),
        }
    }

    /// What a plugin notifies this topic of, which are the answers that are expected.
    pub(crate) async fn hear(
        &self,
        component: &str,
        case: &notifications::Case,
        answers: &str,
    ) -> Result<Vec<Value>, String> {
        let url = self.python.as_ref().map(|python| python.url.as_str());
        let topic = unique_name(component);
        let others = [answers, "nobody-listens"];
        let listener = self
            .plugins
            .listen(component, &self.transport, &topic, &others);
        let listener = listener.await?;
        let heard = notifying::check(case, &self.transport, url, &topic, answers).await?;
        listener.stop().await;
        Ok(heard)
    }

    /// Tried once.
    async fn python_listener(&self, url: &str, case: &notifications::Case) -> Result<(), String> {
        let mut listened = self.listened.lock().await;
        if let Some(known) = listened.get(case.name) {
            return known.clone();
        }
        let (topic, answers) = (unique_name("listener"), unique_name("answers"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/notified.py");
        let started = Process::start(&script, &["--url", url, "--topic", &topic]).await;
        let checked = match started {
            Ok(_process) => {
                notifying::check(case, &self.transport, Some(url), &topic, &answers).await
            }
            Err(error) => Err(format!("{error:#}")),
        };
        let checked = checked.map_err(|error| format!("the Python listener: {error}"));
        let checked = checked.map(|_heard| ());
        listened.insert(case.name, checked.clone());
        checked
    }

    fn fill(&self, request: &Value, topic: &str) -> Value {
        let text = request.to_string();
        let text = text
            .replace("{topic}", topic)
            .replace("{there}", &self.there);
        serde_json::from_str(&text).unwrap_or_default()
    }
}

impl Python {
    async fn start(url: &str) -> anyhow::Result<Self> {
        let topic = unique_name("python");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/served.py");
        let arguments = ["--url", url, "--topic", &topic, "--server", "s1"];
        let (server, _) = Process::start(&script, &arguments).await?;
        Ok(Self {
            url: url.to_owned(),
            client: PythonClient::start(url, &["--allow", "peer_errors"]).await?,
            topic,
            _server: server,
        })
    }
}

/// A server that the methods call.
async fn other(transport: &Transport, topic: &str) -> RpcServer {
    let endpoint = Endpoint::new()
        .method("sleep", |_, args: Value| async move {
            let seconds = args["seconds"].as_f64().unwrap_or_default();
            sleep(Duration::from_secs_f64(seconds)).await;
            Ok(seconds)
        })
        .method("context", |context: Context, _: Value| async move {
            let entries = context.iter().filter(|(name, _)| *name != "client_timeout");
            let entries = entries.map(|(name, value)| (name.to_owned(), json!(value)));
            Ok(entries.collect::<Map<_, _>>())
        })
        .method("fail", |_, _: Value| async {
            Err::<(), _>(RemoteError::new("builtins", "ValueError", "not this"))
        });
    RpcServer::builder(transport, Target::topic(topic).server("there"))
        .endpoint(endpoint)
        .start()
        .await
        .expect("the transport is open")
}

/// How long a cast may take to be executed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(200);
