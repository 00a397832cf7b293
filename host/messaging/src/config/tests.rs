use super::*;
use crate::Transport;

/// What is not read of a text, and the options that are.
fn read(text: &str) -> (TransportOptions, Vec<String>) {
    let read = read_text(text.as_bytes()).unwrap();
    let warnings = read.warnings.iter().map(ToString::to_string);
    (read.options, warnings.collect())
}

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
}

#[test]
fn what_nobody_reads_is_one_warning_and_the_rest_holds() {
    let check = |text: &str, expected: &[&str]| {
        let (options, warnings) = read(&format!("{text}\n[DEFAULT]\ncontrol_exchange = x"));
        assert_eq!(warnings, expected, "{text}");
        assert_eq!(options.control_exchange, "x", "{text}");
        assert_eq!(options.rabbit, RabbitOptions::default(), "{text}");
    };
    let rabbit = |line: &str, expected: &[&str]| {
        check(&format!("[oslo_messaging_rabbit]\n{line}"), expected);
    };
    rabbit(
        "rabbit_quorum_queues = true",
        &[
            "line 2: unknown option `rabbit_quorum_queues` in `[oslo_messaging_rabbit]`, \
           did you mean `rabbit_quorum_queue`?",
        ],
    );
    // Hyphens are for command lines: oslo.config does not read them in a file.
    rabbit(
        "rabbit-quorum-queue = true",
        &[
            "line 2: unknown option `rabbit-quorum-queue` in `[oslo_messaging_rabbit]`, \
           did you mean `rabbit_quorum_queue`?",
        ],
    );
    rabbit(
        "x = $y",
        &["line 2: unknown option `x` in `[oslo_messaging_rabbit]`"],
    );
    rabbit(
        "heartbeat_rate = 2\n\nheartbeat_rate = 3",
        &[
            "line 4: option `heartbeat_rate` in `[oslo_messaging_rabbit]` has no effect here: \
           heartbeats are sent when they are due",
        ],
    );
    rabbit(
        "channel_max = 5",
        &[
            "line 2: option `channel_max` in `[oslo_messaging_rabbit]` is not read since \
           oslo.messaging 6.0.0: it was one of the driver `pika`, which is gone",
        ],
    );
    check(
        "[DEFAULT]\ndebug = true\ntransport_ulr = rabbit://u:secret@h",
        &["line 3: unknown option `transport_ulr` in `[DEFAULT]`, did you mean `transport_url`?"],
    );
    check(
        "[DEFAULT]\nrpc_conn_pool_size = 64\nchannel_max = 1\nssl = true",
        &[
            "line 2: option `rpc_conn_pool_size` in `[DEFAULT]` is not read: it belongs into \
           `[oslo_messaging_rabbit]`",
        ],
    );
    check(
        "\n[oslo_messaging_rabit]\nssl = true\n[oslo_messaging_rabit]",
        &[
            "line 2: unknown section `[oslo_messaging_rabit]`, did you mean \
           `[oslo_messaging_rabbit]`?",
        ],
    );
}

#[test]
fn what_was_removed_says_what_it_changes_if_it_does() {
    let check = |text: &str, changes: &[Option<&str>]| {
        let read = read_text(text.as_bytes()).unwrap();
        let unread = read.warnings.iter().map(|warning| match warning.unread() {
            Unread::Removed { changes, .. } => *changes,
            other => panic!("{text}: {other:?}"),
        });
        assert_eq!(unread.collect::<Vec<_>>(), changes, "{text}");
    };
    let rabbit = |options: &str, changes: &[Option<&str>]| {
        let url = "[DEFAULT]\ntransport_url = rabbit://h/\n[oslo_messaging_rabbit]\n";
        check(&format!("{url}{options}"), changes);
    };
    let plain = Some("without `ssl` the connection is plain, as the service's own is");
    rabbit("rabbit_use_ssl = True", &[plain]);
    rabbit("rabbit_use_ssl = False", &[None]);
    rabbit("rabbit_use_ssl = true\nssl = true", &[None]);
    // What a URL says counts as well.
    check(
        "[DEFAULT]\ntransport_url = rabbit://h/?ssl=1\n[oslo_messaging_rabbit]\nrabbit_use_ssl = on",
        &[None],
    );
    let trusted = Some(
        "without `ssl_ca_file` the authorities of this machine are trusted, by the service too",
    );
    rabbit("kombu_ssl_ca_certs = /ca", &[None]);
    rabbit("kombu_ssl_ca_certs = /ca\nssl = true", &[trusted]);
    rabbit(
        "kombu_ssl_ca_certs = /ca\nssl = true\nssl_ca_file = /ca",
        &[None],
    );
    let transient = Some(
        "without `amqp_durable_queues` exchanges and queues are not durable, as the service's own \
         are not",
    );
    rabbit("rabbit_durable_queues = true", &[transient]);
    rabbit("rabbit_durable_queues = false", &[None]);
    rabbit(
        "rabbit_durable_queues = true\nrabbit_quorum_queue = true",
        &[None],
    );
    let unlimited = Some("queues are declared without the limit, as the service's own are");
    rabbit("rabbit_quroum_max_memory_bytes = 5", &[None]);
    rabbit(
        "rabbit_quroum_max_memory_bytes = 5\nrabbit_quorum_queue = 1",
        &[unlimited],
    );
    rabbit("rabbit_host = h", &[None]);
    let here = Some(
        "without a `transport_url` the broker is `rabbit://`, this machine's, as the service's own is",
    );
    check(
        "[DEFAULT]\nrabbit_host = h\nrabbit_password = secret",
        &[here, here],
    );
    check("[DEFAULT]\nrpc_backend = rabbit", &[None]);
    check(
        "[DEFAULT]\nrpc_backend = neutron.openstack.common.rpc.impl_kombu",
        &[None],
    );
    let other = Some("the driver is `rabbit`, or what `transport_url` says");
    check("[DEFAULT]\nrpc_backend = qpid", &[other]);
}

#[test]
fn a_value_that_is_read_has_to_be_utf8() {
    let read =
        read_text(b"[DEFAULT]\n# caf\xe9\nname = caf\xe9\ncontrol_exchange = nova\n").unwrap();
    assert_eq!(read.options.control_exchange, "nova");
    let error = read_text(b"[DEFAULT]\ncontrol_exchange = caf\xe9\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: the value of option `control_exchange` is not UTF-8: write the file as UTF-8"
    );
}

#[test]
fn of_two_names_for_an_option_the_present_one_counts() {
    let timeout = |text: &str| {
        read(text)
            .0
            .rabbit
            .kombu_missing_consumer_retry_timeout
            .as_secs()
    };
    let section = "[oslo_messaging_rabbit]";
    let (old, new) = (
        "kombu_reconnect_timeout",
        "kombu_missing_consumer_retry_timeout",
    );
    assert_eq!(timeout(&format!("{section}\n{old} = 5")), 5);
    assert_eq!(timeout(&format!("{section}\n{new} = 7\n{old} = 5")), 7);
    assert_eq!(timeout(&format!("{section}\n{old} = 5\n{new} = 7")), 7);
}

#[test]
fn files_and_folders_override_each_other_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    let first = write(
        "first.conf",
        "[DEFAULT]\nhost = mq1\ncontrol_exchange = first\nrpc_response_timeout = 1\n\
         [oslo_messaging_rabbit]\nrabbit_ha_queues = true\n",
    );
    let second = write(
        "second.conf",
        "[DEFAULT]\ntransport_url = rabbit://u:secret@${host}/\n",
    );
    write("d/10.conf", "[DEFAULT]\ncontrol_exchange = ten\n");
    let late = write(
        "d/9.conf",
        "[DEFAULT]\ncontrol_exchange = nine\nhost = mq2\n",
    );
    write("d/.hidden.conf", "nonsense");
    write("d/9.conf.orig", "nonsense");
    let files = ConfigFiles::new().file(&first).file(&second);
    let read = files
        .clone()
        .folder(folder.path().join("d"))
        .read()
        .unwrap();
    assert_eq!(read.options.control_exchange, "nine");
    assert_eq!(read.options.rpc_response_timeout, Duration::from_secs(1));
    let url = read.options.transport_url.unwrap();
    assert_eq!(url.hosts()[0].name(), Some("mq2"));
    let [warning] = &read.warnings[..] else {
        panic!("{:?}", read.warnings)
    };
    assert_eq!((warning.file(), warning.line()), (Some(&*first), Some(6)));
    assert_eq!(warning.option(), Some("rabbit_ha_queues"));
    // A folder before a file is overridden by it.
    let turned = ConfigFiles::new()
        .folder(folder.path().join("d"))
        .file(&first);
    assert_eq!(turned.read().unwrap().options.control_exchange, "first");

    std::fs::write(
        &late,
        "[oslo_messaging_rabbit]\nssl = perhaps\nssl_cafile = x\n",
    )
    .unwrap();
    let error = ConfigFiles::new().file(&late).read().unwrap_err();
    assert_eq!((error.file(), error.line()), (Some(&*late), Some(2)));
    std::fs::write(&late, "[oslo_messaging_rabbit]\nssl_cafile = x\n").unwrap();
    files.clone().file(&late).read().unwrap();
    // What merely has no effect is no mistake.
    files.clone().strict(true).read().unwrap();
    let error = files.file(&late).strict(true).read().unwrap_err();
    let expected = format!(
        "{}:2: unknown option `ssl_cafile` in `[oslo_messaging_rabbit]`, \
         did you mean `ssl_ca_file`?",
        late.display()
    );
    assert_eq!(error.to_string(), expected);
    let absent = folder.path().join("absent");
    let error = ConfigFiles::new().folder(&absent).read().unwrap_err();
    assert_eq!(error.file(), Some(&*absent));
}

#[test]
fn what_is_somebody_elses_is_left_alone() {
    let (options, warnings) = read(
        "[DEFAULT]\nrpc_workers = 4\nlog_file = nova.log\nlong_rpc_timeout = 1800\n\
         [oslo_messaging_kafka]\nx = y\n[oslo_messaging_amqp]\n[oslo_messaging_metrics]\n\
         [oslo_messaging_notifications]\ntransport_ulr = x\n[OSLO_MESSAGING_RABBIT]\n",
    );
    assert_eq!(options.rabbit, RabbitOptions::default());
    assert_eq!(warnings, [""; 0]);
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
