//! What the verbs do when nothing stands in their way.

use oslo_messaging::{Context, Endpoint, RpcServer, Target as NativeTarget};
use oslo_messaging_wasmtime::bindings::client::HostClient;
use oslo_messaging_wasmtime::bindings::types::{Error, Outcome, Target};
use oslo_messaging_wasmtime::resources::Client;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use wasmtime::component::Resource;

use crate::guest::{Guest, Setting, Surface, request, topic, world};
use crate::on_every_surface;

on_every_surface! {
    a_call_returns_what_the_method_returned,
    a_cast_arrives,
    a_fanout_cast_arrives_at_every_server,
    a_prepared_client_outlives_its_parent,
    a_remote_exception_has_its_details,
    exchanges_of_others_are_refused,
    a_setting_of_none_clears,
    a_version_is_checked_against_the_cap,
    a_client_says_what_it_is,
    context_arrives,
    dropping_clients_frees_them,
}

async fn a_call_returns_what_the_method_returned(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let args = json!({"text": "grüß\n", "n": [1, 2.5, null]});
    assert_eq!(
        guest.call(client, "echo", args.clone()).await.unwrap(),
        args
    );
    // What a number says beyond 64 bits is kept.
    let big = r#"{"n":123456789012345678901234567890}"#;
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    assert!(guest.call_text(client, "{}", "echo", big).await.is_ok());
    assert_eq!(guest.ctx().pending_calls(), 0);
}

async fn a_cast_arrives(surface: Surface) {
    let (transport, _server, ctx) = world().await;
    let (sender, mut casts) = mpsc::unbounded_channel();
    let endpoint = Endpoint::new().method("note", move |_: Context, args: Value| {
        let sender = sender.clone();
        async move {
            let _ = sender.send(args);
            Ok(())
        }
    });
    let target = NativeTarget::topic("notes").server("s1");
    let _notes = RpcServer::builder(&transport, target)
        .endpoint(endpoint)
        .start()
        .await
        .unwrap();
    let mut guest = Guest::new(surface, ctx);
    let client = guest.open("main", topic("notes"), vec![]).unwrap();
    guest.cast(client, "note", json!({"a": 1})).await.unwrap();
    assert_eq!(casts.recv().await, Some(json!({"a": 1})));
    // Upstream's default: nobody needs to be there for a cast, unless the guest asks for it.
    let nobody = guest
        .prepare(client, vec![Setting::Topic(Some("nobody".into()))])
        .unwrap();
    guest.cast(nobody, "note", json!({})).await.unwrap();
    let asked = guest
        .prepare(nobody, vec![Setting::Mandatory(Some(true))])
        .unwrap();
    let error = guest.cast(asked, "note", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::NoSuchTarget(_)), "{error:?}");
}

async fn a_fanout_cast_arrives_at_every_server(surface: Surface) {
    let (transport, _server, ctx) = world().await;
    let (sender, mut casts) = mpsc::unbounded_channel();
    let mut servers = Vec::new();
    for name in ["a", "b"] {
        let sender = sender.clone();
        let endpoint = Endpoint::new().method("note", move |_: Context, _: Value| {
            let sender = sender.clone();
            async move {
                let _ = sender.send(name);
                Ok(())
            }
        });
        let target = NativeTarget::topic("notes").server(name);
        let builder = RpcServer::builder(&transport, target).endpoint(endpoint);
        servers.push(builder.start().await.unwrap());
    }
    let mut guest = Guest::new(surface, ctx);
    let target = Target {
        fanout: true,
        ..topic("notes")
    };
    let client = guest.open("main", target, vec![]).unwrap();
    guest.cast(client, "note", json!({})).await.unwrap();
    let mut names = [casts.recv().await.unwrap(), casts.recv().await.unwrap()];
    names.sort_unstable();
    assert_eq!(names, ["a", "b"]);
    let error = guest.call(client, "note", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::InvalidTarget(_)), "{error:?}");
}

async fn a_prepared_client_outlives_its_parent(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, parent) = Guest::with_client(surface, ctx);
    let copy = guest
        .prepare(parent, vec![Setting::Server(Some("s1".into()))])
        .unwrap();
    guest.drop_client(parent);
    assert_eq!(
        guest.call(copy, "echo", json!({})).await.unwrap(),
        json!({})
    );
}

async fn a_remote_exception_has_its_details(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let Err(Error::Remote(error)) = guest.call(client, "fail", json!({})).await else {
        panic!("no remote error");
    };
    assert_eq!(
        (&*error.type_name, &*error.type_module),
        ("ValueError", "builtins")
    );
    assert_eq!(
        (&*error.message, &*error.args),
        ("no such flavor", r#"["no such flavor"]"#)
    );
    assert_eq!((&*error.kwargs, error.traceback), ("{}", vec![]));
    let Err(Error::Remote(error)) = guest.call(client, "missing", json!({})).await else {
        panic!("no remote error");
    };
    assert_eq!(error.type_name, "NoSuchMethod");
}

async fn a_setting_of_none_clears(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let mut guest = Guest::new(surface, ctx);
    let target = Target {
        server: Some("nobody".into()),
        ..topic("compute")
    };
    let client = guest.open("main", target, vec![]).unwrap();
    let error = guest.call(client, "echo", json!({})).await.unwrap_err();
    let Error::NoSuchTarget(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (&*error.exchange, &*error.routing_key),
        ("openstack", "compute.nobody")
    );
    let any = guest.prepare(client, vec![Setting::Server(None)]).unwrap();
    assert!(guest.call(any, "echo", json!({})).await.is_ok());
    let none = guest.prepare(any, vec![Setting::Topic(None)]).unwrap();
    let error = guest.call(none, "echo", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::InvalidTarget(_)), "{error:?}");
}

async fn exchanges_of_others_are_refused(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    for exchange in ["amq.fanout", "compute_fanout"] {
        let named = vec![Setting::Exchange(Some(exchange.into()))];
        let other = guest.prepare(client, named).unwrap();
        let error = guest.call(other, "echo", json!({})).await.unwrap_err();
        let Error::DeliveryFailure(error) = error else {
            panic!("{error:?}")
        };
        assert_eq!(error.outcome, Outcome::NotExecuted);
        assert!(error.message.contains(exchange), "{}", error.message);
    }
}

async fn a_version_is_checked_against_the_cap(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let some = |version: &str| Some(version.to_owned());
    let settings = vec![
        Setting::Version(some("1.3")),
        Setting::VersionCap(some("1.2")),
    ];
    let client = guest.prepare(client, settings).unwrap();
    let error = guest.call(client, "echo", json!({})).await.unwrap_err();
    let Error::VersionCap(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (error.version.as_deref(), &*error.version_cap),
        (Some("1.3"), "1.2")
    );
    assert!(!guest.can_send_version(client, None).unwrap());
    assert!(guest.can_send_version(client, Some("1.2")).unwrap());
    let error = guest.can_send_version(client, Some("one")).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument(_)), "{error:?}");
    let fits = guest
        .prepare(client, vec![Setting::Version(some("1.1"))])
        .unwrap();
    assert!(guest.call(fits, "echo", json!({})).await.is_ok());
}

async fn a_client_says_what_it_is(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let mut guest = Guest::new(surface, ctx);
    let some = |text: &str| Some(text.to_owned());
    let settings = vec![
        Setting::Version(some("1.4")),
        Setting::Server(some("s1")),
        Setting::Timeout(Some(5)),
        Setting::VersionCap(some("1.9")),
        Setting::Retry(Some(3)),
        Setting::CallMonitorTimeout(Some(3_000_000_000)),
        Setting::Mandatory(Some(false)),
        Setting::ReplyBytes(Some(9)),
    ];
    let given = guest.open("main", topic("compute"), settings).unwrap();
    // All of it is inherited, but for what goes back to its default.
    let settings = vec![
        Setting::Server(None),
        Setting::Timeout(None),
        Setting::Retry(None),
        Setting::ReplyBytes(None),
    ];
    let prepared = guest.prepare(given, settings).unwrap();
    let mut view = guest.view();
    let mut described = Vec::new();
    for client in [given, prepared] {
        let it = || Resource::<Client>::new_borrow(client);
        let Target {
            topic,
            version,
            server,
            ..
        } = HostClient::target(&mut view, it()).unwrap();
        assert_eq!(HostClient::transport(&mut view, it()).unwrap(), "main");
        assert_eq!((topic, version), (some("compute"), some("1.4")));
        let cap = HostClient::version_cap(&mut view, it()).unwrap();
        let monitor = HostClient::call_monitor_timeout(&mut view, it()).unwrap();
        let mandatory = HostClient::mandatory(&mut view, it()).unwrap();
        assert_eq!((cap, monitor), (some("1.9"), Some(3_000_000_000)));
        assert_eq!(mandatory, Some(false));
        described.push((
            server,
            HostClient::timeout(&mut view, it()).unwrap(),
            HostClient::retry(&mut view, it()).unwrap(),
            HostClient::reply_bytes(&mut view, it()).unwrap(),
        ));
    }
    assert_eq!(
        described,
        [
            (some("s1"), 5, Some(3), 9),
            (None, 60_000_000_000, None, 64 * 1024 * 1024),
        ]
    );
}

async fn context_arrives(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let context = r#"{"user":"alice","roles":["admin"]}"#;
    assert_eq!(
        serde_json::from_str::<Value>(
            &guest
                .call_text(client, context, "context", "{}")
                .await
                .unwrap()
        )
        .unwrap(),
        json!({"user": "alice", "roles": ["admin"]})
    );
}

async fn dropping_clients_frees_them(surface: Surface) {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    let copy = guest.prepare(client, vec![]).unwrap();
    assert_eq!(guest.ctx().open_clients(), 2);
    guest.drop_client(client);
    guest.drop_client(copy);
    assert_eq!(guest.ctx().open_clients(), 0);
}

#[tokio::test(start_paused = true)]
async fn call_all_keeps_order_and_failures_apart() {
    let (_transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(Surface::Plain, ctx);
    let nobody = guest.options(vec![Setting::Topic(Some("nobody".into()))]);
    let wrong = guest.options(vec![Setting::Version(Some("x".into()))]);
    let elsewhere = guest.open("main", topic("nowhere"), vec![]).unwrap();
    let requests = vec![
        request(client, None, "sleep", json!({"seconds": 3})),
        request(client, None, "fail", json!({})),
        request(client, Some(nobody), "echo", json!({})),
        request(client, Some(wrong), "echo", json!({})),
        request(client, None, "sleep", json!({"seconds": 1})),
        request(elsewhere, None, "echo", json!({})),
    ];
    let results = guest.call_all(requests).await;
    assert_eq!(results[0].as_deref().unwrap(), r#"{"seconds":3}"#);
    assert!(matches!(results[1], Err(Error::Remote(_))), "{results:?}");
    assert!(
        matches!(results[2], Err(Error::NoSuchTarget(_))),
        "{results:?}"
    );
    assert!(
        matches!(results[3], Err(Error::InvalidArgument(_))),
        "{results:?}"
    );
    assert_eq!(results[4].as_deref().unwrap(), r#"{"seconds":1}"#);
    // Each goes where its own client sends.
    let Err(Error::NoSuchTarget(error)) = &results[5] else {
        panic!("{results:?}")
    };
    assert_eq!(error.routing_key, "nowhere");
    assert_eq!(guest.call_all(vec![]).await.len(), 0);
}
