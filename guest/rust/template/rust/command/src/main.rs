//! A plugin that calls one method. It takes the topic as its argument, `demo` if there is none.

use std::process::ExitCode;

use oslo_messaging_guest::{Client, Error, Target};
use serde_json::json;

fn main() -> ExitCode {
    let topic = std::env::args().nth(1).unwrap_or_else(|| "demo".to_owned());
    match run(&topic) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(topic: &str) -> Result<(), Error> {
    let client = Client::open("default", Target::topic(topic).version("1.5"))?;
    println!("40 + 2 = {}", add(&client, 40, 2)?);
    Ok(())
}

fn add(client: &Client, a: i64, b: i64) -> Result<i64, Error> {
    client.call(&json!({}), "add", &json!({"a": a, "b": b}))
}

#[cfg(test)]
mod tests {
    use oslo_messaging_guest::testing::Transport;

    use super::*;

    #[test]
    fn it_asks_for_a_sum() {
        let transport = Transport::grant("default");
        transport.method("add", |_| Ok(json!(5)));
        let client = Client::open("default", Target::topic("demo")).unwrap();
        assert_eq!(add(&client, 2, 3).unwrap(), 5);
        assert_eq!(transport.sent()[0].args, json!({"a": 2, "b": 3}));
    }
}
