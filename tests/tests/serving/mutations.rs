//! Whether each case would notice what it is about: what is done wrong on purpose has to turn it red.

use std::sync::Arc;

use oslo_messaging_tests::peer::unique_name;
use serde_json::{Value, json};

use crate::list::Case;
use crate::notifications;
use crate::notifying::judge;
use crate::plugins::Plugins;
use crate::world::World;

/// What is done wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mutation {
    None,
    /// Casts are said to be sent, and are not.
    CastsDropped,
    /// Every cast is sent twice.
    CastsDoubled,
}

/// Makes the calls of a case with each mutation and changes each answer, and says what was not noticed.
pub(crate) async fn check(
    plugins: &Arc<Plugins>,
    component: &'static str,
    case: &Case,
) -> Result<(), String> {
    let answers = answers(plugins, component, case, Mutation::None).await?;
    case.judge(&answers)?;
    let others = [
        json!({"result": {"mutation": 1}}),
        json!({"class": "Mutation", "value": "mutation"}),
        json!({"failed": "mutation"}),
    ];
    each_is_noticed(&answers, |_| others.to_vec(), |it| case.judge(it))?;
    if case.requests.iter().any(|request| request["op"] == "cast") {
        for mutation in [Mutation::CastsDropped, Mutation::CastsDoubled] {
            let changed = self::answers(plugins, component, case, mutation).await?;
            if case.judge(&changed).is_ok() {
                return Err(format!("{mutation:?} was not noticed"));
            }
        }
    }
    Ok(())
}

/// Of an instance that nobody has called before.
async fn answers(
    plugins: &Arc<Plugins>,
    component: &'static str,
    case: &Case,
    mutation: Mutation,
) -> Result<Vec<Value>, String> {
    let world = World::start("memory", Arc::clone(plugins)).await;
    world.answers(component, case, mutation).await
}

/// Has a plugin answer the notifications of a case and changes everything of each answer, and says what
/// was not noticed.
pub(crate) async fn check_notifications(
    plugins: &Arc<Plugins>,
    component: &str,
    case: &notifications::Case,
) -> Result<(), String> {
    let answers = unique_name("answers");
    let world = World::start("memory", Arc::clone(plugins)).await;
    let heard = world.hear(component, case, &answers).await?;
    each_is_noticed(&heard, parts_changed, |it| judge(case, &answers, it))
}

/// An answer to a notification with each part changed that is not the language's own.
fn parts_changed(heard: &Value) -> Vec<Value> {
    let is_own =
        |name: &str| heard["event_type"] == "refused" && ["publisher_id", "user"].contains(&name);
    let names = heard.as_object().into_iter().flat_map(|it| it.keys());
    let names = names.filter(|name| !is_own(name));
    names
        .map(|name| {
            let mut changed = heard.clone();
            changed[name] = json!({"mutation": 1});
            changed
        })
        .collect()
}

/// Each answer in turn is replaced by others, taken away, and given twice.
fn each_is_noticed(
    answers: &[Value],
    others: impl Fn(&Value) -> Vec<Value>,
    judge: impl Fn(&[Value]) -> Result<(), String>,
) -> Result<(), String> {
    judge(answers)?;
    for (place, answer) in answers.iter().enumerate() {
        let instead = |these: Vec<Value>| {
            let mut changed = answers.to_vec();
            changed.splice(place..=place, these);
            changed
        };
        let mut mutations: Vec<_> = others(answer).into_iter().map(|it| vec![it]).collect();
        mutations.extend([vec![], vec![answer.clone(), answer.clone()]]);
        for mutation in mutations {
            let what = json!(mutation);
            if judge(&instead(mutation)).is_ok() {
                return Err(format!("{what} in place of {answer} was not noticed"));
            }
        }
    }
    Ok(())
}
