//! What holds for every file, rule and request.

use std::path::Path;

use oslo_messaging_policy::{
    Decision, Kind, Policy, Priority, QuickStart, Request, Rule, RuleBuilder, Rules, Secret,
    TransportSource,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const EXAMPLE: &str = include_str!("../../examples/plugins.toml");

/// Parses, and looks whether what is told can be true.
fn parse(text: &str) -> Result<(), TestCaseError> {
    let told = match Policy::parse("plugins.toml", text) {
        Ok(policy) => policy.warnings().to_vec(),
        Err(problems) => {
            let problems: Vec<_> = problems.iter().cloned().collect();
            prop_assert!(!problems.is_empty());
            problems
        }
    };
    for problem in told {
        // The end of a text that ends in a newline is on a line of its own.
        let line = text.split('\n').nth(problem.line() - 1);
        prop_assert!(line.is_some(), "{problem}");
        let length = line.unwrap().chars().count();
        prop_assert!((1..=length + 1).contains(&problem.column()), "{problem}");
        prop_assert!(!problem.message().is_empty() && !problem.remedy().is_empty());
        prop_assert!(!problem.to_string().contains('\n'), "{problem}");
    }
    Ok(())
}

/// Depth and length cost neither the stack nor an evening.
#[test]
fn deep_and_long_texts_are_refused_in_time() {
    let many = 100_000;
    for text in [
        format!("a = {}", "[".repeat(many)),
        format!("a = {}{}", "[".repeat(many), "]".repeat(many)),
        // The parser itself takes the square of it.
        format!("a = {}", "{ a = ".repeat(many / 20)),
        format!("a{} = 1", ".a".repeat(many)),
        format!("[a{}]", ".a".repeat(many)),
        format!("[plugins.a]\ncontext = {{ a{} = nan }}", ".a".repeat(many)),
        "rather not TOML, line by line\n".repeat(many),
        "[[plugins.a.allow]]\n".repeat(many / 10),
    ] {
        let problems = Policy::parse("plugins.toml", &text).unwrap_err();
        assert!(problems.iter().next().is_some());
    }
}

proptest! {
    #[test]
    fn any_text_is_a_policy_or_has_problems(text in any::<String>()) {
        parse(&text)?;
    }

    #[test]
    fn text_that_is_nearly_toml_is_a_policy_or_has_problems(
        text in "([a-z\"'=\\[\\]{}.,# 0-9:*\\\\-]{0,12}(\n| = |\\[|\\{|\"|\"\"\"|\\]\n)){0,20}",
    ) {
        parse(&text)?;
    }

    #[test]
    fn a_spoilt_example_is_a_policy_or_has_problems(
        spoils in vec((any::<prop::sample::Index>(), 0usize..12, ".{0,8}|[\"\\[\\]{}=\n.0-9]{0,3}"), 1..4),
    ) {
        let mut characters: Vec<char> = EXAMPLE.chars().collect();
        for (at, removed, added) in spoils {
            let at = at.index(characters.len());
            let end = (at + removed).min(characters.len());
            characters.splice(at..end, added.chars());
        }
        parse(&characters.into_iter().collect::<String>())?;
    }

    /// Each value of the example as something else, so that every key meets every type.
    #[test]
    fn a_value_of_another_type_is_told(
        value in select(vec![
            "1", "-1", "0.5", "nan", "true", "\"\"", "\"*\"", "\"a\\u0000b\"", "[]", "[[]]", "{}",
            "{ env = \"A\" }", "1979-05-27", "[1, \"a\"]", "99999999999999999999", "0x10",
        ]),
        at in any::<prop::sample::Index>(),
    ) {
        let lines: Vec<_> = EXAMPLE.lines().collect();
        let settings: Vec<_> = (0..lines.len()).filter(|line| lines[*line].contains(" = ")).collect();
        let changed = settings[at.index(settings.len())];
        let text: String = lines.iter().enumerate().map(|(number, line)| {
            let line = match line.split_once(" = ") {
                Some((key, _)) if number == changed => format!("{key} = {value}"),
                _ => (*line).to_owned(),
            };
            line + "\n"
        }).collect();
        parse(&text)?;
    }

    /// Another rule, wherever it is put, denies nothing that was allowed.
    #[test]
    fn rules_only_ever_add(
        rules in vec(rule(), 0..5), added in rule(), at in any::<prop::sample::Index>(),
        requests in vec(request(), 1..20),
    ) {
        let before = Rules::new(rules.clone());
        let mut more = rules;
        more.insert(at.index(more.len() + 1), added.clone());
        let after = Rules::new(more);
        for request in &requests {
            let request = request.borrow();
            let decisions = [&before, &after].map(|rules| rules.decide(&request).is_allowed());
            prop_assert!(decisions[0] <= decisions[1], "{request}");
            // And it adds nothing but what it allows itself.
            let alone = Rules::new([added.clone()]).decide(&request).is_allowed();
            prop_assert_eq!(decisions[1], decisions[0] || alone, "{}", request);
        }
    }

    /// What a rule covers is allowed by it.
    #[test]
    fn what_is_covered_is_allowed(
        wide in rule(), narrow in rule(), requests in vec(request(), 1..30),
    ) {
        prop_assert!(wide.covers(&wide));
        if wide.covers(&narrow) {
            for request in &requests {
                let request = request.borrow();
                let [wide, narrow] = [&wide, &narrow].map(|it| it.differences(&request).is_empty());
                prop_assert!(narrow <= wide, "{request}");
            }
        }
    }

    /// However a target is put, where the message goes decides.
    #[test]
    fn the_spelling_of_a_target_decides_nothing(rules in vec(rule(), 1..5), request in request()) {
        let rules = Rules::new(rules);
        let mut other = request.clone();
        let has_server = !request.fanout && request.kind != Kind::Notify;
        if let Some(server) = other.server.take().filter(|_| has_server) {
            other.topic = format!("{}.{server}", other.topic);
        }
        match &other.exchange {
            None => other.exchange = Some("openstack".to_owned()),
            Some(exchange) if exchange == "openstack" => other.exchange = None,
            Some(_) => {}
        }
        let decided = |request: &Owned| match rules.decide(&request.borrow()) {
            Decision::Allow(allow) => Some(allow.position()),
            Decision::Deny(_) => None,
        };
        prop_assert_eq!(decided(&request), decided(&other), "{:?} {:?}", request, other);
    }

    /// A decision, and its explanation, say the same.
    #[test]
    fn what_is_explained_is_what_is_decided(rules in vec(rule(), 0..5), request in request()) {
        let rules = Rules::new(rules);
        let request = request.borrow();
        let explanation = rules.explain(&request);
        prop_assert_eq!(explanation.decision().is_allowed(), rules.decide(&request).is_allowed());
        prop_assert_eq!(explanation.to_string().lines().count(), 1 + rules.iter().count());
    }

    /// What is printed is read again as the same rules.
    #[test]
    fn a_printed_policy_decides_the_same(rules in vec(rule(), 0..5), requests in vec(request(), 1..9)) {
        let url = || TransportSource::Url(Secret::Env("TRANSPORT_URL".to_owned()));
        let mut start = QuickStart::new("a.b", Path::new("a.wasm")).unwrap();
        for name in ["default", "other"] {
            start = start.transport(name, url()).unwrap();
        }
        for rule in rules {
            start = start.allow(rule);
        }
        let printed = start.to_string();
        let policy = Policy::parse("printed", &printed);
        prop_assert!(policy.is_ok(), "{printed}\n{policy:?}");
        let policies = [start.policy(), policy.unwrap()];
        let [mine, read] = [0, 1].map(|number| policies[number].plugin("a.b").unwrap().rules());
        prop_assert_eq!(mine, read, "{}", printed);
        for request in &requests {
            let request = request.borrow();
            prop_assert_eq!(
                mine.decide(&request).to_string(),
                read.decide(&request).to_string()
            );
        }
    }

    /// `--allow`, its printed form, and what that is read as.
    #[test]
    fn what_the_command_line_allows_can_be_printed(
        topic in "[a-z*]{1,4}(\\.[a-z0-9*:\"'-]{1,6})?", methods in vec("[a-z_*]{1,5}", 1..4),
        requests in vec(request(), 1..9),
    ) {
        let allow = format!("{topic}:{}", methods.join(","));
        let rule: Rule = allow.parse().unwrap();
        prop_assert_eq!(rule.name(), &allow);
        let url = TransportSource::Url(Secret::Env("TRANSPORT_URL".to_owned()));
        let start = QuickStart::new("a", Path::new("a.wasm")).unwrap();
        let start = start.transport("default", url).unwrap().allow(rule.clone());
        let policy = Policy::parse("printed", &start.to_string()).unwrap();
        let read = policy.plugin("a").unwrap().rules();
        for request in &requests {
            let request = request.borrow();
            let allowed = rule.differences(&request).is_empty();
            prop_assert_eq!(read.decide(&request).is_allowed(), allowed, "{}", request);
        }
    }

    #[test]
    fn any_text_is_a_rule_of_the_command_line_or_not(text in "\\PC{0,20}|[a-z.:,*]{0,12}|.{0,300}") {
        match text.parse::<Rule>() {
            Ok(rule) => prop_assert_eq!(rule.name(), text),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

/// A rule over few names, so that rules and requests often meet.
fn rule() -> impl Strategy<Value = Rule> {
    let pattern = || select(vec!["a", "b", "*", "a*", "*b", "ab"]);
    let reach = prop_oneof![
        (vec(pattern(), 1..3), vec(pattern(), 0..2)).prop_map(|(topics, servers)| Reach {
            servers,
            topics,
            fanout: false,
        }),
        vec(select(vec!["a.b", "a.*", "*.b", "b"]), 1..3).prop_map(|topics| Reach {
            servers: Vec::new(),
            topics,
            fanout: false,
        }),
        vec(pattern(), 1..3).prop_map(|topics| Reach {
            servers: Vec::new(),
            topics,
            fanout: true,
        }),
    ];
    let place = (
        select(vec!["default", "other"]),
        vec(select(vec!["openstack", "x", "y"]), 0..3),
    );
    let method = (
        vec(pattern(), 1..3),
        vec(pattern(), 0..2),
        vec(select(vec!["*", "1.*", "1.0", "6.1.*", "6.1.2"]), 0..2),
        option::of(select(vec![Kind::Call, Kind::Cast])),
    );
    let terms = (
        option::of(1u64..5),
        option::of(1u32..5),
        any::<bool>(),
        "[a-z\"'\\\\é]{1,8}",
    );
    let messages = (reach, place, method, terms).prop_map(|(reach, place, method, terms)| {
        let (transport, exchanges) = place;
        let (methods, namespaces, versions, kind) = method;
        let (timeout, rate, traceback, name) = terms;
        let mut rule = Rule::builder(&name).transport(transport);
        let mut casts = kind == Some(Kind::Cast);
        if reach.fanout {
            casts = true;
            rule = rule.fanout();
        } else {
            rule = exchanges
                .iter()
                .fold(rule, |rule, it| rule.exchange(it.parse().unwrap()));
            rule = kind.into_iter().fold(rule, RuleBuilder::kind);
        }
        rule = reach
            .topics
            .iter()
            .fold(rule, |rule, it| rule.topic(it.parse().unwrap()));
        rule = reach
            .servers
            .iter()
            .fold(rule, |rule, it| rule.server(it.parse().unwrap()));
        rule = methods
            .iter()
            .fold(rule, |rule, it| rule.method(it.parse().unwrap()));
        rule = namespaces
            .iter()
            .fold(rule, |rule, it| rule.namespace(it.parse().unwrap()));
        rule = versions
            .iter()
            .fold(rule, |rule, it| rule.version(it.parse().unwrap()));
        rule = timeout.into_iter().fold(rule, |rule, it| {
            rule.timeout(format!("{it}s").parse().unwrap())
        });
        rule = rate.into_iter().fold(rule, |rule, it| {
            rule.rate(format!("{it}/m").parse().unwrap())
        });
        rule.traceback(traceback && !casts).build().unwrap()
    });
    prop_oneof![3 => messages, 1 => notifying()]
}

/// A rule for notifications.
fn notifying() -> impl Strategy<Value = Rule> {
    let pattern = || select(vec!["a", "b", "*", "a*", "*b", "ab"]);
    let place = (
        select(vec!["default", "other"]),
        option::of(select(vec!["openstack", "x", "y"])),
        prop_oneof![pattern().boxed(), select(vec!["a.b", "a.*"]).boxed()],
    );
    let event = (vec(priority(), 0..3), vec(pattern(), 0..3));
    (place, event, "[a-z]{1,8}").prop_map(|(place, event, name)| {
        let (transport, exchange, topic) = place;
        let (priorities, event_types) = event;
        let mut rule = Rule::builder(&name)
            .transport(transport)
            .topic(topic.parse().unwrap())
            .kind(Kind::Notify);
        rule = exchange
            .iter()
            .fold(rule, |rule, it| rule.exchange(it.parse().unwrap()));
        rule = priorities.into_iter().fold(rule, RuleBuilder::priority);
        rule = event_types
            .iter()
            .fold(rule, |rule, it| rule.event_type(it.parse().unwrap()));
        rule.build().unwrap()
    })
}

fn priority() -> impl Strategy<Value = Priority> {
    select(vec![Priority::Info, Priority::Error, Priority::Warn])
}

/// Where a rule's messages go.
#[derive(Clone, Debug)]
struct Reach {
    fanout: bool,
    servers: Vec<&'static str>,
    topics: Vec<&'static str>,
}

fn request() -> impl Strategy<Value = Owned> {
    let name = || select(vec!["a", "b", "ab", "ba"]);
    let target = (
        prop_oneof![name().boxed(), select(vec!["a.b", "b.a", "a.a.b"]).boxed()],
        option::of(name()),
        option::of(select(vec!["openstack", "x", "y", "a_fanout"])),
        any::<bool>(),
        select(vec!["default", "other"]),
    );
    let method = (
        name(),
        option::of(name()),
        option::of(select(vec!["1.0", "1.4", "6.1", "6.1.2", "nonsense"])),
        select(vec![Kind::Call, Kind::Cast, Kind::Notify]),
        priority(),
    );
    (target, method).prop_map(|(target, method)| {
        let (topic, server, exchange, fanout, transport) = target;
        let (method, namespace, version, kind, priority) = method;
        Owned {
            exchange: exchange.map(str::to_owned),
            fanout,
            kind,
            method: method.to_owned(),
            namespace: namespace.map(str::to_owned),
            priority,
            server: server.map(str::to_owned),
            topic: topic.to_owned(),
            transport: transport.to_owned(),
            version: version.map(str::to_owned),
        }
    })
}

#[derive(Clone, Debug)]
struct Owned {
    exchange: Option<String>,
    fanout: bool,
    kind: Kind,
    method: String,
    namespace: Option<String>,
    priority: Priority,
    server: Option<String>,
    topic: String,
    transport: String,
    version: Option<String>,
}

impl Owned {
    fn borrow(&self) -> Request<'_> {
        if self.kind == Kind::Notify {
            return Request::notification(&self.topic, self.priority, &self.method)
                .transport(&self.transport, "openstack")
                .exchange(self.exchange.as_deref());
        }
        Request::new(self.kind, &self.topic, &self.method)
            .transport(&self.transport, "openstack")
            .exchange(self.exchange.as_deref())
            .server(self.server.as_deref())
            .namespace(self.namespace.as_deref())
            .version(self.version.as_deref())
            .fanout(self.fanout)
    }
}
