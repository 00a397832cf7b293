//! A plugin with many calls in flight: its `run` is an `async fn`, which the host starts.

use futures::future::try_join_all;
use oslo_messaging_guest::{Client, Error, Target};
use serde_json::json;

struct Plugin;

impl bindings::exports::wasi::cli::run::Guest for Plugin {
    async fn run() -> Result<(), ()> {
        match squares(3).await {
            Ok(squares) => println!("{squares:?}"),
            Err(error) => {
                eprintln!("{error}");
                return Err(());
            }
        }
        Ok(())
    }
}

/// Asks for all of them at once.
async fn squares(most: i64) -> Result<Vec<i64>, Error> {
    let client = &Client::open("default", Target::topic("demo").version("1.5"))?;
    let calls = (1..=most).map(|number| async move {
        let args = json!({"a": number * number, "b": 0});
        client.call_async(&json!({}), "add", &args).await
    });
    try_join_all(calls).await
}

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package acme:NAME;

            world plugin {
                export wasi:cli/run@0.3.0;
            }

            package wasi:cli@0.3.0 {
                interface run {
                    run: async func() -> result;
                }
            }
        ",
        world: "plugin",
    });
}

// Tests are native, and native linkers refuse the export's name.
#[cfg(target_family = "wasm")]
bindings::export!(Plugin with_types_in bindings);

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use oslo_messaging_guest::testing::Transport;

    use super::*;

    #[test]
    fn all_squares_are_asked_for() {
        let transport = Transport::grant("default");
        transport.method("add", |sent| Ok(sent.args["a"].clone()));
        assert_eq!(block_on(squares(3)).unwrap(), [1, 4, 9]);
        assert_eq!(transport.sent().len(), 3);
    }
}
