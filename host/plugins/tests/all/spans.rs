//! Spans of what plugins do, and whose part each is.

use std::sync::Arc;

use oslo_messaging_plugins::{
    Doing, InvocationOutcome, PluginHost, Span, SpanEnd, SpanStart, StartedBy, Tracer,
};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::client::ask;
use crate::http::{answering_policy, listening};
use crate::world::{World, command, relay_policy, until};

/// A span that was told of, whose `traceparent` has its place in the list for an id.
#[derive(Clone, Debug)]
struct Told {
    what: String,
    request_id: Option<String>,
    parent: Option<String>,
    ends: Vec<SpanEnd>,
}

#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<Told>>>);

impl Book {
    fn told(&self) -> Vec<Told> {
        self.0.lock().clone()
    }

    /// What is told, with the parent of each and how it ended.
    fn lines(&self) -> Vec<String> {
        let told = self.told().into_iter();
        told.map(
            |Told {
                 what, parent, ends, ..
             }| {
                let parent = parent.unwrap_or_else(|| "nobody".to_owned());
                let ends: Vec<_> = ends
                    .iter()
                    .map(|end| match end {
                        SpanEnd::Invocation(outcome) => outcome.name(),
                        SpanEnd::Request(outcome) => outcome.name(),
                        _ => "other",
                    })
                    .collect();
                format!("{what} of {parent}: {}", ends.join(" "))
            },
        )
        .collect()
    }
}

impl Tracer for Book {
    fn start(&self, start: &SpanStart<'_>) -> Box<dyn Span> {
        let what = match start.doing {
            Doing::Invocation {
                started_by, method, ..
            } => format!("{} {started_by} {method:?}", start.plugin),
            Doing::Request {
                rule, kind, method, ..
            } => format!("{} {kind} {rule} {method}", start.plugin),
            _ => "other".to_owned(),
        };
        let request_id = match start.doing {
            Doing::Invocation { request_id, .. } => request_id.map(ToOwned::to_owned),
            _ => None,
        };
        let mut told = self.0.lock();
        told.push(Told {
            what,
            request_id,
            parent: start.parent.map(ToOwned::to_owned),
            ends: Vec::new(),
        });
        Box::new(Page {
            book: self.clone(),
            number: told.len() - 1,
        })
    }
}

struct Page {
    book: Book,
    number: usize,
}

impl Span for Page {
    fn traceparent(&self) -> Option<String> {
        Some(format!("span {}", self.number))
    }

    fn end(self: Box<Self>, end: SpanEnd) {
        self.book.0.lock()[self.number].ends.push(end);
    }
}

fn traced() -> (World, Book) {
    let (mut world, book) = (World::new(), Book::default());
    let host = PluginHost::builder()
        .transport("default", world.transport.clone())
        .tracer(Some(Arc::new(book.clone()) as Arc<dyn Tracer>));
    world.host = Arc::new(host.build().unwrap());
    (world, book)
}

const ALLOW: &str = "[[plugins.a.allow]]\nname = \"read\"\ntopic = \"compute\"\nmethods = \"get_*\"\n\
     [[plugins.a.allow]]\nname = \"tell\"\nkind = \"notify\"\ntopic = \"notifications\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_part_of_its_invocation_and_says_so_to_whom_it_calls() {
    let (world, book) = traced();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    world.apply(&relay_policy("a", ALLOW)).await;
    let context = json!({"traceparent": "from far", "request_id": "req-1"});
    let answer = world.call_with("a", "get_free", &context).await.unwrap();
    // The plugin gave its own context back, and its call has the host's.
    assert_eq!(answer["context"]["traceparent"], "span 1");
    assert_eq!(answer["context"]["request_id"], "req-1");
    // It has no rule, and so no span.
    world.raised("a", "reboot").await;
    world.raised("a", "trap").await;
    world.call("a", "publish").await;
    until("all has ended", || {
        book.told().iter().all(|told| told.ends.len() == 1)
    })
    .await;
    assert_eq!(
        book.lines(),
        [
            "a rpc Some(\"get_free\") of from far: returned",
            "a call read get_free of span 0: succeeded",
            "a rpc Some(\"reboot\") of nobody: raised",
            "a rpc Some(\"trap\") of nobody: trapped",
            "a rpc Some(\"publish\") of nobody: returned",
            "a notification tell relay.end of span 4: succeeded",
        ]
    );
}

/// Also where nobody has given it one, or one that is too long to look for.
#[tokio::test]
async fn an_invocation_is_known_by_the_id_that_its_calls_carry() {
    let (world, book) = traced();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    world.apply(&relay_policy("a", ALLOW)).await;
    let long = "req-".repeat(100);
    let contexts = [
        json!({"request_id": "req-1"}),
        json!({}),
        json!({"request_id": long}),
    ];
    let mut carried = Vec::new();
    for context in &contexts {
        let answer = world.call_with("a", "get_free", context).await.unwrap();
        let id = answer["context"]["request_id"].as_str().unwrap();
        carried.push(id.to_owned());
    }
    let told: Vec<_> = book
        .told()
        .into_iter()
        .filter_map(|told| told.request_id)
        .collect();
    assert_eq!(told, carried);
    assert_eq!(told[0], "req-1");
    assert!(
        told[1..]
            .iter()
            .all(|id| id.starts_with("req-") && id.len() == 40),
        "{told:?}"
    );
    assert_ne!(told[1], told[2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_of_http_and_timers_begin_spans() {
    let (world, book) = traced();
    let _compute = world.compute().await;
    world.write("badly.wasm", command("(i32.const 1)"));
    let timer = "[plugins.badly]\ncomponent = \"badly.wasm\"\n\
                 [[plugins.badly.on]]\nevery = \"1h\"\n";
    let more = ALLOW.to_owned() + "[plugins.a.limits]\ntime = \"500ms\"\n" + timer;
    let address = listening(&world, &answering_policy("a", "/", &more)).await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let header = format!("traceparent: {parent}\r\n");
    let answer = ask(address, "GET /c", &header, b"").await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["context"]["traceparent"], "span 1");
    // No answer, and one that comes too late.
    assert_eq!(ask(address, "GET /r", "", b"").await.status, 500);
    assert_eq!(ask(address, "GET /w", "", b"").await.status, 504);
    until("all has ended", || {
        book.told().iter().all(|told| told.ends.len() == 1)
    })
    .await;
    assert_eq!(
        book.lines(),
        [
            format!("a http None of {parent}: returned"),
            "a call read get_free of span 0: succeeded".to_owned(),
            "a http None of nobody: failed".to_owned(),
            "a http None of nobody: timed-out".to_owned(),
        ]
    );
    let fast = timer.replace("1h", "20ms");
    world.apply(&fast).await;
    let of_timer = || {
        let told = book.told().into_iter();
        told.filter(|told| told.what == "badly timer None")
            .any(|told| told.ends == [SpanEnd::Invocation(InvocationOutcome::Failed)])
    };
    until("a timer's span has ended", of_timer).await;
    let invoked = &world.plugin("badly").statistics.invoked[&StartedBy::Timer];
    assert!(invoked.failed > 0 && invoked.returned >= invoked.failed);
}
