//! What a user may not do is told in the broker's words, with the permission that is missing.

use oslo_messaging::TransportErrorKind::OperationRefused;

use super::case::{client, transport};
use super::case::{trials, unique};
use super::node::node;
use super::raw::{Declared, Raw};
use super::told::{User, assert_told, fail_to_call, start, start_of};

trials![
    who_may_not_configure_hears_it,
    who_may_not_publish_hears_it,
    who_may_not_bind_hears_it,
    who_may_not_consume_hears_it,
    who_may_not_use_a_routing_key_hears_it,
    names_of_the_broker_are_told,
    a_publish_to_an_internal_exchange_is_told,
];

async fn who_may_not_configure_hears_it() {
    let user = User::may("^$", ".*", ".*");
    let (says, remedy) = (["ACCESS_REFUSED"], ["configure", "set_permissions"]);
    let transport = user.transport();
    assert_told(&start(&transport).await, OperationRefused, &says, &remedy);
    assert_told(
        &fail_to_call(&transport).await,
        OperationRefused,
        &says,
        &remedy,
    );
    transport.close().await;
}

async fn who_may_not_publish_hears_it() {
    let mut raw = Raw::open().await;
    let exchange = raw.exchange("openstack", "topic", Declared::default());
    exchange.await.unwrap();
    let user = User::may(".*", "^reply", ".*");
    let transport = user.transport();
    let error = fail_to_call(&transport).await;
    transport.close().await;
    let remedy = ["write", "set_permissions"];
    assert_told(
        &error,
        OperationRefused,
        &["ACCESS_REFUSED", "openstack"],
        &remedy,
    );
}

/// To bind is to write to the queue, and to read from the exchange.
async fn who_may_not_bind_hears_it() {
    for (write, read, missing) in [("^$", ".*", "write"), (".*", "^$", "read")] {
        let user = User::may(".*", write, read);
        let transport = user.transport();
        let error = start(&transport).await;
        transport.close().await;
        let says = ["ACCESS_REFUSED", "binding queue"];
        assert_told(
            &error,
            OperationRefused,
            &says,
            &[missing, "set_permissions"],
        );
    }
}

async fn who_may_not_consume_hears_it() {
    let user = User::may(".*", ".*", "^openstack$");
    let transport = user.transport();
    let error = start(&transport).await;
    transport.close().await;
    let says = ["ACCESS_REFUSED", "consuming queue"];
    assert_told(
        &error,
        OperationRefused,
        &says,
        &["read", "set_permissions"],
    );
}

async fn who_may_not_use_a_routing_key_hears_it() {
    let mut raw = Raw::open().await;
    let exchange = raw.exchange("openstack", "topic", Declared::default());
    exchange.await.unwrap();
    let user = User::new();
    let only = [
        "set_topic_permissions",
        &user.name,
        "openstack",
        "^other$",
        ".*",
    ];
    node().control(&only).unwrap();
    let transport = user.transport();
    let error = fail_to_call(&transport).await;
    transport.close().await;
    let says = ["ACCESS_REFUSED", "topic 'any'"];
    assert_told(&error, OperationRefused, &says, &["set_topic_permissions"]);
}

async fn names_of_the_broker_are_told() {
    let transport = transport();
    let error = start_of(&transport, &unique("amq.topic")).await;
    transport.close().await;
    let remedy = ["`amq.`", "topic", "control_exchange"];
    assert_told(&error, OperationRefused, &["reserved prefix"], &remedy);
}

async fn a_publish_to_an_internal_exchange_is_told() {
    let (mut raw, exchange) = (Raw::open().await, unique("exchange"));
    let internal = Declared {
        internal: true,
        ..Declared::default()
    };
    raw.exchange(&exchange, "topic", internal).await.unwrap();
    let transport = transport();
    let client = client(&transport, "any").exchange(exchange.as_str());
    let error = super::told::source(super::case::cast(&client).await);
    transport.close().await;
    raw.delete_exchange(&exchange).await;
    let says = ["ACCESS_REFUSED", "internal exchange"];
    assert_told(&error, OperationRefused, &says, &["control_exchange"]);
}
