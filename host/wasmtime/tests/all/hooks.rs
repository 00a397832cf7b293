//! The embedder decides about each request, and sees what becomes of it.

use std::sync::{Arc, Mutex};

use oslo_messaging::{Error as Native, RemoteError, Transport};
use oslo_messaging_wasmtime::bindings::types::{Error, Target};
use oslo_messaging_wasmtime::{Denied, Ending, Grant, Kind, MessagingHooks, Request};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::guest::{Guest, Setting, Surface, topic, world};
use crate::on_every_surface;

on_every_surface! {
    without_a_policy_everything_is_denied,
    a_denial_names_the_rule,
    a_limit_of_the_embedder_is_told,
    a_request_is_shown_resolved,
    a_traceback_is_shown_if_granted,
    a_server_has_one_spelling,
    an_exception_has_the_grants_size,
    endings_are_told,
    a_context_that_cannot_be_read_is_refused_before_anybody_is_asked,
    stamped_context_overrides_the_guest,
    the_embedder_sends_in_place_of_the_transport,
    the_embedder_answers_without_sending,
    a_sender_that_takes_too_long_is_a_timeout,
    a_transport_can_be_chosen_when_it_is_opened,
}

/// MessagingHooks of one function.
struct Decide<F>(F);

impl<F> MessagingHooks for Decide<F>
where
    F: FnMut(&Request<'_>) -> Result<Grant, Denied> + Send,
{
    fn authorize(&mut self, request: &Request<'_>) -> Result<Grant, Denied> {
        (self.0)(request)
    }
}

/// A closure is `FnMut` for a request of any lifetime only if it is inferred here.
fn decide(
    decide: impl FnMut(&Request<'_>) -> Result<Grant, Denied> + Send + 'static,
) -> impl MessagingHooks + 'static {
    Decide(decide)
}

async fn without_a_policy_everything_is_denied(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let mut guest = guest.hooks(());
    let error = guest.call(client, "echo", json!({})).await.unwrap_err();
    let Error::AccessDenied(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.rule, "default");
    assert!(error.message.contains("has no policy"), "{}", error.message);
    assert!(guest.cast(client, "echo", json!({})).await.is_err());
}

async fn a_denial_names_the_rule(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let mut guest = guest.hooks(decide(|request| match request.method {
        "echo" => Ok(Grant::default()),
        _ => Err(Denied::access("rule 3", "only echo")),
    }));
    assert!(guest.call(client, "echo", json!({})).await.is_ok());
    let error = guest.call(client, "sleep", json!({})).await.unwrap_err();
    let Error::AccessDenied(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!((&*error.rule, &*error.message), ("rule 3", "only echo"));
    assert!(guest.cast(client, "sleep", json!({})).await.is_err());
    assert_eq!(guest.ctx().pending_calls(), 0);
}

async fn a_limit_of_the_embedder_is_told(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let mut guest = guest.hooks(decide(|_| Err(Denied::limit("rate", "1 a minute"))));
    let error = guest.call(client, "echo", json!({})).await.unwrap_err();
    let Error::LimitExceeded(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!((&*error.limit, &*error.message), ("rate", "1 a minute"));
}

async fn a_request_is_shown_resolved(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let mut guest = Guest::new(surface, ctx).hooks(decide(move |request| {
        let Request {
            transport,
            kind,
            exchange,
            routing_key,
            target,
            method,
            bytes,
            ..
        } = request;
        record.lock().unwrap().push(format!(
            "{transport} {kind} {exchange:?} {routing_key:?} {target} {method} {bytes}"
        ));
        Ok(Grant::default())
    }));
    let target = Target {
        exchange: Some("nova".into()),
        ..topic("compute")
    };
    let client = guest.open("main", target, vec![]).unwrap();
    let some = |text: &str| Some(text.to_owned());
    let settings = vec![
        Setting::Server(some("s1")),
        Setting::Namespace(some("n")),
        Setting::Exchange(None),
    ];
    let prepared = guest.prepare(client, settings).unwrap();
    let _ = guest.call(prepared, "echo", json!({"a": 1})).await;
    let fanout = guest
        .prepare(client, vec![Setting::Fanout(Some(true))])
        .unwrap();
    let _ = guest.cast(fanout, "echo", json!({})).await;
    assert_eq!(
        *seen.lock().unwrap(),
        [
            r#"main call Some("openstack") Some("compute.s1") <Target topic=compute, namespace=n, server=s1> echo 13"#,
            // A fanout goes to the topic's own exchange, whatever the guest says.
            r#"main cast None Some("compute") <Target exchange=nova, topic=compute, fanout=True> echo 8"#,
        ]
    );
}

async fn a_server_has_one_spelling(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let mut guest = Guest::new(surface, ctx).hooks(decide(|request| match request.routing_key {
        Some("compute.controller") => Err(Denied::access("no controller", "not there")),
        _ => Ok(Grant::default()),
    }));
    let server = |name: &str| Target {
        server: Some(name.to_owned()),
        ..topic("compute")
    };
    for target in [server("controller"), topic("compute.controller")] {
        let client = guest.open("main", target, vec![]).unwrap();
        let error = guest.call(client, "echo", json!({})).await.unwrap_err();
        assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
    }
    // An empty name is none, and a fanout goes to every server, whatever it says.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let mut guest = guest.hooks(decide(move |request| {
        let key = request.routing_key.map(str::to_owned);
        record.lock().unwrap().push(key);
        Ok(Grant::default())
    }));
    let client = guest.open("main", server(""), vec![]).unwrap();
    let _ = guest.call(client, "echo", json!({})).await;
    let all = guest
        .prepare(
            client,
            vec![
                Setting::Server(Some("s1".into())),
                Setting::Fanout(Some(true)),
            ],
        )
        .unwrap();
    let _ = guest.cast(all, "echo", json!({})).await;
    let nowhere = guest.prepare(client, vec![Setting::Topic(None)]).unwrap();
    let _ = guest.call(nowhere, "echo", json!({})).await;
    let compute = || Some("compute".to_owned());
    assert_eq!(*seen.lock().unwrap(), [compute(), compute(), None]);
}

async fn an_exception_has_the_grants_size(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let mut guest = guest.hooks(decide(|_| Ok(Grant::default().reply_bytes(40))));
    let error = guest.call(client, "fail", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::InvalidReply(_)), "{error:?}");
}

async fn a_context_that_cannot_be_read_is_refused_before_anybody_is_asked(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let mut guest = guest.hooks(decide(move |_| {
        *count.lock().unwrap() += 1;
        let entries = json!({"plugin": "billing"}).as_object().unwrap().clone();
        Ok(Grant::default().context(entries))
    }));
    // Half of a surrogate pair is no name that can be compared.
    for context in [r#"{"\ud800": 1}"#, "[]", "{"] {
        let called = guest.call_text(client, context, "context", "{}").await;
        let Err(Error::InvalidArgument(error)) = called else {
            panic!("{called:?}")
        };
        assert_eq!(error.argument, "context");
    }
    assert_eq!(*asked.lock().unwrap(), 0);
    assert_eq!(guest.ctx().pending_calls(), 0);
}

async fn a_traceback_is_shown_if_granted(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let mut guest = guest.hooks(decide(|_| Ok(Grant::default().traceback(true))));
    let error = guest.call(client, "fail", json!({})).await.unwrap_err();
    let Error::Remote(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.traceback, ["File \"/opt/secret.py\""]);
}

async fn endings_are_told(surface: Surface) {
    let (transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let endings = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&endings);
    let mut guest = guest.hooks(decide(move |_| {
        let record = Arc::clone(&record);
        Ok(Grant::default().on_end(move |ending| {
            record.lock().unwrap().push(match ending {
                Ending::Failed(Error::Remote(_)) => "remote",
                Ending::Forgotten => "forgotten",
                Ending::Succeeded => "succeeded",
                _ => "other",
            });
        }))
    }));
    guest.call(client, "echo", json!({})).await.unwrap();
    guest.call(client, "fail", json!({})).await.unwrap_err();
    {
        let waiting = guest.call(client, "sleep", json!({"seconds": 50}));
        let short = std::time::Duration::from_secs(1);
        assert!(tokio::time::timeout(short, waiting).await.is_err());
    }
    // The store is gone, and with it whatever the engine keeps of the call.
    let pending = guest.ctx().pending_calls();
    drop(guest);
    // What runs as a task ends as soon as the runtime comes to it.
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    assert_eq!(
        *endings.lock().unwrap(),
        ["succeeded", "remote", "forgotten"]
    );
    // A guest that waits no more still has the call that it polled.
    let kept = usize::from(matches!(surface, Surface::Poll));
    assert_eq!((pending, transport.waiting_calls()), (kept, 0));
}

async fn stamped_context_overrides_the_guest(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let mut guest = guest.hooks(decide(|_| {
        let entries = json!({"plugin": "billing", "traceparent": "00-1"});
        Ok(Grant::default().context(entries.as_object().unwrap().clone()))
    }));
    let context = r#"{"plugin": "nova", "user": "alice"}"#;
    let result = guest
        .call_text(client, context, "context", "{}")
        .await
        .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&result).unwrap(),
        json!({"plugin": "billing", "traceparent": "00-1", "user": "alice"})
    );
}

async fn the_embedder_sends_in_place_of_the_transport(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let mut guest = guest.hooks(decide(move |_| {
        let record = Arc::clone(&record);
        Ok(Grant::default().sent_by(move |request| async move {
            let (kind, method) = (request.kind(), request.method().to_owned());
            let asked = format!("{kind} {method} {} {}", request.args(), request.exchange());
            let result = request.send().await;
            record.lock().unwrap().push((asked, result.is_ok()));
            result
        }))
    }));
    let args = json!({"value": 1});
    let result = guest.call(client, "echo", args.clone()).await.unwrap();
    assert_eq!(
        result,
        guest.call(client, "echo", args.clone()).await.unwrap()
    );
    guest.cast(client, "echo", args).await.unwrap();
    assert!(guest.call(client, "nonsense", json!({})).await.is_err());
    let seen = seen.lock().unwrap();
    let echo = |kind| (format!("{kind} echo {{\"value\":1}} openstack"), true);
    let nonsense = ("call nonsense {} openstack".to_owned(), false);
    assert_eq!(
        *seen,
        [
            echo(Kind::Call),
            echo(Kind::Call),
            echo(Kind::Cast),
            nonsense
        ]
    );
}

async fn the_embedder_answers_without_sending(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let mut guest = guest.hooks(decide(|request| {
        let grant = Grant::default().reply_bytes(100);
        Ok(match request.method {
            "large" => grant.sent_by(|_| async { Ok(to_raw_value(&"x".repeat(100)).unwrap()) }),
            "raises" => grant.sent_by(|_| async {
                let error = RemoteError::new("acme", "Full", "no room");
                Err(Native::from(Box::new(error)))
            }),
            _ => grant.sent_by(|_| async { Ok(RawValue::from_string("42".to_owned()).unwrap()) }),
        })
    }));
    assert_eq!(
        guest.call(client, "any", json!({})).await.unwrap(),
        json!(42)
    );
    guest.cast(client, "any", json!({})).await.unwrap();
    let error = guest.call(client, "raises", json!({})).await.unwrap_err();
    assert!(
        matches!(&error, Error::Remote(it) if it.type_name == "Full"),
        "{error:?}"
    );
    let error = guest.call(client, "large", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::InvalidReply(_)), "{error:?}");
    assert_eq!(guest.ctx().pending_calls(), 0);
}

async fn a_sender_that_takes_too_long_is_a_timeout(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (guest, client) = Guest::with_client(surface, ctx);
    let mut guest = guest.hooks(decide(|_| {
        let grant = Grant::default().timeout(std::time::Duration::from_millis(50));
        Ok(grant.sent_by(|_| std::future::pending()))
    }));
    let error = guest.call(client, "echo", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)), "{error:?}");
    assert!(guest.cast(client, "echo", json!({})).await.is_err());
    assert_eq!(guest.ctx().pending_calls(), 0);
}

/// Knows one more transport than its store.
struct Knows(Transport);

impl MessagingHooks for Knows {
    fn authorize(&mut self, request: &Request<'_>) -> Result<Grant, Denied> {
        assert_eq!(request.transport, "tenant-7");
        Ok(Grant::default())
    }

    fn transport(&mut self, name: &str) -> Option<Transport> {
        (name == "tenant-7").then(|| self.0.clone())
    }
}

async fn a_transport_can_be_chosen_when_it_is_opened(surface: Surface) {
    let (transport, _server, ctx) = world().await;
    let mut guest = Guest::new(surface, ctx).hooks(Knows(transport));
    let client = guest.open("tenant-7", topic("compute"), vec![]).unwrap();
    let echoed = guest.call(client, "echo", json!({})).await;
    assert!(echoed.is_ok(), "{echoed:?}");
    let error = guest
        .open("tenant-8", topic("compute"), vec![])
        .unwrap_err();
    assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
}
