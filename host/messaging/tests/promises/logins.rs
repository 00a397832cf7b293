//! What a broker refuses while a connection is opened is told apart, with what was said and what to do.

use oslo_messaging::Transport;
use oslo_messaging::TransportErrorKind::{
    HandshakeFailed, LimitReached, LoginRefused, UnknownVirtualHost,
};

use super::case::{client, echo, transport, trials, unique};
use super::node::{Login, node};
use super::told::{User, assert_told, fail_to_call, source, start};

trials![
    a_wrong_password_is_told,
    an_unknown_virtual_host_is_told,
    a_forbidden_virtual_host_is_told,
    a_users_limit_of_connections_is_told,
    a_virtual_hosts_limit_of_connections_is_told,
    a_nodes_limit_of_connections_is_told,
    a_virtual_host_that_is_down_is_told,
    a_login_that_is_too_long_is_told,
];

async fn a_wrong_password_is_told() {
    let login = Login {
        password: "not-to-be-printed".to_owned(),
        ..Login::of_the_node()
    };
    let transport = Transport::new(&login.url("")).unwrap();
    for error in [fail_to_call(&transport).await, start(&transport).await] {
        let remedy = ["password", "rabbit_login_method", "guest"];
        assert_told(&error, LoginRefused, &["ACCESS_REFUSED"], &remedy);
    }
    transport.close().await;
}

async fn an_unknown_virtual_host_is_told() {
    let transport = within("no-such-vhost", &Login::of_the_node());
    let error = fail_to_call(&transport).await;
    transport.close().await;
    let says = ["NOT_ALLOWED", "no-such-vhost", "not found"];
    assert_told(
        &error,
        UnknownVirtualHost,
        &says,
        &["add_vhost", "transport_url"],
    );
}

async fn a_forbidden_virtual_host_is_told() {
    let (user, vhost) = (User::new(), Vhost::new());
    let transport = within(&vhost.0, &user.login());
    let error = fail_to_call(&transport).await;
    transport.close().await;
    let says = ["NOT_ALLOWED", &vhost.0, "refused"];
    assert_told(&error, UnknownVirtualHost, &says, &["set_permissions -p"]);
    assert!(!error.to_string().contains(&user.name), "{error}");
}

async fn a_users_limit_of_connections_is_told() {
    let user = User::new();
    user.limit(r#"{"max-connections": 0}"#);
    let transport = user.transport();
    let error = fail_to_call(&transport).await;
    transport.close().await;
    let says = ["NOT_ALLOWED", "user connection limit (0) is reached"];
    assert_told(
        &error,
        LimitReached,
        &says,
        &["max-connections", "set_user_limits"],
    );
    assert!(!error.to_string().contains(&user.name), "{error}");
}

async fn a_virtual_hosts_limit_of_connections_is_told() {
    let vhost = Vhost::new();
    let login = Login::of_the_node();
    vhost.let_in(&login);
    vhost.limit(r#"{"max-connections": 0}"#);
    let transport = within(&vhost.0, &login);
    let error = fail_to_call(&transport).await;
    transport.close().await;
    let says = ["NOT_ALLOWED", "connection limit (0) is reached"];
    assert_told(
        &error,
        LimitReached,
        &says,
        &["max-connections", "set_vhost_limits"],
    );
}

/// RabbitMQ 3 has no such limit.
async fn a_nodes_limit_of_connections_is_told() {
    let set = |limit: &str| {
        let set = format!("application:set_env(rabbit, connection_max, {limit}).");
        node().control(&["eval", &set]).unwrap();
    };
    set("0");
    let transport = transport();
    let sent = echo(&client(&transport, "any").retry(0)).await;
    set("infinity");
    transport.close().await;
    if node().version().major() < 4 {
        assert!(sent.unwrap_err().is_no_such_target());
        return;
    }
    let says = ["NOT_ALLOWED", "node connection limit (0) is reached"];
    let error = source(sent.map(drop));
    assert_told(&error, LimitReached, &says, &["connection_max"]);
}

async fn a_virtual_host_that_is_down_is_told() {
    let vhost = Vhost::new();
    let login = Login::of_the_node();
    vhost.let_in(&login);
    // Its supervisors start it again, until it has failed too often.
    let stop = format!(
        "Name = <<\"{}\">>, \
         Stop = fun Stop(0) -> up; \
                    Stop(More) -> \
                        case rabbit_vhost_sup_sup:get_vhost_sup(Name) of \
                            {{ok, Pid}} -> exit(Pid, kill); \
                            _ -> starting \
                        end, \
                        timer:sleep(500), \
                        case rabbit_vhost_sup_sup:is_vhost_alive(Name) of \
                            false -> down; \
                            true -> Stop(More - 1) \
                        end \
                end, \
         down = Stop(20).",
        vhost.0
    );
    node().control(&["eval", &stop]).unwrap();
    let transport = within(&vhost.0, &login);
    let error = fail_to_call(&transport).await;
    transport.close().await;
    let says = ["INTERNAL_ERROR", &vhost.0, "is down"];
    assert_told(&error, HandshakeFailed, &says, &["restart_vhost"]);
    assert!(!error.to_string().contains(&login.user), "{error}");
}

/// As a token in the place of a password may be. The broker only hangs up.
async fn a_login_that_is_too_long_is_told() {
    let login = Login {
        password: "t".repeat(10_000),
        ..Login::of_the_node()
    };
    let transport = Transport::new(&login.url("")).unwrap();
    let error = fail_to_call(&transport).await;
    transport.close().await;
    assert_told(
        &error,
        LoginRefused,
        &["login of 10"],
        &["initial_frame_max"],
    );
    assert!(!error.to_string().contains("ttt"), "{error}");
}

fn within(virtual_host: &str, login: &Login) -> Transport {
    let url = login.url("").replace("/?", &format!("/{virtual_host}?"));
    Transport::new(&url).unwrap()
}

/// A virtual host of the tests' node, which is gone when this is dropped.
pub(crate) struct Vhost(pub(crate) String);

impl Vhost {
    pub(crate) fn new() -> Self {
        let name = unique("vhost");
        node().control(&["add_vhost", &name]).unwrap();
        Self(name)
    }

    fn let_in(&self, login: &Login) {
        let permissions = ["set_permissions", "-p", &self.0, &login.user];
        node()
            .control(&[&permissions[..], &[".*"; 3]].concat())
            .unwrap();
    }

    fn limit(&self, limits: &str) {
        node()
            .control(&["set_vhost_limits", "-p", &self.0, limits])
            .unwrap();
    }
}

impl Drop for Vhost {
    fn drop(&mut self) {
        drop(node().control(&["delete_vhost", &self.0]));
    }
}
