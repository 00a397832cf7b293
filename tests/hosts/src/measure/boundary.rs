//! What the boundary between plugin and host adds to a call, beside the native client: the same server, in
//! the same run, each in turn.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::row::{Goal, Row};
use crate::calls::{AT_ONCE, Calls, Way};

pub(super) async fn measure() -> Result<Vec<Row>> {
    let calls = Calls::new().await?;
    let ways = [
        Way::Native,
        Way::Plain,
        Way::PlainFloor,
        Way::NativeMany,
        Way::Async,
        Way::AsyncFloor,
    ];
    let mut took = [Best::default(); 6];
    for _ in 0..ROUNDS {
        for (way, best) in ways.into_iter().zip(&mut took) {
            best.round(&calls, way).await?;
        }
    }
    calls.end().await?;
    let [native, plain, plain_floor, many, asynchronous, async_floor] = took.map(Best::per_call);
    println!(
        "a call alone: natively {native:.2} us, in a plugin {plain:.2} us; \
         one of {AT_ONCE} at once: {many:.2} us, {asynchronous:.2} us"
    );
    Ok(vec![
        Row::new(
            "what the boundary adds to a call, us",
            plain - native,
            Goal::AtMost(1.0),
        ),
        Row::new(
            "the whole of a plugin's call that the host answers without doing anything, us",
            plain_floor,
            Goal::None,
        ),
        Row::new(
            format!("what it takes of the throughput, {AT_ONCE} at once, %"),
            (1.0 - many / asynchronous) * 100.0,
            Goal::AtMost(3.0),
        ),
        Row::new(
            format!("the whole of such a call, {AT_ONCE} at once with `async`, us"),
            async_floor,
            Goal::None,
        ),
    ])
}

/// Few and many calls at their best. What a call takes is their difference, so that starting is not in it.
#[derive(Clone, Copy)]
struct Best([Duration; 2]);

impl Default for Best {
    fn default() -> Self {
        Self([Duration::MAX; 2])
    }
}

impl Best {
    async fn round(&mut self, calls: &Calls, way: Way) -> Result<()> {
        for (best, count) in self.0.iter_mut().zip([FEW, MANY]) {
            let begun = Instant::now();
            calls.make(way, count).await?;
            *best = begun.elapsed().min(*best);
        }
        Ok(())
    }

    /// In microseconds.
    fn per_call(self) -> f64 {
        let [few, many] = self.0;
        many.saturating_sub(few).as_secs_f64() * 1e6 / (MANY - FEW) as f64
    }
}

const ROUNDS: usize = 15;
const FEW: usize = 640;
const MANY: usize = 6400;
