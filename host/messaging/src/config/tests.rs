use super::*;
use crate::Transport;

#[test]
fn a_services_whole_file_can_be_given() {
    let options = TransportOptions::from_ini(
        "# nova\n\
         [DEFAULT]\n\
         debug = true\n\
         transport_url = rabbit://u:p%2Fw@h1:1,\n    \
            u:p%2Fw@h2:2/v\n\
         rpc_response_timeout = 90\n\
         control_exchange: nova\n\
         \n\
         [api_database]\n\
         connection = mysql+pymysql://x\n\
         [oslo_messaging_rabbit]\n\
         ; fleet settings\n\
         rabbit_quorum_queue = True\n\
         kombu_compression = gzip\n\
         rpc_conn_pool_size = 30\n\
         kombu_reconnect_timeout = 5\n",
    )
    .unwrap();
    let url = options.transport_url.as_ref().unwrap();
    let hosts: Vec<_> = url.hosts().iter().map(|host| host.name()).collect();
    assert_eq!(hosts, [Some("h1"), Some("h2")]);
    assert_eq!(url.hosts()[1].password(), Some("p/w"));
    assert_eq!(options.control_exchange, "nova");
    assert_eq!(options.rpc_response_timeout, Duration::from_secs(90));
    assert!(options.rabbit.rabbit_quorum_queue);
    assert_eq!(options.missing_queue_timeout(), Duration::from_secs(5));
    assert!(options.mandatory_replies());
}

#[test]
fn nothing_is_needed() {
    for text in [
        "",
        "[DEFAULT]\ntransport_url =\n",
        "[oslo_messaging_rabbit]\n",
    ] {
        let options = TransportOptions::from_ini(text).unwrap();
        assert!(options.transport_url.is_none(), "{text}");
        assert_eq!(options.control_exchange, "openstack", "{text}");
        assert_eq!(options.rabbit, RabbitOptions::default(), "{text}");
    }
}

#[test]
fn the_url_overrides_the_section() {
    let options = TransportOptions::from_ini(
        "[oslo_messaging_rabbit]\n\
         kombu_missing_consumer_retry_timeout = 7\n\
         amqp_durable_queues = true\n\
         [DEFAULT]\n\
         transport_url = rabbit://h?kombu_missing_consumer_retry_timeout=3\n",
    )
    .unwrap();
    let transport = Transport::from_options(options).unwrap();
    assert_eq!(
        transport.options.missing_queue_timeout(),
        Duration::from_secs(3)
    );
    assert!(transport.options.rabbit.amqp_durable_queues);
}

#[test]
fn options_of_both_places_have_to_fit_together() {
    let text = |url: &str, option: &str| {
        format!("[DEFAULT]\ntransport_url = {url}\n[oslo_messaging_rabbit]\n{option}\n")
    };
    let key_alone = text("rabbit://h", "ssl_key_file = /key");
    let error = TransportOptions::from_ini(&key_alone).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 4: option `ssl_key_file` cannot be `/key`: \
         expected `ssl_cert_file` beside it in `[oslo_messaging_rabbit]`"
    );
    let both = text("rabbit://h?ssl_cert_file=/cert", "ssl_key_file = /key");
    Transport::from_options(TransportOptions::from_ini(&both).unwrap()).unwrap();
    Transport::new("rabbit://h?ssl_cert_file=/cert").unwrap_err();
}

#[test]
fn errors_name_line_and_option_and_never_a_password() {
    let check = |text: &str, expected: &str| {
        let error = TransportOptions::from_ini(text).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    };
    check(
        "[oslo_messaging_rabbit]\nrabbit_quorum_queues = true",
        "line 2: unknown option `rabbit_quorum_queues`, did you mean `rabbit_quorum_queue`? \
         in `[oslo_messaging_rabbit]`",
    );
    check(
        "[oslo_messaging_rabbit]\n\nssl = perhaps",
        "line 3: option `ssl` cannot be `perhaps`: expected true or false \
         in `[oslo_messaging_rabbit]`",
    );
    check(
        "[DEFAULT]\nrpc_response_timeout = soon",
        "line 2: option `rpc_response_timeout` cannot be `soon`: expected a number of seconds",
    );
    check(
        "[DEFAULT]\ntransport_url = rabbit://u:secret@h:x",
        "line 2: the port of host 1 in the transport URL is not a number from 1 to 65535",
    );
    check(
        "[DEFAULT]\ntransport_url = rabbit://u:se$cret@h",
        "line 2: the value refers to an option, which is not set here (a `$` is written `$$`)",
    );
    check(
        "[DEFAULT]\ncontrol_exchange = $nova",
        "line 2: the value refers to option `nova`, which is not set here \
         (a `$` is written `$$`)",
    );
    check(
        "[DEFAULT]\ndebug = true\ntransport_ulr = rabbit://u:secret@h",
        "line 3: unknown option `transport_ulr` in `[DEFAULT]`, did you mean `transport_url`?",
    );
    check(
        "\n[oslo_messaging_rabit]\nssl = true",
        "line 2: unknown section `[oslo_messaging_rabit]`, did you mean `[oslo_messaging_rabbit]`?",
    );
}

#[test]
fn what_is_somebody_elses_is_left_alone() {
    let options = TransportOptions::from_ini(
        "[DEFAULT]\nrpc_workers = 4\nlog_file = nova.log\nlong_rpc_timeout = 1800\n\
         [oslo_messaging_kafka]\nx = y\n[oslo_messaging_amqp]\n[oslo_messaging_metrics]\n\
         [oslo_messaging_notifications]\ntransport_ulr = x\n",
    );
    assert_eq!(options.unwrap().rabbit, RabbitOptions::default());
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = TransportOptions::from_ini_file("/nonexistent/nova.conf").unwrap_err();
    assert!(
        error.to_string().starts_with("/nonexistent/nova.conf: "),
        "{error}"
    );
    assert_eq!(error.line(), None);
}
