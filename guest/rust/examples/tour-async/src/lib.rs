//! A hundred calls in flight from one instance of a plugin, and what errors look like there. It
//! talks to the demo endpoints: the arguments are `[TOPIC [TRANSPORT]]`, `demo` and `default` if
//! absent.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use oslo_messaging_guest::{Client, Error, Result, Target};
use serde_json::{Value, json};

use crate::bindings::exports::wasi::cli::run::Guest;

const CALLS: usize = 100;

/// The plugin.
pub struct Tour;

impl Guest for Tour {
    async fn run() -> std::result::Result<(), ()> {
        let mut arguments = std::env::args().skip(1);
        let topic = arguments.next().unwrap_or_else(|| "demo".to_owned());
        let transport = arguments.next().unwrap_or_else(|| "default".to_owned());
        let target = Target::topic(topic).version("1.5");
        println!("    target           {target} on the transport `{transport}`");
        match tour(&transport, target).await {
            Ok(()) => {
                println!("\nAll steps did what they should.");
                Ok(())
            }
            Err(surprise) => {
                println!("\nUNEXPECTED: {surprise}");
                Err(())
            }
        }
    }
}

// Native linkers refuse the export's name, and the workspace is built natively too.
#[cfg(target_family = "wasm")]
#[expect(unsafe_code, reason = "the generated glue of the export")]
mod export {
    crate::bindings::export!(Tour with_types_in crate::bindings);
    use crate::Tour;
}

async fn tour(transport: &str, target: Target) -> std::result::Result<(), String> {
    let client = Client::open(transport, target).map_err(|e| e.to_string())?;
    let one = one_call(&client).await?;
    many_calls(&client, one).await?;
    errors(&client).await
}

async fn one_call(client: &Client) -> std::result::Result<Duration, String> {
    let start = Instant::now();
    nap(client).await.map_err(|e| e.to_string())?;
    let elapsed = start.elapsed();
    println!(
        " 1. one call         sleep(seconds=0.5)  ->  after {} ms",
        elapsed.as_millis()
    );
    Ok(elapsed)
}

async fn many_calls(client: &Client, one: Duration) -> std::result::Result<(), String> {
    let (in_flight, most) = (Cell::new(0_usize), Cell::new(0_usize));
    let start = Instant::now();
    let results = join_all((0..CALLS).map(|_| async {
        in_flight.set(in_flight.get() + 1);
        most.set(most.get().max(in_flight.get()));
        let result = nap(client).await;
        in_flight.set(in_flight.get() - 1);
        result
    }))
    .await;
    let elapsed = start.elapsed();
    results
        .into_iter()
        .collect::<Result<Vec<_>>>()
        .map_err(|e| e.to_string())?;
    println!(
        " 2. {CALLS} calls        sleep(seconds=0.5) each  ->  {} in flight at once, all done after \
         {} ms: {:.1} times as long as one",
        most.get(),
        elapsed.as_millis(),
        elapsed.as_secs_f64() / one.as_secs_f64(),
    );
    Ok(())
}

/// Three calls that fail, at the same time: no failure touches another call.
async fn errors(client: &Client) -> std::result::Result<(), String> {
    let by_zero = json!({"a": 1, "b": 0});
    let long = json!({"seconds": 1.5});
    let (divide, late, nobody): (Result<Value>, Result<Value>, Result<Value>) = futures_util::join!(
        client.call_async(&(), "divide", &by_zero),
        client
            .prepare()
            .timeout(Duration::from_millis(300))
            .call_async(&(), "sleep", &long),
        client
            .prepare()
            .server("nobody")
            .call_async(&(), "whoami", &()),
    );
    match divide {
        Err(Error::Remote(e)) if e.is("builtins", "ZeroDivisionError") => {
            println!(" 3. remote error     divide(a=1, b=0)  ->  the server raised {e}");
        }
        other => return Err(format!("divide(a=1, b=0) gave {other:?}")),
    }
    match late {
        Err(e) if e.is_timeout() => println!(
            " 4. timeout          sleep(seconds=1.5) with a timeout of 300 ms  ->  {e}; it {}",
            if e.may_have_been_executed() {
                "may have been executed"
            } else {
                "was not sent"
            },
        ),
        other => return Err(format!("sleep(seconds=1.5) gave {other:?}")),
    }
    match nobody {
        Err(e) if e.is_no_such_target() => {
            println!(" 5. no such target   whoami() sent to server `nobody`  ->  {e}");
            Ok(())
        }
        other => Err(format!("whoami() sent to server `nobody` gave {other:?}")),
    }
}

async fn nap(client: &Client) -> Result<f64> {
    client
        .call_async(&(), "sleep", &json!({"seconds": 0.5}))
        .await
}

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package oslo:tour-async;

            world tour-async {
                export wasi:cli/run@0.3.0;
            }

            package wasi:cli@0.3.0 {
                interface run {
                    run: async func() -> result;
                }
            }
        ",
        world: "tour-async",
    });
}
