use super::*;

/// Host, port, user, password.
type Parts = (
    Option<&'static str>,
    Option<u16>,
    Option<&'static str>,
    Option<&'static str>,
);

fn host(name: &'static str) -> Parts {
    (Some(name), None, None, None)
}

fn accepted(url: &str, hosts: &[Parts], virtual_host: &str) {
    let parsed = TransportUrl::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    let parts: Vec<_> = parsed
        .hosts()
        .iter()
        .map(|host| (host.name(), host.port(), host.user(), host.password()))
        .collect();
    assert_eq!(parts, hosts, "{url}");
    assert_eq!(parsed.virtual_host(), virtual_host, "{url}");
}

#[test]
fn what_upstream_accepts() {
    for url in [
        "rabbit:",
        "rabbit:/",
        "rabbit://",
        "rabbit:///",
        "rabbit:////",
    ] {
        accepted(url, &[], "/");
    }
    accepted("rabbit:///vh", &[], "vh");
    for url in [
        "rabbit://h",
        "rabbit://h/",
        "rabbit://h//",
        "rabbit://h/%2F",
        "RABBIT://h",
    ] {
        accepted(url, &[host("h")], "/");
    }
    accepted("rabbit://h/%2Fa", &[host("h")], "/a");
    accepted("rabbit://h/a/b", &[host("h")], "a/b");
    accepted("rabbit://h/a%20b", &[host("h")], "a b");
    accepted("rabbit://h/v#fragment", &[host("h")], "v");
    accepted(
        "rabbit://u:p@h:1/v",
        &[(Some("h"), Some(1), Some("u"), Some("p"))],
        "v",
    );
    let credentials = |user, password| [(Some("h"), None, Some(user), password)];
    accepted("rabbit://u:p:q@h", &credentials("u", Some("p:q")), "/");
    accepted(
        "rabbit://u%3Ax:p%40@h",
        &credentials("u:x", Some("p@")),
        "/",
    );
    accepted(
        "rabbit://user@domain:p@h",
        &credentials("user@domain", Some("p")),
        "/",
    );
    accepted("rabbit://u:p%2Cx@h", &credentials("u", Some("p,x")), "/");
    accepted("rabbit://u:p;x@h", &credentials("u", Some("p;x")), "/");
    accepted("rabbit://u:p%25@h", &credentials("u", Some("p%")), "/");
    accepted(
        "rabbit://u:100%sure@h",
        &credentials("u", Some("100%sure")),
        "/",
    );
    accepted(
        "rabbit://u%:p%2@h/%g1%20",
        &credentials("u%", Some("p%2")),
        "%g1 ",
    );
    accepted(
        " rabbit://u:p\n x@h\r\n",
        &credentials("u", Some("p x")),
        "/",
    );
    accepted("rabbit://u:p+x@h", &credentials("u", Some("p+x")), "/");
    accepted("rabbit://u@h", &credentials("u", None), "/");
    accepted("rabbit://u:@h", &credentials("u", None), "/");
    accepted(
        "rabbit://u:p@/bar",
        &[(None, None, Some("u"), Some("p"))],
        "bar",
    );
    accepted(
        "rabbit://h1,h2:2",
        &[host("h1"), (Some("h2"), Some(2), None, None)],
        "/",
    );
    accepted("rabbit://h1,,h2", &[host("h1"), host("h2")], "/");
    accepted(
        "rabbit://u:p@h1,h2",
        &[(Some("h1"), None, Some("u"), Some("p")), host("h2")],
        "/",
    );
    accepted(
        "rabbit://u1:p1@h1:1,u2:p2@h2:2/v",
        &[
            (Some("h1"), Some(1), Some("u1"), Some("p1")),
            (Some("h2"), Some(2), Some("u2"), Some("p2")),
        ],
        "v",
    );
    accepted(
        "rabbit://[::1]:5/v",
        &[(Some("::1"), Some(5), None, None)],
        "v",
    );
    accepted("rabbit://[::1]", &[host("::1")], "/");
    accepted("rabbit://::1", &[host("::1")], "/");
    accepted("rabbit://h/v@w", &[host("h")], "v@w");
    accepted(
        "rabbit://h:1/v%40w",
        &[(Some("h"), Some(1), None, None)],
        "v@w",
    );
    accepted(
        "rabbit://u:p@h/v@w#x@y",
        &credentials("u", Some("p")),
        "v@w",
    );
    accepted("rabbit://h#x@y", &[host("h")], "/");
    accepted(
        "rabbit://h1:1,u:p@h2",
        &[
            (Some("h1"), Some(1), None, None),
            (Some("h2"), None, Some("u"), Some("p")),
        ],
        "/",
    );
    accepted("memory://", &[], "/");
}

#[test]
fn what_upstream_decodes_twice() {
    let credentials = |user, password| [(Some("h"), None, Some(user), Some(password))];
    accepted("rabbit://u:p%2Fx@h", &credentials("u", "p/x"), "/");
    accepted("rabbit://u%2Fx:p@h", &credentials("u/x", "p"), "/");
    accepted("rabbit://h/a%3Fb", &[host("h")], "a?b");
    accepted("rabbit://h/a%252Fb", &[host("h")], "a%2Fb");
}

#[cfg(feature = "rabbit")]
#[test]
fn options() {
    let check = |url: &str, expected: &[(&str, &str)]| {
        let parsed = TransportUrl::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(parsed.options().collect::<Vec<_>>(), expected, "{url}");
    };
    check(
        "rabbit://h/v?heartbeat_timeout_threshold=5",
        &[("heartbeat_timeout_threshold", "5")],
    );
    check("rabbit://h?ssl=true", &[("ssl", "true")]);
    check("rabbit://h/v?ssl=", &[]);
    check(
        "rabbit://h?ssl_ca_file=/a&ssl_ca_file=b+c",
        &[("ssl_ca_file", "/a,b c")],
    );
}

#[test]
fn refused() {
    let check = |url: &str, expected: UrlError| {
        assert_eq!(TransportUrl::parse(url), Err(expected), "{url}");
    };
    for url in ["//h", "://h", "5672", "", "1:2"] {
        check(url, UrlError::MissingScheme);
    }
    for scheme in ["h", "amqp", "rabbit+x", "kombu", "zmq"] {
        let url = format!("{scheme}://h:5672");
        check(
            &url,
            UrlError::UnknownScheme {
                scheme: scheme.to_owned(),
            },
        );
    }
    check(
        "h:5672",
        UrlError::UnknownScheme {
            scheme: "h".to_owned(),
        },
    );
    check("rabbit:h", UrlError::MissingSlashes { scheme: "rabbit" });
    for port in ["", "abc", "0", "99999", "-1", "+5"] {
        check(
            &format!("rabbit://h:{port}"),
            UrlError::BadPort { position: 0 },
        );
    }
    check("rabbit://a,h:x", UrlError::BadPort { position: 1 });
    check("rabbit://[::1", UrlError::UnclosedBracket);
    for host in ["[::x]", "[::1]5", "h:1:2", "a b", "a%20b"] {
        check(
            &format!("rabbit://{host}"),
            UrlError::BadHost {
                host: host.to_owned(),
            },
        );
    }
    check(
        "rabbit://h1, h2",
        UrlError::BadHost {
            host: " h2".to_owned(),
        },
    );
    for url in [
        "rabbit://u:p,x@h",
        "rabbit://u:p/x@h",
        "rabbit://u:p?x@h",
        "rabbit://u/x:p@h",
        // What is in front of it could be a port.
        "rabbit://u:12,x@h",
        "rabbit://u:12/x@h",
        "rabbit://u:12?x@h",
        "rabbit://u:12#x@h",
        "rabbit://u:12,34/x@h",
        "rabbit://u:p#x@h",
        "rabbit://u#x:p@h",
    ] {
        check(url, UrlError::UnencodedDelimiter);
    }
    check(
        "rabbit://u:p%e9@h",
        UrlError::BadEscape {
            part: "the password".into(),
        },
    );
    check(
        "rabbit://h/%ff",
        UrlError::BadEscape {
            part: "the virtual host".into(),
        },
    );
    check(
        "memory:///?x=1",
        UrlError::UnknownOption {
            name: "x".to_owned(),
            nearest: None,
        },
    );
    check(
        &format!("rabbit://h/{}", "v".repeat(256)),
        UrlError::LongVirtualHost,
    );
}

#[cfg(feature = "rabbit")]
#[test]
fn refused_options() {
    let check = |url: &str, printed: &str| {
        let error = TransportUrl::parse(url).unwrap_err();
        assert_eq!(error.to_string(), printed, "{url}");
    };
    check(
        "rabbit://h/?foo=5",
        "unknown option `foo` in the transport URL",
    );
    check(
        "rabbit://h/?heartbeat_timeout=5",
        "unknown option `heartbeat_timeout` in the transport URL, \
         did you mean `heartbeat_timeout_threshold`?",
    );
    check(
        "rabbit://h/?heartbeat_timeout_threshold=abc",
        "option `heartbeat_timeout_threshold` of the transport URL cannot be `abc`: \
         expected a number of seconds from 0 to 65535",
    );
}

#[test]
fn prints_as_upstream_does_but_without_passwords() {
    let check = |url: &str, printed: &str| {
        let url = TransportUrl::parse(url).unwrap();
        assert_eq!(url.to_string(), printed);
        assert_eq!(format!("{url:?}"), format!("TransportUrl({printed})"));
    };
    check("rabbit:", "rabbit:///");
    check("RABBIT://h", "rabbit://h/");
    check("rabbit://h/%2Fa%20b", "rabbit://h//a%20b");
    check(
        "rabbit://u%2Fx:secret@h:1,h2/v",
        "rabbit://u%2Fx:***@h:1,h2/v",
    );
    check("rabbit://:secret@[::1]:5", "rabbit://:***@[::1]:5/");
    check("rabbit://u@h/v", "rabbit://u@h/v");
}

#[test]
fn no_error_shows_a_password() {
    for url in [
        "rabbit://u:secret@h:x",
        "rabbit://u:secret%ff@h",
        "rabbit://u:secret@[::1",
        "rabbit://u:secret@a b",
        "rabbit://u:secret/x@h",
        "rabbit://u:secret,x@h",
        "rabbit://u:x,secret@h h",
        "rabbit://u:secret?x@h",
        "rabbit://u:secret#x@h",
        "rabbit://u/x:secret@h",
        "rabbit://u:1#secret@h",
        "rabbit://u:1?secret@h",
        "rabbit://u:1/secret@h",
        "rabbit://u:1,secret@h",
        "rabbit://u:secret@h?foo=1",
        "amqp://u:secret@h",
    ] {
        let error = TransportUrl::parse(url).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("secret"),
            "{url}: {error}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn what_is_printed_is_read_the_same(
        hosts in proptest::collection::vec(
            ("[a-z0-9.-]{1,12}|::1", proptest::option::of(1u16..), ".{1,8}"),
            1..4,
        ),
        // A user after a host that has none may be the end of a password.
        has_users: bool,
        virtual_host in ".{0,20}",
    ) {
        let hosts = hosts
            .into_iter()
            .map(|(name, port, user)| TransportHost {
                name: Some(name),
                port,
                user: Some(user).filter(|_| has_users),
                password: None,
            })
            .collect();
        let virtual_host = match virtual_host.as_str() {
            "" => "/".to_owned(),
            _ => virtual_host,
        };
        let url = TransportUrl {
            scheme: Scheme::Rabbit,
            hosts,
            virtual_host,
            options: Vec::new(),
        };
        proptest::prop_assert_eq!(TransportUrl::parse(&url.to_string()), Ok(url));
    }

    #[test]
    fn whatever_is_a_url_or_not(text in "(rabbit|memory)?:?(//)?.*", raw in ".*") {
        for text in [text, raw] {
            if let Ok(url) = TransportUrl::parse(&text) {
                drop(format!("{url} {url:?}"));
            }
        }
    }

    #[test]
    fn a_password_is_decoded_once_and_never_printed(password in "[ -~]{5,20}") {
        let encoded = utf8_percent_encode(&password, NON_ALPHANUMERIC);
        let url = TransportUrl::parse(&format!("rabbit://u:{encoded}@h/v")).unwrap();
        proptest::prop_assert_eq!(url.hosts()[0].password(), Some(password.as_str()));
        let printed = format!("{url} {url:?}");
        proptest::prop_assert_eq!(printed, "rabbit://u:***@h/v TransportUrl(rabbit://u:***@h/v)");
    }
}
