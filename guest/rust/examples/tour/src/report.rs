use std::fmt::Display;
use std::process::ExitCode;

/// Prints what happened and remembers whether anything was not as it should be.
pub(crate) struct Report {
    steps: usize,
    surprises: usize,
}

impl Report {
    pub(crate) const fn new() -> Self {
        Self {
            steps: 0,
            surprises: 0,
        }
    }

    /// What is only said.
    pub(crate) fn note(&self, what: &str, text: &str) {
        println!("    {what:<16} {text}");
    }

    /// A step that did what it should.
    pub(crate) fn done(&mut self, what: &str, tried: &str, came: impl Display) {
        self.steps += 1;
        println!("{:>2}. {what:<16} {tried}  ->  {came}", self.steps);
    }

    /// A step that did not.
    pub(crate) fn failed(&mut self, what: &str, tried: &str, came: impl Display) {
        self.steps += 1;
        self.surprises += 1;
        println!(
            "{:>2}. {what:<16} {tried}  ->  UNEXPECTED: {came}",
            self.steps
        );
    }

    /// A step that is right if there is `Ok`, whatever it prints as.
    pub(crate) fn step<T: Display, E: Display>(
        &mut self,
        what: &str,
        tried: &str,
        came: Result<T, E>,
    ) {
        match came {
            Ok(came) => self.done(what, tried, came),
            Err(came) => self.failed(what, tried, came),
        }
    }

    pub(crate) fn finish(self) -> ExitCode {
        println!();
        if self.surprises == 0 {
            println!("All {} steps did what they should.", self.steps);
            return ExitCode::SUCCESS;
        }
        println!(
            "{} of {} steps did not do what they should.",
            self.surprises, self.steps
        );
        ExitCode::FAILURE
    }
}
