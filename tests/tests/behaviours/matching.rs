//! Whether what was found is what was expected.

use serde_json::{Map, Value};

/// Compares, where an object with these keys stands for more than itself: `$has` for an object with
/// these entries among others, `$contains` for a text with this in it, `$one-of` for any of these,
/// `$between` for a number from the first to the second of these, and for lists `$count` for how many
/// there are, `$all` for what each is, `$includes` for what is among them, `$excludes` for what is not.
pub(crate) fn matches(path: &str, expected: &Value, found: &Value) -> Result<(), String> {
    let fail = |why: &str| {
        Err(format!(
            "at {path:?}: {why}: expected {expected}, found {found}"
        ))
    };
    let Value::Object(pattern) = expected else {
        return match (expected, found) {
            (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
                expected
                    .iter()
                    .zip(found)
                    .enumerate()
                    .try_for_each(|(index, (expected, found))| {
                        matches(&format!("{path}/{index}"), expected, found)
                    })
            }
            (expected, found) if expected == found => Ok(()),
            _ => fail("it differs"),
        };
    };
    if let Some(Value::Object(entries)) = pattern.get("$has") {
        return entries
            .iter()
            .try_for_each(|(name, expected)| match found.get(name) {
                Some(found) => matches(&format!("{path}/{name}"), expected, found),
                None => fail(&format!("there is no `{name}`")),
            });
    }
    if let Some(Value::String(part)) = pattern.get("$contains") {
        return match found.as_str() {
            Some(text) if text.contains(part.as_str()) => Ok(()),
            _ => fail("the text is not in it"),
        };
    }
    if let Some(Value::Array(choices)) = pattern.get("$one-of") {
        return match choices.contains(found) {
            true => Ok(()),
            false => fail("it is none of these"),
        };
    }
    if let Some(bounds) = pattern.get("$between") {
        let bound = |index: usize| bounds[index].as_u64();
        return match (bound(0), found.as_u64(), bound(1)) {
            (Some(least), Some(found), Some(most)) if (least..=most).contains(&found) => Ok(()),
            _ => fail("it is no such number"),
        };
    }
    if pattern.keys().any(|key| OF_LISTS.contains(&key.as_str())) {
        return match found.as_array() {
            Some(found) => list_matches(path, pattern, found),
            None => fail("it is no list"),
        };
    }
    match found {
        Value::Object(found) if found.keys().eq(pattern.keys()) => {
            pattern.iter().try_for_each(|(name, expected)| {
                matches(&format!("{path}/{name}"), expected, &found[name])
            })
        }
        _ => fail("it has other entries"),
    }
}

const OF_LISTS: [&str; 4] = ["$count", "$all", "$includes", "$excludes"];

fn list_matches(path: &str, pattern: &Map<String, Value>, found: &[Value]) -> Result<(), String> {
    for (key, expected) in pattern {
        let members = expected.as_array().map_or(&[][..], Vec::as_slice);
        let wrong = match key.as_str() {
            "$count" => (*expected != found.len()).then(|| format!("it has {}", found.len())),
            "$all" => found
                .iter()
                .enumerate()
                .find_map(|(index, one)| matches(&format!("{path}/{index}"), expected, one).err()),
            "$includes" => {
                let missing = members.iter().find(|member| !found.contains(member));
                missing.map(|missing| format!("{missing} is missing"))
            }
            "$excludes" => {
                let present = members.iter().find(|member| found.contains(member));
                present.map(|present| format!("{present} is there"))
            }
            _ => Some("the pattern has other keys".to_owned()),
        };
        if let Some(wrong) = wrong {
            return Err(format!("at {path:?}: {wrong}: expected {key} {expected}"));
        }
    }
    Ok(())
}
