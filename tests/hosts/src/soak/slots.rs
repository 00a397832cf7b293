//! The plugins of a soak: what they are now, and since when they are there.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Result, ensure};
use fastrand::Rng;
use oslo_messaging_plugins::{Change, Statistics};

use crate::plugin::{Plugin, Surface, variant};
use crate::world::World;

/// All of them.
pub(super) struct Slots(Mutex<Vec<Slot>>);

#[derive(Clone)]
struct Slot {
    plugin: Plugin,
    surface: Surface,
    /// Of how many its component is.
    variants: u32,
    /// Since when it is there; none: it is away.
    there_since: Option<Instant>,
}

impl Slots {
    /// None of them is loaded.
    pub(super) fn new(world: &World, count: usize) -> Result<Self> {
        let mut slots = Vec::new();
        for number in 0..count.max(1) {
            let surface = match number % 2 {
                0 => Surface::Plain,
                _ => Surface::Asynchronous,
            };
            let mut plugin = Plugin::new(format!("p{number}"), surface);
            plugin.component = format!("p{number}.wasm");
            plugin.kept = (number % 4 >= 2).then_some(4);
            plugin.limits.cpu_ms = 150;
            plugin.limits.time_ms = 2000;
            world.write(&plugin.component, &surface.component()?)?;
            slots.push(Slot {
                plugin,
                surface,
                variants: 0,
                there_since: None,
            });
        }
        Ok(Self(Mutex::new(slots)))
    }

    pub(super) fn count(&self) -> usize {
        self.locked().len()
    }

    pub(super) fn name(number: usize) -> String {
        format!("p{number}")
    }

    /// Since when a plugin is there; none: it is away.
    pub(super) fn there_since(&self, number: usize) -> Option<Instant> {
        self.locked()[number].there_since
    }

    /// One of those that are there, or that are away, if there is one.
    pub(super) fn any(&self, is_there: bool, random: &mut Rng) -> Option<usize> {
        let slots = self.locked();
        let numbers = 0..slots.len();
        let fitting = numbers.filter(|number| slots[*number].there_since.is_some() == is_there);
        let fitting: Vec<_> = fitting.collect();
        random.choice(fitting)
    }

    /// What the policy has of them.
    async fn apply(&self, world: &World) -> Result<Change> {
        let there: Vec<_> = {
            let slots = self.locked();
            let there = slots.iter().filter(|slot| slot.there_since.is_some());
            there.map(|slot| slot.plugin.clone()).collect()
        };
        world.change(&there).await
    }

    pub(super) async fn load_all(&self, world: &World) -> Result<()> {
        let away: Vec<_> = (0..self.count())
            .filter(|number| self.there_since(*number).is_none())
            .collect();
        self.load(world, &away).await
    }

    /// Loads some that are away.
    pub(super) async fn load(&self, world: &World, numbers: &[usize]) -> Result<()> {
        for number in numbers {
            self.locked()[*number].there_since = Some(Instant::now());
        }
        let change = self.apply(world).await?;
        ensure!(change.problems.is_empty(), "{change:?}");
        let started: Vec<_> = numbers.iter().map(|number| Self::name(*number)).collect();
        ensure!(change.started == started, "{change:?}");
        Ok(())
    }

    /// Takes one away.
    pub(super) async fn unload(&self, world: &World, number: usize) -> Result<()> {
        self.locked()[number].there_since = None;
        let change = self.apply(world).await?;
        ensure!(change.stopped.contains(&Self::name(number)), "{change:?}");
        Ok(())
    }

    /// Puts another component in the place of one.
    pub(super) async fn replace(&self, world: &World, number: usize) -> Result<()> {
        let (file, component) = self.next_variant(number)?;
        world.write(&file, &component)?;
        self.is_replaced(world, number).await
    }

    /// Changes what its policy says.
    pub(super) async fn limit(&self, world: &World, number: usize) -> Result<()> {
        {
            let limits = &mut self.locked()[number].plugin.limits;
            limits.calls_in_flight = if limits.calls_in_flight == 4 { 6 } else { 4 };
        }
        self.is_replaced(world, number).await
    }

    async fn is_replaced(&self, world: &World, number: usize) -> Result<()> {
        let change = self.apply(world).await?;
        ensure!(change.problems.is_empty(), "{change:?}");
        let was_there = self.there_since(number).is_some();
        let replaced = change.replaced.contains(&Self::name(number));
        ensure!(replaced == was_there, "{change:?}");
        Ok(())
    }

    /// Puts something that is no component in its place, and then what was there.
    pub(super) async fn spoil(&self, world: &World, number: usize) -> Result<()> {
        let (file, component) = self.this_variant(number)?;
        world.write(&file, component.get(..100).unwrap_or_default())?;
        let change = self.apply(world).await?;
        let was_there = self.there_since(number).is_some();
        let told = change.has_problem_of(&Self::name(number));
        ensure!(told == was_there, "{change:?}");
        ensure!(
            change.replaced.is_empty() && change.stopped.is_empty(),
            "{change:?}"
        );
        world.write(&file, &component)
    }

    /// Drains the host, and loads what was there again.
    pub(super) async fn drain(&self, world: &World) -> Result<()> {
        let there: Vec<_> = (0..self.count())
            .filter(|number| self.there_since(*number).is_some())
            .collect();
        for number in &there {
            self.locked()[*number].there_since = None;
        }
        world.host.drain().await;
        ensure!(
            world.host.plugins().is_empty(),
            "something runs after it was drained"
        );
        self.load(world, &there).await
    }

    /// What has happened to them, as far as their host still knows.
    pub(super) fn statistics(&self, world: &World) -> Vec<Statistics> {
        let names = (0..self.count()).map(Self::name);
        names
            .filter_map(|name| world.statistics(&name).ok())
            .collect()
    }

    fn next_variant(&self, number: usize) -> Result<(String, Vec<u8>)> {
        {
            let slot = &mut self.locked()[number];
            // Two in turn, so that few have to be compiled.
            slot.variants = (slot.variants + 1) % 2;
        }
        self.this_variant(number)
    }

    fn this_variant(&self, number: usize) -> Result<(String, Vec<u8>)> {
        let slot = self.locked()[number].clone();
        let component = slot.surface.component()?;
        let component = match slot.variants {
            0 => component,
            number => variant(&component, number),
        };
        Ok((slot.plugin.component, component))
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
