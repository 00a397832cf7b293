use super::*;

fn set(name: &str, value: &str) -> Result<RabbitOptions, OptionError> {
    let mut options = RabbitOptions::default();
    options.set(name, value).map(|()| options)
}

#[test]
fn every_option_has_an_effect_on_its_field_alone() {
    let mut seen = Vec::new();
    for &name in RabbitOptions::NAMES {
        let changed = ["7", "yes", "no", "plain", "gzip", "shuffle", "/a/file"]
            .iter()
            .filter_map(|value| set(name, value).ok())
            .find(|changed| *changed != RabbitOptions::default())
            .unwrap_or_else(|| panic!("{name}"));
        assert!(!seen.contains(&changed), "{name}");
        seen.push(changed);
    }
}

#[test]
fn converts_as_upstream() {
    for (value, flag) in [("True", true), ("ON", true), ("1", true), ("no", false)] {
        assert_eq!(set("ssl", value).unwrap().ssl, flag);
    }
    let ttl = set("rabbit_transient_queues_ttl", "0").unwrap();
    assert_eq!(ttl.rabbit_transient_queues_ttl, Duration::ZERO);
    let login = set("rabbit_login_method", "external").unwrap();
    assert_eq!(login.rabbit_login_method, LoginMethod::External);
    let limit = set("rabbit_quorum_delivery_limit", "-1").unwrap();
    assert_eq!(limit.rabbit_quorum_delivery_limit, -1);
    let renamed = set("kombu_reconnect_timeout", "7").unwrap();
    assert_eq!(
        renamed.kombu_missing_consumer_retry_timeout,
        Duration::from_secs(7)
    );
    for (value, compression) in [
        ("gzip", Compression::Gzip),
        ("zlib", Compression::Gzip),
        ("bzip2", Compression::Bzip2),
        ("bz2", Compression::Bzip2),
    ] {
        let options = set("kombu_compression", value).unwrap();
        assert_eq!(options.kombu_compression, Some(compression), "{value}");
    }
}

#[test]
fn an_empty_value_is_the_default() {
    for &name in RabbitOptions::NAMES {
        assert_eq!(set(name, ""), Ok(RabbitOptions::default()), "{name}");
    }
    let mut options = set("ssl_ca_file", "/a").unwrap();
    options.set("ssl_ca_file", "").unwrap();
    assert_eq!(options, RabbitOptions::default());
    set("nonsense", "").unwrap_err();
}

#[test]
fn what_means_nothing_here_is_accepted() {
    for &name in RabbitOptions::WITHOUT_EFFECT {
        assert_eq!(set(name, "30"), Ok(RabbitOptions::default()), "{name}");
        assert!(!RabbitOptions::NAMES.contains(&name), "{name}");
        assert!(RabbitOptions::without_effect(name).is_some(), "{name}");
    }
    for &name in RabbitOptions::NAMES {
        assert_eq!(RabbitOptions::without_effect(name), None, "{name}");
    }
}

#[test]
fn an_option_has_one_name_or_an_old_one_as_well() {
    for &name in RabbitOptions::NAMES {
        assert_eq!(RabbitOptions::names_of(name).unwrap()[0], name);
    }
    let old = RabbitOptions::names_of("kombu_reconnect_timeout").unwrap();
    assert_eq!(old[0], "kombu_missing_consumer_retry_timeout");
    assert_eq!(RabbitOptions::names_of("rabbit_ha_queues"), None);
}

#[test]
fn refuses_by_name() {
    for (name, value) in [
        ("ssl", "maybe"),
        ("rabbit_retry_interval", "0"),
        ("rabbit_interval_max", "0"),
        ("rabbit_transient_queues_ttl", "2147484"),
        ("rabbit_transient_queues_ttl", "-1"),
        ("rabbit_quorum_delivery_limit", "x"),
        ("heartbeat_timeout_threshold", "65536"),
        ("rabbit_qos_prefetch_count", "x"),
        ("rabbit_login_method", "RABBIT-CR-DEMO"),
        ("kombu_compression", "lzma"),
        ("kombu_failover_strategy", "random"),
        ("processname", "a\nb"),
        ("ssl_cert_file", "/cert.pem"),
        ("ssl_key_file", "/key.pem"),
        ("rabbit_stream_fanout", "true"),
    ] {
        match RabbitOptions::from_pairs([(name, value)]) {
            Err(OptionError::BadValue {
                name: named,
                value: shown,
                ..
            }) => {
                assert_eq!((named.as_str(), shown.as_str()), (name, value));
            }
            other => panic!("{name}={value}: {other:?}"),
        }
    }
    let unknown = |name: &str, nearest| {
        assert_eq!(
            set(name, "1"),
            Err(OptionError::Unknown {
                name: name.to_owned(),
                nearest
            })
        );
    };
    unknown("ssl_cafile", Some("ssl_ca_file"));
    unknown("rabbit_quorum_queues", Some("rabbit_quorum_queue"));
    unknown("rpc_connection_pool_size", Some("rpc_conn_pool_size"));
    unknown("x", None);
}

#[test]
fn a_stream_needs_what_upstream_needs() {
    let check = |pairs: &[(&'static str, &'static str)], fits| {
        let options = RabbitOptions::from_pairs(pairs.iter().copied());
        assert_eq!(options.is_ok(), fits, "{pairs:?}");
    };
    let stream = ("rabbit_stream_fanout", "true");
    let quorum = ("rabbit_transient_quorum_queue", "true");
    let prefetch = ("rabbit_qos_prefetch_count", "10");
    check(&[stream, quorum], false);
    check(&[stream, prefetch], false);
    check(&[stream, quorum, prefetch], true);
}
