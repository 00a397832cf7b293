//! What must hold whatever guests, peers and brokers do: each rule as a test through the public
//! API, so that it stays when what is under the API is replaced.
//!
//! | rules | module |
//! |---|---|
//! | what is in flight is bounded by bytes, also after it was given up | `memory` |
//! | what a listener has of notifications is bounded by bytes, over all connections | `unsettled` |
//! | what is larger than the broker takes is refused before it is sent | `size` |
//! | a client creates no exchange and uses none of another type | `exchanges` |
//! | no log record shows a password or a message | `secrets` |
//! | replies of some do not delay replies of others, nor fill the memory | `replies` |
//! | a negative confirmation is not "not sent" | `nacks` |
//! | stopping a server loses nothing and ends; absent callers cost nothing | `stopping` |
//! | closing a transport ends, flushes and says goodbye | `closing` |
//! | queues, channels, files and ids are bounded | `bounds` |
//! | a server that is full costs no connection and no message | `busy` |
//! | losing and finding the broker: reasons, rates, repetitions | `reconnecting` |
//! | what the broker refuses is told with its remedy | `refusals`, `logins`, `limits`, `declared`, `brokers`, `words` |
//! | numbers and names at their edges | `edges` |
//!
//! Beside them are the means: `node` (the broker), `raw` (a peer that says anything), `scripted`
//! (a broker that answers anything), `forwarder` (a bad network), `amqp` (the bytes of these three),
//! `gate` (a server that waits), `measure`, and `told` (asking for what is refused).
//!
//! They run one after the other, because they measure memory and time, and share one broker.

#[path = "promises/amqp.rs"]
mod amqp;
#[path = "promises/case.rs"]
mod case;
#[path = "promises/forwarder.rs"]
mod forwarder;
#[path = "promises/gate.rs"]
mod gate;
#[path = "promises/measure.rs"]
mod measure;
#[path = "promises/node.rs"]
mod node;
#[path = "promises/raw.rs"]
mod raw;

#[path = "promises/scripted.rs"]
mod scripted;
#[path = "promises/told.rs"]
mod told;

#[path = "promises/bounds.rs"]
mod bounds;
#[path = "promises/brokers.rs"]
mod brokers;
#[path = "promises/busy.rs"]
mod busy;
#[path = "promises/closing.rs"]
mod closing;
#[path = "promises/declared.rs"]
mod declared;
#[path = "promises/edges.rs"]
mod edges;
#[path = "promises/exchanges.rs"]
mod exchanges;
#[path = "promises/limits.rs"]
mod limits;
#[path = "promises/logins.rs"]
mod logins;
#[path = "promises/memory.rs"]
mod memory;
#[path = "promises/nacks.rs"]
mod nacks;
#[path = "promises/reconnecting.rs"]
mod reconnecting;
#[path = "promises/refusals.rs"]
mod refusals;
#[path = "promises/replies.rs"]
mod replies;
#[path = "promises/secrets.rs"]
mod secrets;
#[path = "promises/size.rs"]
mod size;
#[path = "promises/stopping.rs"]
mod stopping;
#[path = "promises/unsettled.rs"]
mod unsettled;
#[path = "promises/words.rs"]
mod words;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use oslo_messaging_tests::contain;

/// Whoever interrupts or kills a run leaves no broker behind.
fn main() -> ExitCode {
    match contain::run(|| Ok(run())) {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> u8 {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let trials = [
        bounds::trials(),
        brokers::trials(),
        busy::trials(),
        closing::trials(),
        declared::trials(),
        exchanges::trials(),
        limits::trials(),
        logins::trials(),
        memory::trials(),
        nacks::trials(),
        reconnecting::trials(),
        refusals::trials(),
        replies::trials(),
        secrets::trials(),
        size::trials(),
        stopping::trials(),
        unsettled::trials(),
        words::trials(),
        // What never ends disturbs nobody after it.
        edges::trials(),
    ];
    let conclusion = libtest_mimic::run(&arguments, trials.into_iter().flatten().collect());
    node::stop();
    u8::from(conclusion.has_failed())
}
