//! Regular expressions of filters.

use fancy_regex::{CompileError, Error as RegexError, Regex, RegexBuilder, RegexInput};

use crate::error::{Error, Result};

/// A regular expression, which matches from the beginning of a text.
#[derive(Clone)]
pub(super) struct Expression {
    regex: Regex,
    /// How much of a text it sees.
    most: usize,
}

impl Expression {
    /// Of an author who means well.
    pub(super) fn trusted(argument: &'static str, text: &str) -> Result<Self> {
        let regex = Regex::new(text).map_err(|error| refused(argument, &error))?;
        Ok(Self {
            regex,
            most: usize::MAX,
        })
    }

    /// Of an author who may mean ill: small, and quick whatever the text is.
    pub(super) fn untrusted(argument: &'static str, text: &str) -> Result<Self> {
        let bytes = text.len();
        if bytes > LONGEST {
            let reason = format!("it has {bytes} bytes, and an expression here at most {LONGEST}");
            return Err(Error::invalid_argument(argument, reason));
        }
        // An expression that needs no going back is one automaton. Others are a program with an
        // automaton in many a step, whose number and sizes multiply.
        let automaton = RegexBuilder::new(text)
            .max_prog_size(0)
            .delegate_size_limit(AUTOMATON)
            .delegate_dfa_size_limit(AUTOMATON)
            .build();
        let regex = match automaton {
            Err(RegexError::CompileError(error))
                if matches!(*error, CompileError::PatternTooComplex) =>
            {
                if repetitions(text) > REPETITIONS {
                    return Err(Error::invalid_argument(argument, TOO_LARGE));
                }
                RegexBuilder::new(text)
                    .max_prog_size(STEPS)
                    .delegate_size_limit(AUTOMATON_OF_A_STEP)
                    .delegate_dfa_size_limit(AUTOMATON_OF_A_STEP)
                    .backtrack_limit(GOING_BACK)
                    .build()
            }
            built => built,
        };
        let regex = regex.map_err(|error| refused(argument, &error))?;
        // Each takes room for each state of the automaton.
        let groups = regex.captures_len();
        if groups > GROUPS {
            let reason = format!(
                "it has {} groups, and an expression here at most {}: write `(?:` for `(`",
                groups - 1,
                GROUPS - 1
            );
            return Err(Error::invalid_argument(argument, reason));
        }
        Ok(Self { regex, most: SEEN })
    }

    /// Whether a match begins where the text does.
    pub(super) fn begins(&self, text: &str) -> bool {
        let seen = text.floor_char_boundary(self.most);
        let input = RegexInput::new(text).range(0..seen).anchored(true);
        let found = self.regex.find_input(input).unwrap_or_else(|error| {
            tracing::warn!(%error, "a filter's expression takes too long, and does not match");
            None
        });
        found.is_some()
    }

    pub(super) fn as_str(&self) -> &str {
        self.regex.as_str()
    }
}

fn refused(argument: &'static str, error: &RegexError) -> Error {
    let is_large = match error {
        RegexError::CompileError(error) => match &**error {
            CompileError::PatternTooComplex => true,
            CompileError::InnerError(error) => error.size_limit().is_some(),
            _ => false,
        },
        _ => false,
    };
    let reason = if is_large {
        TOO_LARGE.to_owned()
    } else {
        format!("it is not a regular expression: {error}")
    };
    Error::invalid_argument(argument, reason)
}

/// How often something is repeated where all counts of the expression are inside of each other. Such
/// steps are none of going back.
fn repetitions(text: &str) -> u64 {
    let braces = text.split('{').skip(1);
    let counts = braces.filter_map(|rest| {
        let (counts, _) = rest.split_once('}')?;
        counts
            .split(',')
            .filter_map(|count| count.trim().parse::<u64>().ok())
            .max()
    });
    counts.fold(1, |product, count| product.saturating_mul(count.max(1)))
}

const TOO_LARGE: &str =
    "it is too large when it is compiled: repeat less, and write [0-9A-Za-z_] for \\w";
/// Bytes of an expression.
const LONGEST: usize = 1024;
/// Bytes of an automaton, of which there is one for each direction.
const AUTOMATON: usize = 256 * 1024;
/// As much as `\w` needs.
const AUTOMATON_OF_A_STEP: usize = 64 * 1024;
const STEPS: usize = 64;
const REPETITIONS: u64 = 10_000;
/// How often a match may go back and try another way.
const GOING_BACK: usize = 5_000;
/// The whole match counts as one.
const GROUPS: usize = 17;
/// How many bytes of a text are looked at.
pub(super) const SEEN: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_untrusted_author_may_write() {
        let check = |text: &str, refused: Option<&str>| {
            let told = Expression::untrusted("payload", text).map(drop);
            match (told, refused) {
                (Ok(()), None) => {}
                (Err(error), Some(refused)) => {
                    let error = error.to_string();
                    assert!(
                        error.contains("`payload`") && error.contains(refused),
                        "{error}"
                    );
                }
                (told, _) => panic!("{text}: {told:?}"),
            }
        };
        let tenants = vec!["5f643cfc-664b-4c69-8000-ce2ed7b08216"; 25].join("|");
        for fine in [
            "",
            "^compute.*",
            r"^compute\.instance\.(create|delete)\.(start|end|error)$",
            r"(?i)^\w+\.host-\d{1,4}$",
            r"(?!network)\w+",
            r"^(?!compute\.|network\.)[a-z]+\.(?=x)\w+",
            r"(a|b)\1",
            r"(?!0)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            &tenants,
        ] {
            check(fine, None);
        }
        check("(", Some("not a regular expression"));
        check(&"x".repeat(1025), Some("has 1025 bytes"));
        check(&"(a)".repeat(17), Some("has 17 groups"));
        for large in [
            r"\w{150}",
            r"(?:(?:a{100}){100}){100}",
            // With a program.
            r"(?=a)\w{20}",
            r"()(?:(?:(?:\1){1000}){10,1000}){1000}c",
            r"()(?:\1){4294967295}c",
            &r"(?=a)\w".repeat(100),
        ] {
            check(large, Some("too large"));
        }
    }

    /// Where the text is cut is not where it ends.
    #[test]
    fn an_untrusted_expression_sees_the_beginning_of_a_text() {
        let begins = |regex: &str, text: &str| {
            let expression = Expression::untrusted("payload", regex).unwrap();
            expression.begins(text)
        };
        let long = format!("begin{}end", "x".repeat(SEEN));
        for begin in ["begin", r"(?=b)begin", r"(b)egi(?!b)"] {
            assert!(begins(begin, &long), "{begin}");
        }
        for whole in [
            "beginx*end",
            "beginx*$",
            "(?=b)beginx*$",
            r"beginx*\z",
            r"(?=b)beginx*end",
        ] {
            assert!(!begins(whole, &long), "{whole}");
            assert!(
                begins(whole, "beginxxend") || whole.ends_with("x*$") || whole.ends_with(r"\z")
            );
        }
        // It is cut between two letters.
        let letters = "ä".repeat(SEEN);
        assert!(begins("ä{20}", &letters) && !begins("ä+$", &letters));
    }

    #[test]
    fn a_long_search_ends() {
        for long in [
            r"(?:(a|a)*)*\1b(?=c)",
            r"()(?:(?:\1){100}){100}c",
            r"(?:()(?:(?:\1){100}){100}|a)*c",
            r"(?:(?:(?=a)b?){100}){100}c",
        ] {
            let expression = Expression::untrusted("payload", long).unwrap();
            let begin = std::time::Instant::now();
            assert!(!expression.begins(&"a".repeat(1 << 20)));
            let took = begin.elapsed();
            // Seconds, as it is compiled for tests, and more beside others; without a bound it is for ever.
            assert!(
                took < std::time::Duration::from_secs(60),
                "{long}: {took:?}"
            );
        }
    }
}
