//! Which test programs run with which broker, and which first.

use super::programs::Program;

/// A test program, or the tests in documents, with one of the brokers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    /// Without one it is the tests in documents.
    pub(super) program: Option<&'a Program>,
    /// The number of the broker, from nought.
    pub(super) broker: usize,
}

/// All programs with the first broker, those that depend on its version with each, the longest first.
pub(super) fn jobs(programs: &[Program], documents: bool, brokers: usize) -> Vec<Job<'_>> {
    let first = programs.iter().map(|program| Job {
        program: Some(program),
        broker: 0,
    });
    let others = (1..brokers).flat_map(|broker| {
        let depends = |program: &&Program| OF_A_BROKER.contains(&program.name.as_str());
        programs.iter().filter(depends).map(move |program| Job {
            program: Some(program),
            broker,
        })
    });
    let documents = documents.then_some(Job {
        program: None,
        broker: 0,
    });
    let mut jobs: Vec<_> = first.chain(others).chain(documents).collect();
    jobs.sort_by_key(|job| {
        let place = |program: &Program| LONGEST.iter().position(|name| *name == program.name);
        job.program.and_then(place).unwrap_or(LONGEST.len())
    });
    jobs
}

/// What depends on the broker's version, by the names of programs: everything that speaks AMQP itself. What plugins and
/// the program do stands on that.
const OF_A_BROKER: [&str; 5] = ["oslo_messaging", "promises", "faults", "interop", "tls"];

/// None of the long ones is left alone at the end.
const LONGEST: [&str; 9] = [
    "promises",
    "author",
    "faults",
    "languages",
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
    fn what_depends_on_the_broker_runs_with_each_and_the_rest_once_the_longest_first() {
        let programs = ["tidy", "behaviours", "promises"].map(Program::named);
        let jobs = jobs(&programs, true, 2);
        let named: Vec<_> = jobs
            .iter()
            .map(|job| (job.program.map(|program| program.name.as_str()), job.broker))
            .collect();
        assert_eq!(
            named,
            [
                (Some("promises"), 0),
                (Some("promises"), 1),
                (Some("behaviours"), 0),
                (Some("tidy"), 0),
                (None, 0),
            ]
        );
    }
}
