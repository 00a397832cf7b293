//! What the client said, held against what the servers counted. No I/O.

use std::collections::HashMap;
use std::fmt;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use crate::stalls::Stall;

/// One call or cast, and how it ended for its caller.
#[derive(Clone, Debug)]
pub struct Record {
    /// The request's own name.
    pub id: String,
    /// What it was.
    pub verb: Verb,
    /// Its timeout.
    pub limit: Duration,
    /// When it began.
    pub begin: Instant,
    /// How long it took.
    pub elapsed: Duration,
    /// What held the process up meanwhile.
    pub stall: Stall,
    /// How it ended.
    pub ended: Ended,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// With a reply.
    Call,
    /// Without.
    Cast,
}

/// How a call or a cast ended for its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Successfully.
    Done,
    /// With an error that says that the request was executed.
    Executed(String),
    /// With an error that says that it may have been.
    Maybe(String),
    /// With an error that says that it was not.
    NotExecuted(String),
    /// With somebody else's reply.
    WrongReply(String),
}

/// Broken promises, counted, and what else is worth knowing.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// Requests that were executed more than once.
    pub executed_twice: u64,
    /// Calls that got the reply of another.
    pub wrong_replies: u64,
    /// Requests that took longer than their timeout, a tenth of it and 50 ms.
    pub outlived: u64,
    /// How many of those would not have, had the machine not kept this process from running. They
    /// are counted as broken all the same.
    pub outlived_when_starved: u64,
    /// Casts that were reported as sent and never executed.
    pub lost_casts: u64,
    /// Errors and results that are not true: not executed but it was, executed but it was not.
    pub lies: u64,
    /// Calls that still wait when all have ended.
    pub leaked_waiters: u64,
    /// Reply queues on the broker after the transport was closed.
    pub leaked_queues: u64,
    /// Connections on the broker after the transport was closed.
    pub leaked_connections: u64,
    /// Tasks of the runtime after the transport was closed.
    pub leaked_tasks: u64,
    /// Threads of the process after the transport was closed.
    pub leaked_threads: u64,
    /// How long the servers took for the last casts after the broker had none any more.
    pub latest_execution: Duration,
    /// What held the process up, at worst.
    pub longest_stall: Stall,
    /// A few of the cases, in words.
    pub cases: Vec<String>,
    /// How many requests there were.
    pub requests: u64,
    /// How many of them ended well.
    pub done: u64,
    /// How many ended with an error that leaves open whether they were executed.
    pub maybe: u64,
    /// How many of these were executed.
    pub maybe_executed: u64,
    /// How many ended with an error that says that they were not executed.
    pub not_executed: u64,
}

impl Verdicts {
    /// Judges the requests; `executions` is what the servers counted, by id.
    #[must_use]
    pub fn judge(records: &[Record], executions: &HashMap<String, u64>) -> Self {
        let mut verdicts = Self::default();
        for record in records {
            let executed = executions.get(&record.id).copied().unwrap_or_default();
            verdicts.judge_one(record, executed);
        }
        verdicts
    }

    /// How many promises were broken.
    #[must_use]
    pub const fn broken(&self) -> u64 {
        self.executed_twice
            + self.wrong_replies
            + self.outlived
            + self.lost_casts
            + self.lies
            + self.leaked_waiters
            + self.leaked_queues
            + self.leaked_connections
            + self.leaked_tasks
            + self.leaked_threads
    }

    fn judge_one(&mut self, record: &Record, executed: u64) {
        self.requests += 1;
        let allowed = record.limit.mul_f64(1.1) + Duration::from_millis(50);
        let over = record.elapsed.saturating_sub(allowed);
        let starved = record.stall.of_the_machine() >= over;
        self.outlived_when_starved += u64::from(!over.is_zero() && starved);
        let mut broken = |counter: fn(&mut Self) -> &mut u64, what: &str| {
            *counter(self) += 1;
            if self.cases.len() < CASES {
                self.cases
                    .push(format!("{what}: {record:?}, executed {executed} times"));
            }
        };
        if executed > 1 {
            broken(|it| &mut it.executed_twice, "executed twice");
        }
        if !over.is_zero() {
            broken(|it| &mut it.outlived, "outlived its deadline");
        }
        match (&record.ended, record.verb) {
            (Ended::WrongReply(_), _) => broken(|it| &mut it.wrong_replies, "wrong reply"),
            (Ended::Done, Verb::Cast) if executed == 0 => {
                broken(|it| &mut it.lost_casts, "sent and lost");
            }
            (Ended::Done | Ended::Executed(_), _) if executed == 0 => {
                broken(|it| &mut it.lies, "said to be executed");
            }
            (Ended::NotExecuted(_), _) if executed > 0 => {
                broken(|it| &mut it.lies, "said not to be executed");
            }
            _ => {}
        }
        match &record.ended {
            Ended::Done => self.done += 1,
            Ended::Maybe(_) => {
                self.maybe += 1;
                self.maybe_executed += u64::from(executed > 0);
            }
            Ended::NotExecuted(_) => self.not_executed += 1,
            Ended::Executed(_) | Ended::WrongReply(_) => {}
        }
    }
}

impl AddAssign for Verdicts {
    fn add_assign(&mut self, other: Self) {
        self.executed_twice += other.executed_twice;
        self.wrong_replies += other.wrong_replies;
        self.outlived += other.outlived;
        self.outlived_when_starved += other.outlived_when_starved;
        self.lost_casts += other.lost_casts;
        self.lies += other.lies;
        self.leaked_waiters += other.leaked_waiters;
        self.leaked_queues += other.leaked_queues;
        self.leaked_connections += other.leaked_connections;
        self.leaked_tasks += other.leaked_tasks;
        self.leaked_threads += other.leaked_threads;
        self.latest_execution = self.latest_execution.max(other.latest_execution);
        self.longest_stall = self.longest_stall.or_longer(other.longest_stall);
        self.requests += other.requests;
        self.done += other.done;
        self.maybe += other.maybe;
        self.maybe_executed += other.maybe_executed;
        self.not_executed += other.not_executed;
        self.cases.extend(other.cases);
        self.cases.truncate(CASES);
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} requests: {} done, {} not executed, {} maybe ({} of them were)",
            self.requests, self.done, self.not_executed, self.maybe, self.maybe_executed
        )?;
        for (count, what) in [
            (self.executed_twice, "executed twice"),
            (self.wrong_replies, "replies for the wrong caller"),
            (self.outlived, "outlived their deadline"),
            (self.lost_casts, "casts reported as sent and lost"),
            (self.lies, "errors that were not true"),
            (self.leaked_waiters, "leaked waiters"),
            (self.leaked_queues, "leaked queues"),
            (self.leaked_connections, "leaked connections"),
            (self.leaked_tasks, "leaked tasks"),
            (self.leaked_threads, "leaked threads"),
        ] {
            writeln!(f, "{count:>8} {what}")?;
        }
        let Stall {
            thread,
            queued,
            task,
        } = self.longest_stall;
        writeln!(
            f,
            "longest stalls: an idle thread {thread:.0?}, a thread in the queue for a processor \
             {queued:.0?}, an idle task {task:.0?}"
        )?;
        writeln!(
            f,
            "the last casts were executed within {:.0?} after the broker had given them out",
            self.latest_execution
        )?;
        if self.outlived > 0 {
            writeln!(
                f,
                "{} of the {} that outlived their deadline were kept from running by the machine",
                self.outlived_when_starved, self.outlived
            )?;
        }
        for case in &self.cases {
            writeln!(f, "  {case}")?;
        }
        Ok(())
    }
}

const CASES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(verb: Verb, ended: Ended, elapsed: u64, executed: u64) -> Verdicts {
        let record = Record {
            id: "r1".to_owned(),
            verb,
            limit: Duration::from_millis(1000),
            begin: Instant::now(),
            elapsed: Duration::from_millis(elapsed),
            stall: Stall {
                queued: Duration::from_millis(100),
                task: Duration::from_secs(100),
                ..Stall::default()
            },
            ended,
        };
        Verdicts::judge(&[record], &HashMap::from([("r1".to_owned(), executed)]))
    }

    #[test]
    fn kept_promises_are_none_broken() {
        let check = |verb, ended, executed| {
            assert_eq!(judged(verb, ended, 1149, executed).broken(), 0);
        };
        check(Verb::Call, Ended::Done, 1);
        check(Verb::Cast, Ended::Done, 1);
        check(Verb::Call, Ended::Maybe(String::new()), 0);
        check(Verb::Call, Ended::Maybe(String::new()), 1);
        check(Verb::Call, Ended::NotExecuted(String::new()), 0);
        check(Verb::Call, Ended::Executed(String::new()), 1);
    }

    #[test]
    fn each_broken_promise_is_counted_as_what_it_is() {
        let check = |verb, ended, elapsed, executed, counter: fn(&Verdicts) -> u64| {
            let verdicts = judged(verb, ended, elapsed, executed);
            assert_eq!((counter(&verdicts), verdicts.broken()), (1, 1));
        };
        let not_executed = || Ended::NotExecuted(String::new());
        let wrong = Ended::WrongReply(String::new());
        check(Verb::Call, Ended::Done, 1, 2, |it| it.executed_twice);
        check(Verb::Call, wrong, 1, 1, |it| it.wrong_replies);
        check(Verb::Call, Ended::Done, 1151, 1, |it| it.outlived);
        check(Verb::Cast, Ended::Done, 1, 0, |it| it.lost_casts);
        check(Verb::Call, Ended::Done, 1, 0, |it| it.lies);
        check(Verb::Cast, not_executed(), 1, 1, |it| it.lies);
        check(Verb::Call, Ended::Executed(String::new()), 1, 0, |it| {
            it.lies
        });
    }

    #[test]
    fn a_stalled_machine_excuses_nothing_but_is_named() {
        let check = |elapsed, starved| {
            let verdicts = judged(Verb::Call, Ended::Done, elapsed, 1);
            let counts = (verdicts.outlived, verdicts.outlived_when_starved);
            assert_eq!((counts, verdicts.broken()), ((1, starved), 1));
        };
        check(1250, 1);
        // Whatever the runtime's tasks say.
        check(1251, 0);
    }
}
