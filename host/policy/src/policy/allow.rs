//! Rules out of a file.

use super::Transports;
use crate::decision::Rules;
use crate::file::tables::AllowTable;
use crate::file::{At, Many, Spot, Told};
use crate::plugin::Limits;
use crate::request::Kind;
use crate::rule::{Rule, RuleBuilder};

pub(super) fn rules(
    plugin: &Spot,
    tables: Option<&At<Vec<At<AllowTable>>>>,
    limits: &Limits,
    transports: &Transports<'_>,
    told: &mut Told,
) -> Rules {
    let mut rules: Vec<(Rule, &Spot)> = Vec::new();
    for table in tables.into_iter().flat_map(|tables| &tables.value) {
        compare(plugin, table, limits, told);
        let Some(rule) = rule(plugin, table, transports, told) else {
            continue;
        };
        let same = rules.iter().find(|(other, _)| other.name() == rule.name());
        if let Some((_, first)) = same {
            let spot = table.name.as_ref().map_or(&table.spot, |name| &name.spot);
            let message = format!("`{}` is called the same", first.key);
            told.error(
                spot,
                message,
                "name it differently, so that denials say which it was",
            );
        } else if let Some((wider, _)) = rules.iter().find(|(other, _)| other.covers(&rule)) {
            let message = format!("`{}` allows all of this before", wider.name());
            told.warning(&table.spot, message, "remove it, or put it first");
        }
        rules.push((rule, &table.spot));
    }
    Rules::new(rules.into_iter().map(|(rule, _)| rule))
}

/// What a rule says, beside what its plugin says.
fn compare(plugin: &Spot, table: &AllowTable, limits: &Limits, told: &mut Told) {
    let judged = |key: &str, told: &Told| {
        let own = format!("{}.limits.{key}", plugin.key);
        !told.is_wrong(&own) && !told.is_wrong(&format!("limits.{key}"))
    };
    if let Some(timeout) = &table.timeout
        && timeout.value > limits.time
        && judged("time", told)
    {
        let message = format!(
            "no call outlives the invocation, whose `time` is {}",
            limits.time
        );
        let remedy = "write a shorter `timeout`, or a longer `time` in the plugin's `limits`";
        told.error(&timeout.spot, message, remedy);
    }
    if let Some(rate) = &table.rate
        && rate.is_above(limits.rate)
        && judged("rate", told)
    {
        let message = format!(
            "it is never reached, the plugin's `rate` is {}",
            limits.rate
        );
        told.warning(
            &rate.spot,
            message,
            "write a lower one, or raise that in `limits`",
        );
    }
}

fn rule(
    plugin: &Spot,
    table: &At<AllowTable>,
    transports: &Transports<'_>,
    told: &mut Told,
) -> Option<Rule> {
    let AllowTable {
        name,
        transport,
        exchange,
        topic,
        server,
        fanout,
        namespace,
        methods,
        version,
        kind,
        priority,
        event_type,
        timeout,
        rate,
        traceback,
    } = &table.value;
    let place = table.spot.key.strip_prefix(&format!("{}.", plugin.key));
    let place = place.unwrap_or(&table.spot.key);
    let mut rule = Rule::builder(name.as_ref().map_or(place, |name| &name.0));
    let notifies = kind.as_ref().is_some_and(|it| it.value == Kind::Notify);
    // Which keys it should have is not known then.
    let of_unknown_kind = told.is_wrong(&format!("{}.kind", table.spot.key));
    if methods.is_none()
        && !notifies
        && !of_unknown_kind
        && !told.is_wrong(&format!("{}.methods", table.spot.key))
    {
        let spot = table.spot.below(table.spot.at, "methods");
        told.error(&spot, "this is missing", "write `methods = \"NAME\"`");
    }
    let named = transport.as_ref().map_or("default", |it| it.as_str());
    let spot = transport.as_ref().map_or(&table.spot, |it| &it.spot);
    transports.check(named, spot, told);
    rule = rule.transport(named);
    rule = each(rule, exchange.as_ref(), RuleBuilder::exchange);
    rule = each(rule, topic.0.as_ref(), RuleBuilder::topic);
    rule = each(rule, server.as_ref(), RuleBuilder::server);
    rule = each(rule, namespace.as_ref(), RuleBuilder::namespace);
    rule = each(rule, methods.as_ref(), RuleBuilder::method);
    rule = each(rule, version.as_ref(), RuleBuilder::version);
    rule = each(rule, priority.as_ref(), RuleBuilder::priority);
    rule = each(rule, event_type.as_ref(), RuleBuilder::event_type);
    if fanout.as_ref().is_some_and(|it| it.value) {
        rule = rule.fanout();
    }
    if let Some(kind) = kind {
        rule = rule.kind(kind.value);
    }
    if let Some(timeout) = timeout {
        rule = rule.timeout(timeout.value);
    }
    if let Some(rate) = rate {
        rule = rule.rate(rate.value);
    }
    if let Some(traceback) = traceback {
        rule = rule.traceback(traceback.value);
    }
    match rule.build() {
        Ok(rule) => Some(rule),
        Err(invalid) => {
            for fault in invalid.faults() {
                let by_kind = ["event-type", "methods", "priority"].contains(&fault.key);
                if by_kind && of_unknown_kind {
                    continue;
                }
                let spot = match fault.key {
                    "exchange" => exchange.as_ref().map(|it| &it.spot),
                    "kind" => kind.as_ref().map(|it| &it.spot),
                    "event-type" => event_type.as_ref().map(|it| &it.spot),
                    "fanout" => fanout.as_ref().map(|it| &it.spot),
                    "methods" => methods.as_ref().map(|it| &it.spot),
                    "namespace" => namespace.as_ref().map(|it| &it.spot),
                    "priority" => priority.as_ref().map(|it| &it.spot),
                    "server" => server.as_ref().map(|it| &it.spot),
                    "name" => name.as_ref().map(|it| &it.spot),
                    "transport" => transport.as_ref().map(|it| &it.spot),
                    "topic" => topic.0.as_ref().map(|it| &it.spot),
                    "traceback" => traceback.as_ref().map(|it| &it.spot),
                    "version" => version.as_ref().map(|it| &it.spot),
                    _ => None,
                };
                // What is missing or wrong itself was told when it was read.
                if !told.is_wrong(&format!("{}.{}", table.spot.key, fault.key)) {
                    let (message, remedy) = (fault.message.clone(), fault.remedy.clone());
                    told.error(spot.unwrap_or(&table.spot), message, remedy);
                }
            }
            None
        }
    }
}

fn each<T: Clone>(
    rule: RuleBuilder,
    values: Option<&At<Many<T>>>,
    add: fn(RuleBuilder, T) -> RuleBuilder,
) -> RuleBuilder {
    let values = values.into_iter().flat_map(|values| &values.value.0);
    values.fold(rule, |rule, value| add(rule, value.value.clone()))
}
