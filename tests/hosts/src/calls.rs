//! Calls of one service in several ways, one way at a time: by the native client, by plugins of a host, and by
//! the same plugins without a host behind them. For who compares them, or counts what one of them takes.

mod floor;

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use oslo_messaging::{Error, RpcClient, Target};
use serde_json::{Value, json};

use self::floor::Floor;
use crate::plugin::{Limits, Plugin, Surface};
use crate::world::World;

/// Who calls, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Way {
    /// The native client, one call after the other.
    Native,
    /// A plugin with plain functions, one call after the other.
    Plain,
    /// The same plugin, whose calls an empty function of the host answers.
    PlainFloor,
    /// The native client, with many calls at once.
    NativeMany,
    /// A plugin with `async`, with as many.
    Async,
    /// The same plugin, whose calls an empty function of the host answers.
    AsyncFloor,
}

/// Whoever can call, and the service.
pub struct Calls {
    world: World,
    native: RpcClient,
    floor: Floor,
}

impl Calls {
    /// All of them over memory.
    ///
    /// # Errors
    ///
    /// When the plugins are not built, or something does not start.
    pub async fn new() -> Result<Self> {
        let world = World::new(AT_ONCE).await?;
        let plugin = |name: &str, surface| Plugin {
            kept: Some(1),
            limits: Limits {
                time_ms: 600_000,
                cpu_ms: 600_000,
                calls_in_flight: AT_ONCE,
            },
            ..Plugin::new(name, surface)
        };
        let plugins = [
            plugin("plain", Surface::Plain),
            plugin("async", Surface::Asynchronous),
        ];
        world.apply(&plugins).await?;
        Ok(Self {
            native: RpcClient::new(&world.transport, Target::topic("compute")),
            floor: Floor::start(&world.transport).await?,
            world,
        })
    }

    /// Makes so many calls.
    ///
    /// # Errors
    ///
    /// When one of them fails.
    pub async fn make(&self, way: Way, count: usize) -> Result<()> {
        match way {
            Way::Native => Ok(in_turn(&self.native, count).await?),
            Way::NativeMany => {
                let workers =
                    (0..AT_ONCE).map(|worker| in_turn(&self.native, (count + worker) / AT_ONCE));
                Ok(try_join_all(workers).await.map(drop)?)
            }
            Way::Plain => self.in_turn("plain", count).await,
            Way::PlainFloor => self.in_turn(floor::PLAIN, count).await,
            Way::Async => self.at_once("async", count).await,
            Way::AsyncFloor => self.at_once(floor::ASYNC, count).await,
        }
    }

    async fn in_turn(&self, plugin: &str, count: usize) -> Result<()> {
        let args = json!({"count": count});
        let called = self.world.call(plugin, "calls", &args).await;
        called.map(drop).with_context(|| plugin.to_owned())
    }

    async fn at_once(&self, plugin: &str, count: usize) -> Result<()> {
        let args = json!({"at_once": AT_ONCE, "count": count});
        let called = self.world.call(plugin, "in_flight", &args).await;
        called.map(drop).with_context(|| plugin.to_owned())
    }

    /// Ends all of it.
    ///
    /// # Errors
    ///
    /// When it takes too long.
    pub async fn end(self) -> Result<()> {
        self.floor.stop().await;
        self.world.end().await
    }
}

async fn in_turn(client: &RpcClient, count: usize) -> Result<(), Error> {
    for _ in 0..count {
        // As the plugin's.
        let args = json!({"value": "sixteen letters."});
        let _: Value = client.call(&json!({}), "echo", &args).await?;
    }
    Ok(())
}

/// How many calls are made at once, where they are.
pub const AT_ONCE: usize = 64;
