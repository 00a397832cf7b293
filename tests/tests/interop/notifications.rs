//! Notifications: our notifiers and listeners with Python's at the other end.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{
    Notification, NotificationEndpoint, NotificationFilter, NotificationFormat,
    NotificationListener, NotificationListenerBuilder, NotificationResult, Notifier, Priority,
    Target, Transport,
};
use oslo_messaging_tests::peer::{PythonListener, PythonNotifier, transport_url, unique_name};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

const PRIORITIES: [&str; 7] = [
    "audit", "debug", "info", "warn", "error", "critical", "sample",
];

fn transport() -> (String, Transport) {
    let url = transport_url().unwrap();
    let transport = Transport::new(&url).unwrap();
    (url, transport)
}

/// What a listener of ours is given.
struct Heard {
    notifications: mpsc::UnboundedReceiver<Notification>,
    listener: NotificationListener,
}

impl Heard {
    async fn start(builder: NotificationListenerBuilder, filter: NotificationFilter) -> Self {
        Self::answering(builder, filter, |_| NotificationResult::Handled).await
    }

    async fn answering(
        builder: NotificationListenerBuilder,
        filter: NotificationFilter,
        answer: impl Fn(&Notification) -> NotificationResult + Send + Sync + 'static,
    ) -> Self {
        let (sender, notifications) = mpsc::unbounded_channel();
        let answer = Arc::new(answer);
        let endpoint = NotificationEndpoint::new().filter(filter).on_each(
            Priority::ALL,
            move |notification: Notification| {
                let result = answer(&notification);
                let _ = sender.send(notification);
                async move { result }
            },
        );
        Self {
            notifications,
            // In their order.
            listener: builder
                .concurrency(1)
                .endpoint(endpoint)
                .start()
                .await
                .unwrap(),
        }
    }

    async fn next(&mut self) -> Notification {
        let next = timeout(Duration::from_secs(10), self.notifications.recv()).await;
        next.expect("nothing came").unwrap()
    }

    /// What it has heard is acknowledged then.
    async fn stop(self) {
        self.listener.stop().await;
    }

    async fn nothing(&mut self) {
        let next = timeout(Duration::from_millis(700), self.notifications.recv()).await;
        assert!(next.is_err(), "{next:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_listener_is_given_what_we_notify_in_both_formats() {
    let (url, transport) = transport();
    let topic = unique_name("notify");
    let notifier = Notifier::new(&transport, "compute.host-1").topics([&topic]);
    // Before anybody listens: it is kept.
    let kept = json!({"kept": true});
    notifier.info(&json!({}), "early", &kept).await.unwrap();
    let mut listener = PythonListener::start(&["--url", &url, "--topic", &topic])
        .await
        .unwrap();
    assert_eq!(listener.next().await.unwrap()["payload"], kept);

    for format in [NotificationFormat::V1, NotificationFormat::V2] {
        let notifier = notifier.prepare().format(format);
        for (priority, name) in Priority::ALL.into_iter().zip(PRIORITIES) {
            let payload = json!({"id": 7, "text": "\u{e9}\u{2603}", "of": name});
            let context = json!({"user": "alice", "roles": ["x"]});
            notifier
                .notify(priority, &context, "compute.instance.update", &payload)
                .await
                .unwrap();
            let told = listener.next().await.unwrap();
            assert_eq!(told["notified"], name);
            assert_eq!(told["payload"], payload);
            assert_eq!(told["publisher_id"], "compute.host-1");
            assert_eq!(told["event_type"], "compute.instance.update");
            assert_eq!(told["context"]["user"], "alice", "{told}");
            assert_eq!(told["context"]["roles"], json!(["x"]), "{told}");
            let metadata = told["metadata"].as_object().unwrap();
            assert_eq!(metadata["message_id"].as_str().unwrap().len(), 36);
            assert_eq!(metadata["timestamp"].as_str().unwrap().len(), 26);
        }
    }
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_listener_is_given_what_python_notifies_in_both_formats() {
    let (url, transport) = transport();
    let topic = unique_name("notify");
    let arguments = ["--publisher", "compute.host-1", "--topic", &topic];
    for driver in ["messaging", "messagingv2"] {
        let arguments = [&arguments[..], &["--driver", driver]].concat();
        let mut notifier = PythonNotifier::start(&url, &arguments).await.unwrap();
        let context = json!({"user": "alice", "auth_token": "secret"});
        let kept = json!({"kept": true});
        notifier
            .notify("warn", &context, "early", &kept)
            .await
            .unwrap();
        let builder = NotificationListener::builder(&transport, [Target::topic(&topic)]);
        let mut heard = Heard::start(builder, NotificationFilter::new()).await;
        assert_eq!(heard.next().await.payload(), Some(kept));
        for (priority, name) in Priority::ALL.into_iter().zip(PRIORITIES) {
            let payload = json!({"of": name, "\u{e9}": [1.5, null]});
            notifier
                .notify(name, &context, "a.b", &payload)
                .await
                .unwrap();
            let told = heard.next().await;
            assert_eq!(told.priority, priority);
            assert_eq!(told.payload(), Some(payload));
            assert_eq!(told.publisher_id.as_deref(), Some("compute.host-1"));
            assert_eq!(told.event_type.as_deref(), Some("a.b"));
            assert_eq!(told.context("user"), Some("alice".to_owned()));
            assert_eq!(told.context::<Value>("auth_token"), None);
            assert_eq!(told.message_id.unwrap().len(), 36);
            assert!(told.timestamp.unwrap().starts_with("20"));
            assert!(!told.redelivered);
        }
        heard.stop().await;
    }
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_of_both_kinds_get_a_copy_each() {
    let (url, transport) = transport();
    let topic = unique_name("notify");
    let (theirs, ours) = (unique_name("pool"), unique_name("pool"));
    let python = ["--url", &url, "--topic", &topic, "--priority", "info"];
    let mut first = PythonListener::start(&[&python[..], &["--pool", &theirs]].concat())
        .await
        .unwrap();
    let builder = || NotificationListener::builder(&transport, [Target::topic(&topic)]);
    let all = NotificationFilter::new;
    let mut second = Heard::start(builder().pool(&*ours), all()).await;
    // One of a pool of both.
    let mut shared = Heard::start(builder().pool(&*theirs), all()).await;
    let mut without = Heard::start(builder(), all()).await;
    let notifier = Notifier::new(&transport, None).topics([&topic]);
    for number in 0..10 {
        notifier
            .info(&json!({}), "a", &json!({"n": number}))
            .await
            .unwrap();
    }
    let mut of_pool = 0;
    for number in 0..10 {
        let payload = Some(json!({"n": number}));
        assert_eq!(without.next().await.payload(), payload);
        assert_eq!(second.next().await.payload(), payload);
    }
    while first.nothing().await.is_err() {
        of_pool += 1;
    }
    assert!((1..10).contains(&of_pool), "{of_pool}");
    for _ in of_pool..10 {
        shared.next().await;
    }
    shared.nothing().await;
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_requeued_comes_again() {
    let (url, transport) = transport();
    let topic = unique_name("notify");
    // Python's is given it three times.
    let notifier = Notifier::new(&transport, "us").topics([&topic]);
    let requeueing = ["--url", &url, "--topic", &topic, "--requeue", "2"];
    let mut listener = PythonListener::start(&requeueing).await.unwrap();
    notifier.error(&json!({}), "a", &json!(1)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(listener.next().await.unwrap()["payload"], 1);
    }
    listener.nothing().await.unwrap();
    drop(listener);

    // And ours.
    let topic = unique_name("notify");
    let mut notifier = PythonNotifier::start(&url, &["--topic", &topic])
        .await
        .unwrap();
    let builder = || NotificationListener::builder(&transport, [Target::topic(&topic)]);
    let answer = |notification: &Notification| {
        if notification.redelivered {
            NotificationResult::Handled
        } else {
            NotificationResult::Requeue
        }
    };
    let all = NotificationFilter::new;
    let mut heard = Heard::answering(builder().allow_requeue(true), all(), answer).await;
    notifier
        .notify("info", &json!({}), "a", &json!(2))
        .await
        .unwrap();
    for redelivered in [false, true] {
        let told = heard.next().await;
        assert_eq!((told.payload(), told.redelivered), (Some(2), redelivered));
    }
    heard.nothing().await;
    drop(heard);

    // Unless it is not allowed.
    let mut heard = Heard::answering(builder(), all(), answer).await;
    notifier
        .notify("info", &json!({}), "a", &json!(3))
        .await
        .unwrap();
    assert_eq!(heard.next().await.payload(), Some(3));
    heard.nothing().await;
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_pass_what_python_s_pass() {
    let mut python = PythonListener::start(&["--match"]).await.unwrap();
    let (_, transport) = transport();
    let topic = unique_name("notify");
    let notifier = Notifier::new(&transport, "compute.host-1").topics([&topic]);
    let payload = json!({"state": "active", "n": 7, "text": "two\nlines", "none": null});
    let context = json!({"tenant": "5f64", "roles": ["a"]});
    let builder = NotificationListener::builder(&transport, [Target::topic(&topic)]);
    let mut heard = Heard::start(builder, NotificationFilter::new()).await;
    notifier.info(&context, "a.b", &payload).await.unwrap();
    let told = heard.next().await;
    let metadata = json!({"message_id": told.message_id, "timestamp": told.timestamp});
    let notification = json!({"context": context, "publisher_id": told.publisher_id,
        "event_type": told.event_type, "metadata": metadata, "payload": payload});

    let regexes = [
        "",
        ".*",
        "^compute.*",
        "compute",
        "host",
        "a",
        "a.b$",
        r"a\.b\Z",
        "A",
        "(?i)A",
        "(?!b)a",
        r"(\w)\1",
        "5",
        "^5f64$",
        "active|x",
        "^two$",
        "(?m)^two$",
        r"two\slines",
        "7",
        "20",
        r"\d{4}-\d\d-\d\d ",
        "(?P<name>a)",
        r"[^\W\d]+",
        "b|a",
    ];
    let mut passed = 0;
    for regex in regexes {
        let all = NotificationFilter::new;
        let filters = [
            (json!({"publisher_id": regex}), all().publisher_id(regex)),
            (json!({"event_type": regex}), all().event_type(regex)),
            (
                json!({"context": {"tenant": regex}}),
                all().context("tenant", regex),
            ),
            (
                json!({"context": {"roles": regex}}),
                all().context("roles", regex),
            ),
            (
                json!({"context": {"user": regex}}),
                all().context("user", regex),
            ),
            (
                json!({"metadata": {"timestamp": regex}}),
                all().metadata("timestamp", regex),
            ),
            (
                json!({"metadata": {"other": regex}}),
                all().metadata("other", regex),
            ),
            (
                json!({"payload": {"state": regex}}),
                all().payload("state", regex),
            ),
            (
                json!({"payload": {"text": regex}}),
                all().payload("text", regex),
            ),
            (json!({"payload": {"n": regex}}), all().payload("n", regex)),
            (
                json!({"payload": {"none": regex}}),
                all().payload("none", regex),
            ),
            (
                json!({"payload": {"state": "act", "text": regex}}),
                all()
                    .payload("state", "act")
                    .unwrap()
                    .payload("text", regex),
            ),
        ];
        for (rules, filter) in filters {
            let theirs = python.matches(&rules, &notification).await.unwrap();
            assert_eq!(filter.unwrap().matches(&told), theirs, "{rules}");
            passed += usize::from(theirs);
        }
    }
    assert!(passed > 40, "only {passed} passed");
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_on_both_sides_get_what_their_filter_passes() {
    let (url, transport) = transport();
    let topic = unique_name("notify");
    let pool = unique_name("pool");
    let rules = r#"{"event_type": "^compute\\.", "payload": {"state": "^on$"}}"#;
    let arguments = ["--url", &url, "--topic", &topic, "--filter", rules];
    let mut listener = PythonListener::start(&arguments).await.unwrap();
    let filter = NotificationFilter::new().event_type(r"^compute\.");
    let filter = filter.unwrap().payload("state", "^on$").unwrap();
    let builder = NotificationListener::builder(&transport, [Target::topic(&topic)]);
    let mut heard = Heard::start(builder.pool(&*pool), filter).await;
    let notifier = Notifier::new(&transport, "us").topics([&topic]);
    for (event_type, state) in [
        ("network.a", "on"),
        ("compute.a", "off"),
        ("compute.b", "on"),
        ("x.compute.c", "on"),
    ] {
        let payload = json!({"state": state});
        notifier
            .info(&json!({}), event_type, &payload)
            .await
            .unwrap();
    }
    assert_eq!(listener.next().await.unwrap()["event_type"], "compute.b");
    listener.nothing().await.unwrap();
    assert_eq!(heard.next().await.event_type.as_deref(), Some("compute.b"));
    heard.nothing().await;
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_and_exchanges_are_those_of_python() {
    let (url, transport) = transport();
    let (one, two) = (unique_name("notify"), unique_name("notify"));
    let exchange = unique_name("exchange");
    let arguments = ["--url", &url, "--topic", &one, "--topic", &two];
    let mut default = PythonListener::start(&arguments).await.unwrap();
    let arguments = ["--url", &url, "--topic", &one, "--exchange", &exchange];
    let pool = unique_name("pool");
    let mut other = PythonListener::start(&[&arguments[..], &["--pool", &pool]].concat())
        .await
        .unwrap();
    let notifier = Notifier::new(&transport, "us").topics([&one, &two]);
    notifier.info(&json!({}), "a", &json!({})).await.unwrap();
    let copies = [default.next().await.unwrap(), default.next().await.unwrap()];
    let id = |told: &Value| told["metadata"]["message_id"].clone();
    assert_eq!(id(&copies[0]), id(&copies[1]));
    other.nothing().await.unwrap();

    // The exchange is the transport's.
    let mut options = oslo_messaging::TransportOptions::default();
    options.control_exchange.clone_from(&exchange);
    let elsewhere = Transport::with_options(&url.parse().unwrap(), options).unwrap();
    let notifier = Notifier::new(&elsewhere, "us").topics([&one]);
    notifier.info(&json!({}), "b", &json!({})).await.unwrap();
    assert_eq!(other.next().await.unwrap()["event_type"], "b");
    elsewhere.close().await;
    transport.close().await;
}

/// Whoever comes second declares what the first one declared: durable or not, with which arguments. A
/// broker refuses other ones, and Python gives up.
#[tokio::test(flavor = "multi_thread")]
async fn queues_are_declared_as_python_declares_them() {
    for option in [
        None,
        Some("amqp_durable_queues"),
        Some("rabbit_quorum_queue"),
        Some("amqp_auto_delete"),
    ] {
        let url = transport_url().unwrap();
        let topic = unique_name("notify");
        let exchange = unique_name("exchange");
        let mut options = oslo_messaging::TransportOptions::default();
        options.control_exchange.clone_from(&exchange);
        if let Some(option) = option {
            options.rabbit.set(option, "true").unwrap();
        }
        let transport = Transport::with_options(&url.parse().unwrap(), options).unwrap();
        let notifier = Notifier::new(&transport, "us").topics([&topic]);
        notifier.info(&json!({}), "a", &json!({})).await.unwrap();
        let control = format!("control_exchange={exchange}");
        let option = option.map(|option| format!("oslo_messaging_rabbit.{option}=true"));
        let mut arguments = vec!["--url", &url, "--topic", &topic, "--option", &control];
        if let Some(option) = &option {
            arguments.extend(["--option", option]);
        }
        let mut listener = PythonListener::start(&arguments).await.unwrap();
        assert_eq!(
            listener.next().await.unwrap()["event_type"],
            "a",
            "{option:?}"
        );
        transport.close().await;
    }
}
