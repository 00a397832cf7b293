//! A table for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use crate::status::report::{Counted, Plugin, Report, State};

/// How much there was of each plugin the last time, for what there is a second.
pub(super) struct Earlier {
    at: Instant,
    counts: BTreeMap<String, [u64; 2]>,
}

impl Earlier {
    pub(super) fn new(at: Instant, report: &Report) -> Self {
        let counts = |plugin: &Plugin| (plugin.name.clone(), counts(plugin));
        Self {
            at,
            counts: report.plugins.iter().map(counts).collect(),
        }
    }

    /// Invocations and calls a second since then; none for a plugin that was not there, or begins anew.
    fn rates(&self, plugin: &Plugin, now: Instant) -> [Option<f64>; 2] {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        let before = self.counts.get(&plugin.name);
        let Some(before) = before.filter(|_| seconds > 0.0) else {
            return [None; 2];
        };
        let [(invoked, was_invoked), (called, has_called)] = {
            let [invoked, called] = counts(plugin);
            [(invoked, before[0]), (called, before[1])]
        };
        [(invoked, was_invoked), (called, has_called)].map(|(count, before)| {
            let more = count.checked_sub(before)?;
            Some(more as f64 / seconds)
        })
    }
}

const fn counts(plugin: &Plugin) -> [u64; 2] {
    [plugin.invoked.started, plugin.called.started]
}

/// As many lines of a table as a terminal has: what is left out are plugins, and of what is missing only what
/// would need more than half of it.
pub(super) fn fit(table: &str, height: usize) -> String {
    let lines: Vec<_> = table.lines().collect();
    let height = height.max(LEAST_HEIGHT);
    if lines.len() <= height {
        return table.to_owned();
    }
    let end = lines.iter().position(|line| line.is_empty());
    let (plugins, rest) = lines.split_at(end.unwrap_or(lines.len()));
    let below = rest.len().min(height / 2);
    let above = plugins.len().min(height - below - 1);
    let left_out = lines.len() - above - below;
    let told = format!("({left_out} lines more: --once shows all of them)");
    let shown = plugins.iter().take(above).copied();
    let shown: Vec<_> = shown
        .chain([&*told])
        .chain(rest.iter().take(below).copied())
        .collect();
    shown.join("\n")
}

/// The head, a plugin, what is left out, and where it goes on.
const LEAST_HEIGHT: usize = 4;

/// The plugins, a line each, and what is missing below.
pub(super) fn table(report: &Report, since: Option<(&Earlier, Instant)>) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    let plugins = report.plugins.iter();
    rows.extend(plugins.map(|plugin| row(plugin, since)));
    let mut text = aligned(&rows);
    let sum: Vec<_> = report
        .transports
        .iter()
        .map(|it| format!("{} {} ({} lost)", it.name, it.state, it.losses))
        .collect();
    // Whoever has the address chooses what is in it.
    let sum = sum.join(", ").escape_debug().to_string();
    let _ = writeln!(text, "\ntransports: {}", or_none(&sum));
    for why in &report.missing {
        // A file or a broker may have chosen what is in it.
        let _ = writeln!(text, "missing: {}", why.escape_debug());
    }
    text.truncate(text.trim_end().len());
    text
}

const HEAD: [&str; 17] = [
    "PLUGIN",
    "VERSION",
    "STATE",
    "INSTANCES",
    "RUNNING",
    "INVOKED",
    "/S",
    "FAILED",
    "RAISED",
    "P50",
    "P99",
    "CALLS",
    "/S",
    "FAILED",
    "P50",
    "P99",
    "REFUSED",
];

fn row(plugin: &Plugin, since: Option<(&Earlier, Instant)>) -> [String; 17] {
    let Plugin {
        name,
        sha256,
        state,
        invoked,
        called,
        ..
    } = plugin;
    let state = match state {
        State::Paused => "paused",
        State::Running => "running",
        State::Waiting => "waiting",
    };
    let [invoked_rate, called_rate] = match since {
        Some((earlier, now)) => earlier.rates(plugin, now),
        None => [None; 2],
    };
    let rate = |rate: Option<f64>| rate.map_or_else(nothing, |rate| format!("{rate:.1}"));
    let refused = [&plugin.denied, &plugin.over_rate, &plugin.limited];
    let refused: u64 = refused.into_iter().flat_map(BTreeMap::values).sum();
    [
        name.escape_debug().to_string(),
        sha256
            .chars()
            .take(8)
            .flat_map(char::escape_debug)
            .collect(),
        state.to_owned(),
        format!("{}/{}", plugin.instances, plugin.most_instances),
        invoked.in_flight.to_string(),
        invoked.started.to_string(),
        rate(invoked_rate),
        // An exception is an answer, and not the plugin's failure.
        other_than(invoked, &["raised", "returned", "skipped"]).to_string(),
        invoked.outcomes.get("raised").unwrap_or(&0).to_string(),
        length(invoked.p50_ms),
        length(invoked.p99_ms),
        called.started.to_string(),
        rate(called_rate),
        other_than(called, &["succeeded"]).to_string(),
        length(called.p50_ms),
        length(called.p99_ms),
        refused.to_string(),
    ]
}

fn other_than(counted: &Counted, good: &[&str]) -> u64 {
    let outcomes = counted.outcomes.iter();
    let bad = outcomes.filter(|(outcome, _)| !good.contains(&outcome.as_str()));
    bad.map(|(_, count)| count).sum()
}

fn length(milliseconds: Option<f64>) -> String {
    match milliseconds {
        None => nothing(),
        Some(length) if length < 10.0 => format!("{length:.1}ms"),
        Some(length) if length < 10_000.0 => format!("{length:.0}ms"),
        Some(length) => format!("{:.0}s", length / 1000.0),
    }
}

fn nothing() -> String {
    "-".to_owned()
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// Texts to the left, numbers to the right.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if column < TEXTS {
                write!(line, "{cell:<width$}  ")
            } else {
                write!(line, "{cell:>width$}  ")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// So many columns are text.
const TEXTS: usize = 3;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn report(invoked: u64) -> Report {
        let json = serde_json::json!({
            "version": "0.1.0", "ready": false, "missing": ["transport `a`: \u{1b}[2J"],
            "transports": [{"name": "default", "state": "connected", "connects": 2, "losses": 1}],
            "plugins": [{
                "name": "relay", "sha256": "0123456789", "state": "waiting", "paused_ms": null,
                "waiting": [], "instances": 3, "most_instances": 64,
                "invoked": {"started": invoked, "in_flight": 1, "p50_ms": 1.25, "p99_ms": 12_000.0,
                            "outcomes": {"raised": 5, "returned": 3, "trapped": 2, "skipped": 4}},
                "invoked_by": {}, "called_by": [],
                "called": {"started": 0, "in_flight": 0, "p50_ms": null, "p99_ms": null,
                           "outcomes": {}},
                "denied": {"read": 2}, "over_rate": {}, "limited": {"clients": 1},
                "output_cut": 0, "memory_refused": 0, "table_refused": 0, "replaced": 0,
            }],
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_line_for_each_plugin_and_one_for_what_is_missing() {
        let shown = table(&report(6), None);
        let lines: Vec<Vec<_>> = shown
            .lines()
            .map(|it| it.split_whitespace().collect())
            .collect();
        assert_eq!(lines[0], HEAD);
        let row = "relay 01234567 waiting 3/64 1 6 - 2 5 1.2ms 12s 0 - 0 - - 3";
        assert_eq!(lines[1].join(" "), row);
        assert_eq!(lines[3].join(" "), "transports: default connected (1 lost)");
        // What moves a terminal's cursor does not get there.
        assert_eq!(lines[4].join(" "), "missing: transport `a`: \\u{1b}[2J");
    }

    #[test]
    fn a_table_is_as_high_as_the_terminal() {
        let plugins: Vec<_> = (0..20).map(|number| format!("p{number}")).collect();
        let table = |missing: usize| {
            let missing: Vec<_> = (0..missing)
                .map(|number| format!("missing: m{number}"))
                .collect();
            let rest = ["transports: none".to_owned()].into_iter().chain(missing);
            let rest: Vec<_> = rest.collect();
            format!("PLUGIN\n{}\n\n{}", plugins.join("\n"), rest.join("\n"))
        };
        for (missing, height) in [
            (0, 10),
            (3, 10),
            (30, 10),
            (30, 11),
            (30, 5),
            (5, 24),
            (0, 0),
        ] {
            let table = table(missing);
            let shown = fit(&table, height);
            let lines: Vec<_> = shown.lines().collect();
            assert_eq!(lines.len(), height.max(4), "{missing} in {height}: {shown}");
            assert_eq!(lines[0], "PLUGIN", "{shown}");
            assert!(shown.contains("transports: none"), "{shown}");
            let left_out = table.lines().count() + 1 - lines.len();
            assert!(
                shown.contains(&format!("({left_out} lines more")),
                "{shown}"
            );
        }
        let few = table(0);
        assert_eq!(fit(&few, few.lines().count()), few);
        assert_eq!(fit(&few, 1000), few);
    }

    #[test]
    fn what_there_is_a_second_is_told_the_second_time() {
        let (before, now) = (report(6), Instant::now());
        let earlier = Earlier::new(now, &before);
        let later = now + Duration::from_secs(2);
        let rates = |count| earlier.rates(&report(count).plugins[0], later);
        assert_eq!(rates(16), [Some(5.0), Some(0.0)]);
        // The daemon is another one.
        assert_eq!(rates(2), [None, Some(0.0)]);
    }
}
