//! A tour of what a client can do, for whoever reads its output: one line a step. It talks to the
//! demo endpoints: `tour [TOPIC [TRANSPORT]]`, which default to `demo` and `default`.

mod report;
mod steps;

use std::process::ExitCode;

use oslo_messaging_guest::{Client, Target};

use crate::report::Report;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let topic = arguments.next().unwrap_or_else(|| "demo".to_owned());
    let transport = arguments.next().unwrap_or_else(|| "default".to_owned());
    let target = Target::topic(topic).version("1.5");

    let mut report = Report::new();
    report.note(
        "target",
        &format!("{target} on the transport `{transport}`"),
    );
    match Client::open(&transport, target) {
        Ok(client) => {
            steps::messages(&client, &mut report);
            steps::addressing(&client, &mut report);
            steps::errors(&client, &mut report);
            steps::at_once(&client, &mut report);
        }
        Err(error) => report.failed("open", "a client of the transport", &error),
    }
    report.finish()
}
