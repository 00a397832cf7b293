//! A client that is measured beside native ones: it does what lines of standard input say, `call|cast
//! AT_ONCE BYTES COUNT`, until that ends, and answers each with a line of JSON that says how long it
//! took. The argument is the topic.

use std::io::stdin;
use std::time::Instant;

use futures_util::future::try_join_all;
use oslo_messaging_guest::{Client, Result, Target};
use serde_json::{Value, json};

use crate::bindings::exports::wasi::cli::run::Guest;

/// The plugin.
pub struct Measured;

impl Guest for Measured {
    async fn run() -> std::result::Result<(), ()> {
        match serve().await {
            Ok(()) => Ok(()),
            Err(why) => {
                eprintln!("{why}");
                Err(())
            }
        }
    }
}

// Native linkers refuse the export's name, and the workspace is built natively too.
#[cfg(target_family = "wasm")]
#[expect(unsafe_code, reason = "the generated glue of the export")]
mod export {
    crate::bindings::export!(Measured with_types_in crate::bindings);
    use crate::Measured;
}

async fn serve() -> std::result::Result<(), String> {
    let topic = std::env::args().nth(1).ok_or("usage: measured TOPIC")?;
    let client = Client::open("default", Target::topic(topic)).map_err(|e| e.to_string())?;
    some(&client, false, &json!({"value": "warm"}), 1)
        .await
        .map_err(|e| e.to_string())?;
    println!("ready");
    while let Some(line) = stdin().lines().next() {
        let line = line.map_err(|e| e.to_string())?;
        println!("{}", work(&client, &line).await?);
    }
    Ok(())
}

async fn work(client: &Client, line: &str) -> std::result::Result<Value, String> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [verb, numbers @ ..] = words.as_slice() else {
        return Err("a line is empty".to_owned());
    };
    let numbers: Vec<usize> = numbers
        .iter()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [at_once, bytes, count] = numbers[..] else {
        return Err(format!("`{line}` is not `call|cast AT_ONCE BYTES COUNT`"));
    };
    let args = json!({"value": "x".repeat(bytes)});
    let began = Instant::now();
    let workers = (0..at_once).map(|worker| {
        let share = (count + worker) / at_once;
        some(client, *verb == "cast", &args, share)
    });
    let latencies = try_join_all(workers).await.map_err(|e| e.to_string())?;
    let seconds = began.elapsed().as_secs_f64();
    // What the process of the host has used, it cannot know.
    Ok(
        json!({"seconds": seconds, "processor": 0.0, "switches": 0, "latencies": latencies.concat()}),
    )
}

async fn some(client: &Client, is_cast: bool, args: &Value, count: usize) -> Result<Vec<f64>> {
    let mut latencies = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        if is_cast {
            client.cast_async(&json!({}), "echo", args).await?;
        } else {
            let _: Value = client.call_async(&json!({}), "echo", args).await?;
        }
        latencies.push(began.elapsed().as_secs_f64() * 1e6);
    }
    Ok(latencies)
}

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package oslo:measured;

            world measured {
                export wasi:cli/run@0.3.0;
            }

            package wasi:cli@0.3.0 {
                interface run {
                    run: async func() -> result;
                }
            }
        ",
        world: "measured",
    });
}
