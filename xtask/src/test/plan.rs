//! Which test programs run with which broker, and which first.

use super::programs::Program;

/// A test program, or the tests in documents, with one of the brokers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    /// Without one it is the tests in documents.
    pub(super) program: Option<&'a Program>,
    /// The number of the broker, from nought.
    pub(super) broker: usize,
    /// Which of its tests, by a part of their names; all by default.
    pub(super) tests: Option<&'static str>,
}

/// All programs with the first broker, those that talk to a broker with each, the longest first.
pub(super) fn jobs(programs: &[Program], documents: bool, brokers: usize) -> Vec<Job<'_>> {
    let first = programs.iter().map(|program| Job {
        program: Some(program),
        broker: 0,
        tests: None,
    });
    let others = (1..brokers).flat_map(|broker| {
        programs.iter().filter_map(move |program| {
            let (_, tests) = *OF_A_BROKER.iter().find(|(name, _)| *name == program.name)?;
            Some(Job {
                program: Some(program),
                broker,
                tests,
            })
        })
    });
    let documents = documents.then_some(Job {
        program: None,
        broker: 0,
        tests: None,
    });
    let mut jobs: Vec<_> = first.chain(others).chain(documents).collect();
    jobs.sort_by_key(|job| {
        let place = |program: &Program| LONGEST.iter().position(|name| *name == program.name);
        job.program.and_then(place).unwrap_or(LONGEST.len())
    });
    jobs
}

/// What depends on the broker, by the names of programs. The two whose tests are cases have `rabbit` in the names of
/// those that talk to one.
const OF_A_BROKER: [(&str, Option<&str>); 9] = [
    ("oslo_messaging", None),
    ("promises", None),
    ("faults", None),
    ("interop", None),
    ("tls", None),
    ("files", None),
    ("ending", None),
    ("behaviours", Some("rabbit/")),
    ("serving", Some("rabbit/")),
];

/// None of the long ones is left alone at the end.
const LONGEST: [&str; 9] = [
    "promises",
    "author",
    "languages",
    "faults",
    "behaviours",
    "serving",
    "hosts",
    "ending",
    "interop",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_talks_to_a_broker_runs_with_each_and_the_rest_once_the_longest_first() {
        let programs = ["tidy", "behaviours", "promises"].map(Program::named);
        let jobs = jobs(&programs, true, 2);
        let named: Vec<_> = jobs
            .iter()
            .map(|job| {
                (
                    job.program.map(|program| program.name.as_str()),
                    job.broker,
                    job.tests,
                )
            })
            .collect();
        assert_eq!(
            named,
            [
                (Some("promises"), 0, None),
                (Some("promises"), 1, None),
                (Some("behaviours"), 0, None),
                (Some("behaviours"), 1, Some("rabbit/")),
                (Some("tidy"), 0, None),
                (None, 0, None),
            ]
        );
    }
}
