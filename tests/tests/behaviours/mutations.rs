//! Whether each behaviour would notice what it is about: what is done wrong on purpose has to turn it
//! red.

use serde_json::{Value, json};

use crate::case::{Case, Run, Script};
use crate::guest::Guests;
use crate::native::Mutation;
use crate::servers::Servers;
use crate::surface::Surface;

/// Where a behaviour is run to be changed: in memory and by the native client if it runs there, because
/// messages can be lost and doubled there.
pub(crate) fn place<'a>(
    case: &Case,
    surfaces: &'a [Surface],
) -> Option<(&'static str, &'a Surface)> {
    let places = ["memory", "rabbit"]
        .into_iter()
        .flat_map(|transport| surfaces.iter().map(move |surface| (transport, surface)));
    let mut places = places.filter(|(transport, surface)| case.runs_on(transport, surface));
    places.next()
}

/// Runs a behaviour as it is, and says which other outcome it would not notice.
pub(crate) async fn check_outcomes(
    case: &Case,
    surface: &Surface,
    guests: &Guests,
    servers: &Servers,
) -> Result<(), String> {
    let (script, run) = case.run(surface, guests, servers).await;
    case.judge(&script, &run)?;
    outcomes(case, &script, &run)
}

/// Runs a behaviour with each mutation by the native client in memory, and says which one it did not
/// notice.
pub(crate) async fn check(case: &Case) -> Result<(), String> {
    let servers = Servers::memory().await;
    let (script, run) = case.run_natively(&servers, Mutation::None).await;
    case.judge(&script, &run)?;
    for (mutation, reaches) in [
        (Mutation::CastsDropped, run.executed_for_casts(&script)),
        (Mutation::Doubled, run.executed_for_all()),
    ] {
        // What reaches nobody can be lost or doubled.
        if reaches == 0 {
            continue;
        }
        let servers = Servers::memory().await;
        let (script, mut changed) = case.run_natively(&servers, mutation).await;
        if matches!(mutation, Mutation::CastsDropped) {
            // The caller itself has to see it: over a broker nobody counts.
            changed.executed = None;
        }
        if case.judge(&script, &changed).is_ok() {
            return Err(format!("{mutation:?} was not noticed"));
        }
    }
    outcomes(case, &script, &run)
}

/// Each outcome in turn is replaced by an error, and by another result.
fn outcomes(case: &Case, script: &Script, run: &Run) -> Result<(), String> {
    let others = [
        json!({"error": {"case": "other", "outcome": "unknown", "message": "mutation"}}),
        json!({"ok": {"mutation": 1}}),
    ];
    for place in places(&run.outcomes) {
        for other in &others {
            let mut changed = run.clone();
            if let Some(outcome) = changed.outcomes.pointer_mut(&place) {
                *outcome = other.clone();
            }
            if case.judge(script, &changed).is_ok() {
                return Err(format!("{other} in place of {place} was not noticed"));
            }
        }
    }
    Ok(())
}

/// Where outcomes are, those of messages that were sent at once too. Of very many of a kind only some
/// are tried, because each takes as long as to compare all.
fn places(outcomes: &Value) -> Vec<String> {
    let each = outcomes.as_array().map_or(&[][..], Vec::as_slice);
    let step = if each.len() > 100 { 500 } else { 1 };
    let each = each.iter().enumerate().step_by(step);
    each.flat_map(|(index, outcome)| {
        let nested = outcome["ok"].as_array().map_or(&[][..], Vec::as_slice);
        let is_outcome = |value: &Value| value.get("ok").or_else(|| value.get("error")).is_some();
        let nested = nested.iter().enumerate();
        let nested = nested.filter(move |(_, value)| is_outcome(value));
        let nested = nested.map(move |(inner, _)| format!("/{index}/ok/{inner}"));
        [format!("/{index}")].into_iter().chain(nested)
    })
    .collect()
}
