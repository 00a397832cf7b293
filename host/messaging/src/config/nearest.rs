//! What a wrong name was probably meant to be.

/// The one of `known` that `name` was probably meant to be.
#[cfg(feature = "rabbit")]
pub(super) fn nearest(
    name: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance * 2 <= candidate.len())
        // Half a name is more likely than as many mistakes.
        .min_by_key(|(distance, candidate)| (!candidate.starts_with(name), *distance, *candidate))
        .map(|(_, candidate)| candidate)
}

/// The one of `known` that differs in one or two letters.
pub(super) fn misspelt(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let near = |candidate: &&&'static str| (1..=2).contains(&distance(name, candidate));
    known.iter().find(near).copied()
}

/// Levenshtein's.
fn distance(left: &str, right: &str) -> usize {
    // A name this far from every known one has no nearest; the bound keeps hostile input cheap.
    if left.len() > 100 {
        return usize::MAX / 4;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, r) in row.iter_mut().skip(1).zip(right.bytes()) {
            let cost = diagonal + usize::from(l != r);
            diagonal = *cell;
            before = cost.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
