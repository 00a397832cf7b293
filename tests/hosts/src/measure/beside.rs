//! What honest plugins notice of a hostile one, and when it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::row::{Goal, Row};
use crate::attack::{Attack, PAUSED, attacks};
use crate::plugin::{Plugin, Surface};
use crate::world::World;

pub(super) async fn measure(length: Duration, neighbours: usize) -> Result<Vec<Row>> {
    let world = Arc::new(World::new(PLACES).await?);
    let mut tried: Vec<_> = attacks()
        .into_iter()
        .flat_map(|attack| {
            let surfaces = attack.surfaces.iter();
            surfaces
                .map(move |surface| Tried::new(attack.clone(), *surface))
                .collect::<Vec<_>>()
        })
        .enumerate()
        .map(|(number, tried)| Tried {
            plugin: format!("bad{number}"),
            ..tried
        })
        .collect();
    let honest = (0..neighbours).map(|number| Plugin::new(format!("good{number}"), Surface::Plain));
    let bad = tried
        .iter()
        .map(|it| it.attack.plugin(&it.plugin, it.surface));
    world.apply(&honest.chain(bad).collect::<Vec<_>>()).await?;

    let honest = Arc::<Honest>::default();
    let mut calling = JoinSet::new();
    for number in 0..neighbours {
        let (world, honest) = (Arc::clone(&world), Arc::clone(&honest));
        calling.spawn(async move { honest.call(&world, number).await });
    }
    let begun = Instant::now();
    // They are warm then.
    sleep(SLICE).await;
    loop {
        for tried in &mut tried {
            tried.quiet.watch(&honest, sleep(SLICE)).await;
            let (attacks, hostile) = (&mut tried.attacks, &mut tried.hostile);
            let attacking = attacks.go_on(&tried.attack, &world, &tried.plugin);
            hostile.watch(&honest, attacking).await;
        }
        if begun.elapsed() >= length {
            break;
        }
    }
    calling.shutdown().await;
    if let Some(world) = Arc::into_inner(world) {
        world.end().await?;
    }
    for tried in &tried {
        println!("{}", tried.told());
    }
    Ok(rows(&tried, neighbours, &honest))
}

fn rows(tried: &[Tried], neighbours: usize, honest: &Honest) -> Vec<Row> {
    let sum =
        |of: fn(&Tried) -> Watched| tried.iter().map(of).fold(Watched::default(), Watched::and);
    let kept = sum(|it| it.hostile).rate() / sum(|it| it.quiet).rate() * 100.0;
    let least = tried.iter().map(Tried::kept).fold(f64::INFINITY, f64::min);
    let late: u64 = tried.iter().map(|it| it.attacks.late).sum();
    let wrong: usize = tried.iter().map(|it| it.attacks.wrong.len()).sum();
    let of = tried.iter().map(|it| it.attacks.ended).sum::<u64>();
    vec![
        Row::new(
            format!("throughput that {neighbours} plugins keep beside a hostile one, %"),
            kept,
            Goal::AtLeast(90.0),
        ),
        Row::new("the same beside the worst of them, %", least, Goal::None),
        Row::new(
            "errors that these plugins met",
            honest.errors.load(Ordering::Relaxed) as f64,
            Goal::AtMost(0.0),
        ),
        Row::new(
            format!("of {of} attacks, stopped later than their limit, a tenth of it and 50 ms"),
            late as f64,
            Goal::AtMost(0.0),
        ),
        Row::new(
            "of these, ended otherwise than they have to",
            wrong as f64,
            Goal::AtMost(0.0),
        ),
    ]
}

/// An attack, and what came of it.
struct Tried {
    attack: Attack,
    surface: Surface,
    plugin: String,
    quiet: Watched,
    hostile: Watched,
    attacks: Attacks,
}

impl Tried {
    fn new(attack: Attack, surface: Surface) -> Self {
        Self {
            attack,
            surface,
            plugin: String::new(),
            quiet: Watched::default(),
            hostile: Watched::default(),
            attacks: Attacks::default(),
        }
    }

    /// Per cent.
    fn kept(&self) -> f64 {
        self.hostile.rate() / self.quiet.rate() * 100.0
    }

    fn told(&self) -> String {
        let Attacks {
            ended,
            late,
            paused,
            longest,
            wrong,
        } = &self.attacks;
        let (name, surface, limit) = (self.attack.name, self.surface, self.attack.limit());
        let kept = self.kept();
        let mut told = format!(
            "{name} ({surface}): {kept:.1} % of the throughput beside it; {ended} times, {late} of them late, \
             the longest {longest:.1?} of {limit:?}; {paused} times it was paused"
        );
        for wrong in wrong.iter().take(3) {
            told += &format!("\n  WRONG: {wrong}");
        }
        told
    }
}

/// What the honest plugins did meanwhile.
#[derive(Clone, Copy, Default)]
struct Watched {
    calls: u64,
    time: Duration,
}

impl Watched {
    async fn watch(&mut self, honest: &Honest, meanwhile: impl Future<Output = ()>) {
        let (begun, before) = (Instant::now(), honest.calls.load(Ordering::Relaxed));
        meanwhile.await;
        self.calls += honest.calls.load(Ordering::Relaxed) - before;
        self.time += begun.elapsed();
    }

    fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            time: self.time + other.time,
        }
    }

    /// Calls in a second.
    fn rate(&self) -> f64 {
        self.calls as f64 / self.time.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

/// How attacks of one kind ended.
#[derive(Default)]
struct Attacks {
    ended: u64,
    late: u64,
    paused: u64,
    longest: Duration,
    wrong: Vec<String>,
}

impl Attacks {
    /// One after the other, for a while.
    async fn go_on(&mut self, attack: &Attack, world: &World, plugin: &str) {
        let begun = Instant::now();
        while begun.elapsed() < SLICE {
            match attack.run(world, plugin).await {
                Ok(took) => {
                    self.ended += 1;
                    let limit = attack.limit();
                    let is_late = took > limit.mul_f64(1.1) + Duration::from_millis(50);
                    self.late += u64::from(is_late);
                    self.longest = self.longest.max(took);
                }
                Err(error) => {
                    let text = error.to_string();
                    if text.contains(PAUSED) {
                        self.paused += 1;
                        sleep(Duration::from_millis(20)).await;
                    } else {
                        self.ended += 1;
                        self.wrong.push(text);
                    }
                }
            }
        }
    }
}

/// What plugins do that nothing is wrong with.
#[derive(Default)]
struct Honest {
    calls: AtomicU64,
    errors: AtomicU64,
}

impl Honest {
    /// Calls one of them, again and again, with a rest between, as callers have it: two cores have time for a
    /// plugin that computes then, and what it takes from others shows.
    async fn call(&self, world: &World, number: usize) {
        let plugin = format!("good{number}");
        loop {
            let called = world.call(&plugin, "calls", &json!({"count": 1})).await;
            let counter = match called {
                Ok(_) => &self.calls,
                Err(_) => &self.errors,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            sleep(REST).await;
        }
    }
}

const PLACES: usize = 4096;
const SLICE: Duration = Duration::from_millis(300);
const REST: Duration = Duration::from_millis(50);
