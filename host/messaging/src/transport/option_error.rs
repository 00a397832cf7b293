/// Why an option of `[oslo_messaging_rabbit]` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// It cannot hold this value, or not beside the other options.
    #[error("option `{name}` cannot be `{value}`: expected {expected}")]
    BadValue {
        /// The option.
        name: String,
        /// Its value.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// There is no such option.
    #[error(
        "unknown option `{name}`{}",
        nearest.map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default()
    )]
    Unknown {
        /// Its name.
        name: String,
        /// The option most like it.
        nearest: Option<&'static str>,
    },
}

/// The one of `known` that `name` was probably meant to be.
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
