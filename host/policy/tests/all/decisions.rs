//! Which requests are allowed, why, and how often.

use std::time::{Duration, Instant};

use oslo_messaging_policy::{
    Bucket, Decision, Difference, Kind, Policy, Priority, Rates, Reason, Request, Rules, Verdict,
};

/// The rules of a plugin, from its `allow` tables.
pub(crate) fn rules(allow: &str) -> Rules {
    let text = format!(
        "[transports]\ndefault = {{ url = {{ env = \"A\" }} }}\nother = {{ url = {{ env = \"B\" }} }}\n\
         [plugins.a]\ncomponent = \"a.wasm\"\n{}",
        allow.replace("[[allow]]", "[[plugins.a.allow]]")
    );
    let policy = Policy::parse("plugins.toml", &text).unwrap_or_else(|error| panic!("{error}"));
    policy.plugin("a").unwrap().rules().clone()
}

fn call<'a>(topic: &'a str, method: &'a str) -> Request<'a> {
    Request::new(Kind::Call, topic, method)
}

fn cast<'a>(topic: &'a str, method: &'a str) -> Request<'a> {
    Request::new(Kind::Cast, topic, method)
}

const READ: &str =
    "[[allow]]\nname = \"read\"\ntopic = \"compute\"\nmethods = [\"get_*\", \"list\"]\n";

#[test]
fn what_is_not_named_is_denied() {
    let check = |more: &str, request: Request<'_>, allowed: bool| {
        let rules = rules(&format!("{READ}{more}"));
        let decision = rules.decide(&request);
        assert_eq!(decision.is_allowed(), allowed, "{more}: {decision}");
    };
    check("", call("compute", "get_x"), true);
    check("", cast("compute", "list"), true);
    check("", call("compute", "list").version("9.9"), true);
    check("", call("compute", "reboot"), false);
    check("", call("volume", "get_x"), false);

    // Fanout.
    check("", cast("compute", "list").fanout(true), false);
    check("fanout = true", cast("compute", "list").fanout(true), true);
    check("fanout = true", cast("compute", "list"), false);
    check("fanout = true", call("compute", "list").fanout(true), false);
    check("fanout = true", cast("volume", "list").fanout(true), false);
    // With fanout, server and exchange mean nothing.
    let all = cast("compute", "list")
        .fanout(true)
        .server("host-1")
        .exchange("x");
    check("fanout = true", all, true);
    check(
        "fanout = true",
        cast("compute.host-1", "list").fanout(true),
        false,
    );

    // Exchanges.
    let over = |exchange| {
        call("compute", "list")
            .transport("default", "nova")
            .exchange(exchange)
    };
    check("", over(None), true);
    check("", over(Some("")), true);
    check("", over(Some("nova")), true);
    check("", over(Some("openstack")), false);
    check("exchange = \"nova\"", over(None), true);
    check("exchange = \"nova\"", over(Some("nova")), true);
    check("exchange = \"neutron\"", over(None), false);
    check(
        "exchange = [\"cinder\", \"neutron\"]",
        over(Some("neutron")),
        true,
    );

    // Servers.
    check("", call("compute", "list").server("host-1"), false);
    check("", call("compute.host-1", "list"), false);
    check("", call("compute", "list").server(""), true);
    for request in [
        call("compute", "list").server("host-1"),
        call("compute.host-1", "list"),
    ] {
        check("server = \"host-*\"", request, true);
        check("server = [\"a\", \"host-1\"]", request, true);
        check("server = \"host-2\"", request, false);
    }
    check("server = \"*\"", call("compute", "list"), false);
    check(
        "server = \"*\"",
        call("compute", "list").server("a.b.c"),
        true,
    );

    // Namespaces, versions, kinds, transports.
    check("", call("compute", "list").namespace("n"), false);
    check("", call("compute", "list").namespace(""), false);
    check(
        "namespace = \"n*\"",
        call("compute", "list").namespace("n"),
        true,
    );
    check("namespace = \"n*\"", call("compute", "list"), false);
    check(
        "version = \"6.*\"",
        call("compute", "list").version("6.4"),
        true,
    );
    check(
        "version = \"6.*\"",
        call("compute", "list").version("5.4"),
        false,
    );
    check("version = \"6.*\"", call("compute", "list"), false);
    check(
        "version = [\"1.0\", \"6.*\"]",
        call("compute", "list"),
        true,
    );
    check("kind = \"call\"", call("compute", "list"), true);
    check("kind = \"call\"", cast("compute", "list"), false);
    check(
        "",
        call("compute", "list").transport("other", "openstack"),
        false,
    );
    check(
        "transport = \"other\"",
        call("compute", "list").transport("other", "openstack"),
        true,
    );
    check("transport = \"other\"", call("compute", "list"), false);
}

/// Notifications have rules of their own: neither kind of rule allows the other's messages.
#[test]
fn notifications_are_denied_unless_a_rule_names_them() {
    let notify = |topic, event_type| Request::notification(topic, Priority::Info, event_type);
    let check = |more: &str, request: Request<'_>, allowed: bool| {
        let rules = rules(&format!(
            "[[allow]]\nname = \"tell\"\ntopic = \"audit\"\nkind = \"notify\"\n{more}"
        ));
        let decision = rules.decide(&request);
        assert_eq!(decision.is_allowed(), allowed, "{more}: {decision}");
    };
    check("", notify("audit", "a.b"), true);
    check("", notify("audit", ""), true);
    check("", notify("other", "a.b"), false);
    check("", notify("audit.info", "a.b"), false);
    check("", call("audit", "a.b"), false);
    check("", cast("audit", "a.b"), false);
    check("event-type = \"a.*\"", notify("audit", "a.b"), true);
    check("event-type = \"a.*\"", notify("audit", "b.a"), false);
    check(
        "event-type = [\"x\", \"*.b\"]",
        notify("audit", "a.b"),
        true,
    );
    check(
        "priority = [\"audit\", \"info\"]",
        notify("audit", "a"),
        true,
    );
    check("priority = \"error\"", notify("audit", "a"), false);
    let over = |exchange| {
        notify("audit", "a")
            .transport("default", "nova")
            .exchange(exchange)
    };
    check("", over(Some("nova")), true);
    check("", over(Some("openstack")), false);
    check("exchange = \"openstack\"", over(Some("openstack")), true);
    check(
        "",
        notify("audit", "a").transport("other", "openstack"),
        false,
    );
    let other = notify("audit", "a").transport("other", "openstack");
    check("transport = \"other\"", other, true);

    // Whatever calls and casts may do is not about notifications.
    let all = "[[allow]]\ntopic = [\"*\", \"*.*\"]\nmethods = \"*\"\n";
    for more in ["", "kind = \"call\"", "kind = \"cast\"", "fanout = true"] {
        let topic = if more == "fanout = true" {
            "*"
        } else {
            "audit"
        };
        let text = all.replace("[\"*\", \"*.*\"]", &format!("\"{topic}\""));
        let rules = rules(&format!("{text}{more}"));
        assert!(!rules.decide(&notify("audit", "a")).is_allowed(), "{more}");
    }
}

#[test]
fn a_denied_notification_is_told_with_the_nearest_rule() {
    let rules = rules(
        "[[allow]]\nname = \"read\"\ntopic = \"audit\"\nmethods = \"get\"\n\
         [[allow]]\nname = \"tell\"\ntopic = \"audit\"\nkind = \"notify\"\n\
         event-type = [\"a.*\", \"b\"]\npriority = [\"info\", \"error\"]\n",
    );
    let check = |request: Request<'_>, told: &str| {
        assert_eq!(rules.decide(&request).to_string(), told);
    };
    check(
        Request::notification("audit", Priority::Info, "c"),
        "notification `c` to `audit.info` is denied: no rule allows it; the nearest is `tell`, but its type \
         of event is `a.*` or `b`",
    );
    check(
        Request::notification("audit", Priority::Warn, "b"),
        "notification `b` to `audit.warn` is denied: no rule allows it; the nearest is `tell`, but its \
         priority is `info` or `error`",
    );
    check(
        call("audit", "set"),
        "call of `set` on `audit` is denied: no rule allows it; the nearest is `read`, but its methods are \
         `get`",
    );
    let explained = rules
        .explain(&Request::notification("audit", Priority::Info, "b"))
        .to_string();
    assert_eq!(
        explained,
        "notification `b` to `audit.info` is allowed by rule `tell`\n\
         - `read`: it is for calls and casts\n\
         - `tell`: decides"
    );
    let explained = rules.explain(&call("audit", "get")).to_string();
    assert!(
        explained.ends_with("- `tell`: it is for notifications alone"),
        "{explained}"
    );
}

/// Two names for one place: no rule may allow the one by what it says of the other.
#[test]
fn a_fanout_by_the_name_of_its_exchange_is_denied() {
    let rules =
        rules("[[allow]]\ntopic = [\"*\", \"*.*\"]\nmethods = \"*\"\nexchange = \"nova\"\n");
    for exchange in ["compute_fanout", "_fanout", "amq.topic"] {
        let request = cast("compute", "list").exchange(exchange);
        let Decision::Deny(deny) = rules.decide(&request) else {
            panic!("{exchange} is allowed")
        };
        assert!(matches!(deny.reason(), Reason::ReservedExchange), "{deny}");
        assert!(deny.to_string().contains("no rule can allow it"), "{deny}");
        assert!(deny.nearest().is_none());
    }
    // Somebody's control exchange may be called so.
    let request = cast("compute", "list").transport("default", "my_fanout");
    let Decision::Deny(deny) = rules.decide(&request) else {
        panic!("it is allowed")
    };
    assert!(matches!(deny.reason(), Reason::NoRuleFits(_)), "{deny}");
}

#[test]
fn nothing_is_allowed_without_rules() {
    let rules = Rules::default();
    let request = call("compute", "list");
    let Decision::Deny(deny) = rules.decide(&request) else {
        panic!("it is allowed")
    };
    assert!(matches!(deny.reason(), Reason::NoRules));
    assert_eq!(
        deny.to_string(),
        "call of `list` on `compute` is denied: the plugin has no rules"
    );
}

#[test]
fn the_first_rule_that_fits_decides() {
    let rules = rules(
        "[[allow]]\nname = \"a\"\ntopic = \"compute\"\nmethods = \"get\"\ntimeout = \"1s\"\n\
         [[allow]]\nname = \"b\"\ntopic = \"compute\"\nmethods = \"*\"\ntimeout = \"2s\"\nrate = \"1/s\"\n",
    );
    let terms = |method| match rules.decide(&call("compute", method)) {
        Decision::Allow(allow) => (
            allow.rule().name(),
            allow.timeout().unwrap().as_secs(),
            allow.rate().map(|rate| rate.to_string()),
        ),
        Decision::Deny(deny) => panic!("{deny}"),
    };
    assert_eq!(terms("get"), ("a", 1, None));
    assert_eq!(terms("set"), ("b", 2, Some("1/s".to_owned())));
}

#[test]
fn a_denial_names_the_nearest_rule_and_what_is_different() {
    let rules = rules(
        "[[allow]]\nname = \"volumes\"\ntopic = \"volume\"\nmethods = \"*\"\n\
         [[allow]]\nname = \"read\"\ntopic = \"compute\"\nmethods = [\"get_*\", \"describe_*\", \"list\"]\n\
         version = \"6.*\"\nkind = \"call\"\n\
         [[allow]]\nname = \"all\"\ntopic = \"compute\"\nfanout = true\nmethods = \"refresh\"\n\
         [[allow]]\nname = \"there\"\ntransport = \"other\"\nexchange = [\"x\", \"y\"]\n\
         namespace = \"n\"\ntopic = \"compute\"\nserver = [\"a\", \"b\"]\nmethods = \"*\"\n",
    );
    let check = |request: Request<'_>, name: &str, differences: &[Difference], told: &str| {
        let Decision::Deny(deny) = rules.decide(&request) else {
            panic!("{request} is allowed")
        };
        let nearest = deny.nearest().unwrap();
        assert_eq!(nearest.rule().name(), name, "{deny}");
        assert_eq!(
            nearest.differences().iter().collect::<Vec<_>>(),
            differences
        );
        assert_eq!(
            deny.to_string(),
            format!("{request} is denied: no rule allows it; the nearest is `{name}`, but {told}")
        );
    };
    check(
        call("compute", "get_x").version("5.0"),
        "read",
        &[Difference::Version],
        "its version is `6.*`",
    );
    check(
        call("compute", "reboot").version("6.0"),
        "read",
        &[Difference::Method],
        "its methods are `get_*`, `describe_*` or `list`",
    );
    check(
        cast("compute", "list").version("6.0"),
        "read",
        &[Difference::Kind],
        "it is for a call alone",
    );
    check(
        cast("compute", "refresh"),
        "all",
        &[Difference::Fanout],
        "it is for fanout alone",
    );
    check(
        cast("volume", "refresh").fanout(true),
        "volumes",
        &[Difference::Fanout],
        "it has no fanout",
    );
    check(
        call("volume", "x").exchange("cinder"),
        "volumes",
        &[Difference::Exchange],
        "its exchange is the control exchange `openstack`",
    );
    check(
        call("volume", "x").namespace("m"),
        "volumes",
        &[Difference::Namespace],
        "it is for methods without namespace",
    );
    let there = call("compute.a", "x").namespace("n").exchange("x");
    check(
        there,
        "there",
        &[Difference::Transport],
        "its transport is `other`",
    );
    let there = call("compute.c", "x")
        .namespace("m")
        .transport("other", "z");
    check(
        there,
        "there",
        &[
            Difference::Exchange,
            Difference::Topic,
            Difference::Namespace,
        ],
        "its exchange is `x` or `y`, its topic is `compute.a` or `compute.b`, its namespace is `n`",
    );
}

/// A host decides on many threads.
#[test]
fn decisions_are_made_anywhere() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Policy>();
    is_shared::<Rates>();
    is_shared::<Rules>();
}

/// With two equally near it is the first.
#[test]
fn of_equally_near_rules_the_first_is_named() {
    let rules = rules(
        "[[allow]]\ntopic = \"compute\"\nmethods = \"a\"\n[[allow]]\ntopic = \"compute\"\nmethods = \"b\"\n",
    );
    let request = call("compute", "c");
    let Decision::Deny(deny) = rules.decide(&request) else {
        panic!("it is allowed")
    };
    assert_eq!(deny.nearest().unwrap().rule().name(), "allow[0]");
}

/// A rule that allows all that another one does.
#[test]
fn one_rule_covers_another() {
    let check = |wide: &str, narrow: &str, covers: bool| {
        let allow = |it: &str| match it.replace("KIND", "kind = \"notify\"") {
            notify if notify != it => format!("[[allow]]\n{notify}\n"),
            it => format!("[[allow]]\nmethods = \"get_*\"\n{it}\n"),
        };
        let rules = rules(&(allow(wide) + &allow(narrow)));
        let [wide, narrow] = [0, 1].map(|number| rules.iter().nth(number).unwrap());
        assert_eq!(wide.covers(narrow), covers, "{wide}{narrow}");
    };
    let mut pairs = 0;
    // Each wider than the next, and none the other way round.
    for chain in [
        ["topic = \"*\"", "topic = \"a*\"", "topic = \"ab\""],
        [
            "topic = [\"a\", \"b\", \"c\"]",
            "topic = [\"c\", \"b\"]",
            "topic = \"b\"",
        ],
        [
            "topic = \"*.*\"",
            "topic = \"a\"\nserver = \"h*\"",
            "topic = \"a.h1\"",
        ],
        [
            "topic = \"a\"",
            "topic = \"a\"\nversion = [\"6.*\", \"5.1\"]",
            "topic = \"a\"\nversion = \"6.1\"",
        ],
        [
            "topic = [\"a\", \"b\"]",
            "topic = \"a\"",
            "topic = \"a\"\nkind = \"call\"",
        ],
        [
            "topic = \"a\"\nexchange = [\"x\", \"y\"]",
            "topic = \"a\"\nexchange = \"y\"",
            "topic = \"a\"\nexchange = \"y\"\nkind = \"cast\"",
        ],
        [
            "topic = \"a\"\nnamespace = \"*\"",
            "topic = \"a\"\nnamespace = [\"n*\", \"m\"]",
            "topic = \"a\"\nnamespace = \"n1\"",
        ],
        [
            "topic = \"a\"\nKIND",
            "topic = \"a\"\nKIND\npriority = [\"info\", \"warn\"]\nevent-type = \"*\"",
            "topic = \"a\"\nKIND\npriority = \"warn\"\nevent-type = \"a.*\"",
        ],
    ] {
        for (first, wide) in chain.iter().enumerate() {
            for (second, narrow) in chain.iter().enumerate() {
                check(wide, narrow, first <= second);
                pairs += 1;
            }
        }
    }
    assert_eq!(pairs, 72);
    // Neither wider than the other.
    for (one, other) in [
        ("topic = \"a\"", "topic = \"a\"\nserver = \"*\""),
        ("topic = \"a\"", "topic = \"a\"\nfanout = true"),
        ("topic = \"a\"", "topic = \"a\"\nnamespace = \"*\""),
        ("topic = \"a\"", "topic = \"a\"\nexchange = \"openstack\""),
        ("topic = \"a\"", "topic = \"a\"\ntransport = \"other\""),
        (
            "topic = \"a\"\nkind = \"call\"",
            "topic = \"a\"\nkind = \"cast\"",
        ),
        (
            "topic = \"a\"\nversion = \"5.*\"",
            "topic = \"a\"\nversion = \"6.*\"",
        ),
        ("topic = \"a\"", "topic = \"a\"\nKIND"),
        (
            "topic = \"a\"\nKIND\npriority = \"info\"",
            "topic = \"a\"\nKIND\npriority = \"warn\"",
        ),
    ] {
        check(one, other, false);
        check(other, one, false);
    }
    check("topic = \"a\"\nversion = \"*\"", "topic = \"a\"", true);
}

#[test]
fn every_rule_is_explained() {
    let rules = rules(
        "[[allow]]\ntopic = \"volume\"\nmethods = \"*\"\n\
         [[allow]]\nname = \"read\"\ntopic = \"compute\"\nmethods = \"get_*\"\n\
         [[allow]]\nname = \"all\"\ntopic = \"compute\"\nmethods = \"*\"\n",
    );
    let request = call("compute", "get_x").version("6.1");
    let explanation = rules.explain(&request);
    let verdicts: Vec<_> = explanation
        .verdicts()
        .map(|(rule, it)| (rule.name(), it))
        .collect();
    assert!(explanation.decision().is_allowed());
    assert!(matches!(verdicts[0], ("allow[0]", Verdict::Differs(_))));
    assert_eq!(
        verdicts[1..],
        [("read", Verdict::Decides), ("all", Verdict::FitsToo)]
    );
    assert_eq!(
        explanation.to_string(),
        "call of `get_x` on `compute`, version 6.1 is allowed by rule `read`\n\
         - `allow[0]`: its topic is `volume`\n\
         - `read`: decides\n\
         - `all`: allows it too, but comes later"
    );
}

#[test]
fn buckets_fill_evenly_and_hold_one_period() {
    let start = Instant::now();
    let at = |milliseconds| start + Duration::from_millis(milliseconds);
    let mut bucket = Bucket::new("10/s".parse().unwrap());
    for _ in 0..10 {
        assert_eq!(bucket.take(at(0)), Ok(()));
    }
    assert_eq!(bucket.take(at(0)), Err(Duration::from_millis(100)));
    assert_eq!(bucket.take(at(40)), Err(Duration::from_millis(60)));
    assert_eq!(bucket.take(at(100)), Ok(()));
    assert_eq!(bucket.wait(at(100)), Duration::from_millis(100));
    // The clock went back: that gives nothing and costs nothing.
    assert_eq!(bucket.wait(at(0)), Duration::from_millis(100));
    for _ in 0..3 {
        assert_eq!(bucket.take(at(400)), Ok(()));
    }
    assert_eq!(bucket.take(at(400)), Err(Duration::from_millis(100)));
    // However long the pause, no more than one period's worth.
    let taken = (0..100)
        .filter(|_| bucket.take(at(1_000_000)).is_ok())
        .count();
    assert_eq!(taken, 10);
}

#[test]
fn a_plugin_and_its_rules_share_what_there_is() {
    let rules = rules(
        "[[allow]]\nname = \"a\"\ntopic = \"a\"\nmethods = \"*\"\nrate = \"2/s\"\n\
         [[allow]]\nname = \"b\"\ntopic = \"b\"\nmethods = \"*\"\n",
    );
    let rates = Rates::new("3/s".parse().unwrap(), &rules);
    let now = Instant::now();
    let take = |topic, now| {
        let request = call(topic, "x");
        let Decision::Allow(allow) = rules.decide(&request) else {
            panic!("{topic} is denied")
        };
        rates.take(&allow, now)
    };
    assert_eq!(take("a", now), Ok(()));
    assert_eq!(take("a", now), Ok(()));
    let exceeded = take("a", now).unwrap_err();
    assert_eq!(exceeded.rule.as_deref(), Some("a"));
    assert_eq!(exceeded.wait, Duration::from_millis(500));
    // Refused by its rule, it took nothing of the plugin's.
    assert_eq!(take("b", now), Ok(()));
    let exceeded = take("b", now).unwrap_err();
    assert_eq!(exceeded.rule, None);
    assert_eq!(exceeded.wait.as_millis(), 333);
    assert_eq!(
        exceeded.to_string(),
        format!(
            "the rate of the plugin of 3/s is exceeded, there is room in {:?}",
            exceeded.wait
        )
    );
    // Refused by the plugin, it took nothing of its rule's.
    let later = now + Duration::from_millis(500);
    assert_eq!(take("b", later), Ok(()));
    assert_eq!(take("a", later).unwrap_err().rule, None);
    let later = now + Duration::from_millis(700);
    assert_eq!(take("a", later), Ok(()));
}
