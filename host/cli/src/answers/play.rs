//! Servers that answer as a file says.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::Arc;

use oslo_messaging::{Context, Endpoint, RemoteError, RpcServer, Target, Transport};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Answers, Asked, Failed, Outcome};
use crate::demo::GRACE;
use crate::failure::{Exit, Failure};
use crate::print;

/// A server, by exchange, topic and name.
type Place = (String, String, String);

impl Answers {
    /// Starts the servers that the answers name, on this transport. What names none is answered by all of
    /// its topic, of which there is at least one. Those that have started are among `servers` even if one
    /// does not.
    pub(crate) async fn serve(
        self: &Arc<Self>,
        transport: &Transport,
        servers: &mut Vec<RpcServer>,
        json: bool,
    ) -> Result<(), Failure> {
        let own = transport.control_exchange();
        for place in self.places(own)? {
            let (exchange, topic, name) = &place;
            let mut target = Target::topic(topic.clone()).server(name);
            target.exchange = Some(exchange.clone());
            let mut server = RpcServer::builder(transport, target)
                .ping(true)
                // What is never answered keeps its place.
                .concurrency(PLACES)
                .grace(GRACE);
            for endpoint in self.endpoints(&place, own, json) {
                server = server.endpoint(endpoint);
            }
            servers.push(server.start().await?);
        }
        Ok(())
    }

    /// `own` is the exchange of answers that name none.
    fn places(&self, own: &str) -> Result<BTreeSet<Place>, Failure> {
        let mut places = BTreeSet::new();
        let mut without_server = BTreeSet::new();
        for entry in self.requests() {
            let exchange = entry.exchange.as_deref().unwrap_or(own).to_owned();
            let topic = (exchange, entry.topic.clone());
            match entry.server.clone().flatten() {
                Some(server) => drop(places.insert((topic.0, topic.1, server))),
                None => drop(without_server.insert(topic)),
            }
        }
        for (exchange, topic) in without_server {
            if !places.iter().any(|it| it.0 == exchange && it.1 == topic) {
                places.insert((exchange, topic, ONE.to_owned()));
            }
        }
        let mut replies = self.0.iter().flat_map(|answer| &answer.replies);
        let is_played = |outcome: &Outcome| !matches!(outcome, Outcome::Failed(failed) if *failed != Failed::Timeout);
        if !replies.all(|reply| is_played(&reply.outcome)) {
            let message = "a server plays no `error` but `timeout`";
            return Err(Failure::new(Exit::InvalidArgument, message)
                .remedy("leave such answers out, or use --replay in place of --serve"));
        }
        Ok(places)
    }

    /// One for each namespace and major version, of the highest minor version that is asked for.
    fn endpoints(self: &Arc<Self>, place: &Place, own: &str, json: bool) -> Vec<Endpoint> {
        let (exchange, topic, server) = place;
        let mut methods: BTreeMap<(Option<String>, u32), (u32, BTreeSet<String>)> = BTreeMap::new();
        for entry in self.requests() {
            let is_here = entry.topic == *topic
                && entry.exchange.as_deref().unwrap_or(own) == exchange
                && entry
                    .server
                    .as_ref()
                    .is_none_or(|it| it.as_ref().is_none_or(|it| it == server));
            if !is_here {
                continue;
            }
            let version = entry.version.clone().flatten();
            let (major, minor) = version.as_deref().and_then(numbers).unwrap_or((1, 0));
            let namespace = entry.namespace.clone().flatten();
            let (highest, names) = methods.entry((namespace, major)).or_default();
            *highest = minor.max(*highest);
            names.insert(entry.method.clone());
        }
        let endpoints = methods.into_iter();
        endpoints
            .map(|((namespace, major), (minor, names))| {
                let mut endpoint = Endpoint::new().version(format!("{major}.{minor}"));
                if let Some(namespace) = &namespace {
                    endpoint = endpoint.namespace(namespace.clone());
                }
                let place = (exchange.clone(), topic.clone(), server.clone());
                names.into_iter().fold(endpoint, |endpoint, name| {
                    self.method(endpoint, name, place.clone(), namespace.clone(), json)
                })
            })
            .collect()
    }

    fn method(
        self: &Arc<Self>,
        endpoint: Endpoint,
        name: String,
        (exchange, topic, server): Place,
        namespace: Option<String>,
        json: bool,
    ) -> Endpoint {
        let answers = Arc::clone(self);
        let called = name.clone();
        endpoint.method(name, move |_: Context, args: Value| {
            let asked = Asked {
                kind: None,
                topic: &topic,
                exchange: &exchange,
                server: Some(&server),
                namespace: namespace.as_deref(),
                version: None,
                method: &called,
                args: &args,
            };
            let reply = answers.reply(&asked).ok_or_else(|| {
                let why = format!("no answer in the file of --serve fits {asked}");
                print::notice(&why, json);
                RemoteError::new("builtins", "LookupError", why)
            });
            async move {
                let reply = reply?;
                tokio::time::sleep(reply.delay).await;
                match reply.outcome {
                    Outcome::Result(result) => Ok::<Box<RawValue>, _>(result),
                    Outcome::Exception(raised) => Err(*raised),
                    Outcome::Failed(_) => pending().await,
                }
            }
        })
    }
}

/// Of a version.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The server of answers that name none.
const ONE: &str = "one";

/// As many as nobody has calls in flight.
const PLACES: usize = 100_000;
