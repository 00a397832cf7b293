//! What a broker refuses for a reason is told in its words and with the remedy that fits, not as a
//! connection that broke.

use std::time::Duration;

use oslo_messaging::{Error, RpcServer, Target, Transport, TransportError, TransportErrorKind};

use super::amqp::{BASIC_PUBLISH, Frame, QUEUE_DECLARE};
use super::case::{LIMIT, becomes, client, echo, transport_at, trials, unique};
use super::node::{Login, node};
use super::raw::{Declared, Raw};
use super::scripted::{Answer, Scripted};

trials![
    a_server_whose_transient_queues_are_refused_hears_the_options,
    a_caller_whose_transient_queues_are_refused_gets_a_durable_one,
    a_server_without_permission_hears_of_permissions,
    a_caller_without_permission_hears_of_permissions,
    a_publisher_without_permission_hears_of_permissions,
    a_queue_of_another_type_is_told_with_the_options,
];

async fn a_server_whose_transient_queues_are_refused_hears_the_options() {
    let scripted = refusing_transient_queues().await;
    let transport = transport_at(scripted.port, "");
    let error = start(&transport).await;
    transport.close().await;
    assert_told(&error, &["transient_nonexcl_queues", "deprecated"]);
    assert_told(&error, &["amqp_durable_queues", "rabbit_quorum_queue"]);
    assert_eq!(
        error.kind(),
        TransportErrorKind::OperationRefused,
        "{error}"
    );
}

/// Its reply queue may be durable, and then there is nothing to complain of.
async fn a_caller_whose_transient_queues_are_refused_gets_a_durable_one() {
    let scripted = refusing_transient_queues().await;
    let transport = transport_at(scripted.port, "");
    let call = tokio::spawn({
        let client = client(&transport, "any");
        async move { drop(echo(&client).await) }
    });
    let is_sent = async || scripted.seen().methods.contains_key(&BASIC_PUBLISH);
    let is_sent = becomes(LIMIT, is_sent).await;
    call.abort();
    transport.close().await;
    assert!(is_sent, "{:?}", scripted.seen());
}

async fn a_server_without_permission_hears_of_permissions() {
    let user = User::may("^$", ".*", ".*");
    let error = start(&user.transport()).await;
    assert_told(&error, &["ACCESS_REFUSED", "permission", "configure"]);
    assert_eq!(
        error.kind(),
        TransportErrorKind::OperationRefused,
        "{error}"
    );
}

async fn a_caller_without_permission_hears_of_permissions() {
    let user = User::may("^$", ".*", ".*");
    let error = fail_to_call(&user.transport()).await;
    assert_told(&error, &["ACCESS_REFUSED", "permission", "configure"]);
    assert_eq!(
        error.kind(),
        TransportErrorKind::OperationRefused,
        "{error}"
    );
}

async fn a_publisher_without_permission_hears_of_permissions() {
    let mut raw = Raw::open().await;
    let exchange = raw.exchange("openstack", "topic", Declared::default());
    exchange.await.unwrap();
    let user = User::may(".*", "^reply", ".*");
    let error = fail_to_call(&user.transport()).await;
    assert_told(&error, &["ACCESS_REFUSED", "permission", "write"]);
    assert_eq!(
        error.kind(),
        TransportErrorKind::OperationRefused,
        "{error}"
    );
}

/// It can neither be declared nor used as it is.
async fn a_queue_of_another_type_is_told_with_the_options() {
    const REFUSAL: &str = "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' \
                           in vhost '/': received none but current is the value 'quorum'";
    let scripted = Scripted::start(2047, |frame| match frame.id() {
        Some(QUEUE_DECLARE) => Answer::CloseChannel(406, REFUSAL),
        _ => Answer::Good,
    });
    let scripted = scripted.await;
    let transport = transport_at(scripted.port, "");
    let error = start(&transport).await;
    transport.close().await;
    assert_told(&error, &["x-queue-type", "rabbit_quorum_queue"]);
    assert_eq!(
        error.kind(),
        TransportErrorKind::OperationRefused,
        "{error}"
    );
}

async fn start(transport: &Transport) -> TransportError {
    let target = Target::topic(unique("topic")).server("host-1");
    let started = RpcServer::builder(transport, target).start().await;
    match started.unwrap_err() {
        Error::DeliveryFailure { source, .. } => source,
        other => panic!("{other:?}"),
    }
}

async fn fail_to_call(transport: &Transport) -> TransportError {
    let client = client(transport, "any").timeout(Duration::from_secs(5));
    match echo(&client).await.unwrap_err() {
        Error::DeliveryFailure { source, .. } => source,
        other => panic!("{other:?}"),
    }
}

fn assert_told(error: &TransportError, words: &[&str]) {
    let text = error.to_string();
    let missing: Vec<_> = words.iter().filter(|word| !text.contains(**word)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing in: {text}");
}

/// As RabbitMQ 4.3 refuses them: by ending the connection.
async fn refusing_transient_queues() -> Scripted {
    const REFUSAL: &str = "INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated. By \
                           default, this feature is not permitted anymore.";
    Scripted::start(2047, |frame| match frame.id() {
        Some(QUEUE_DECLARE) if !is_durable(frame) => Answer::CloseConnection(541, REFUSAL),
        _ => Answer::Good,
    })
    .await
}

fn is_durable(declare: &Frame) -> bool {
    let mut arguments = declare.arguments();
    arguments.u16();
    arguments.short();
    arguments.u8() & 2 == 2
}

/// A user of the tests' node, who is gone when this is dropped.
struct User {
    name: String,
}

impl User {
    fn may(configure: &str, write: &str, read: &str) -> Self {
        let (node, name) = (node(), unique("user"));
        node.control(&["add_user", &name, PASSWORD]).unwrap();
        let permissions = ["set_permissions", &name, configure, write, read];
        node.control(&permissions).unwrap();
        Self { name }
    }

    fn transport(&self) -> Transport {
        let login = Login {
            user: self.name.clone(),
            password: PASSWORD.to_owned(),
            port: node().port(),
        };
        Transport::new(&login.url("")).unwrap()
    }
}

impl Drop for User {
    fn drop(&mut self) {
        drop(node().control(&["delete_user", &self.name]));
    }
}

const PASSWORD: &str = "not-to-be-printed";
