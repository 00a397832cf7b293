//! An embedder that has only so many places for instances.

use std::sync::Arc;

use oslo_messaging_wasmtime::instances::{Place, Places, Taking};
use oslo_messaging_wasmtime::{Halt, Halted, Instances};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::endpoints::Served;

/// Refuses what is one too many.
struct Few(Arc<Semaphore>);

impl Few {
    fn new(places: usize) -> Arc<Self> {
        Arc::new(Self(Arc::new(Semaphore::new(places))))
    }

    fn free(&self) -> usize {
        self.0.available_permits()
    }
}

impl Places for Few {
    fn place(&self) -> Taking<'_> {
        Box::pin(async {
            match Arc::clone(&self.0).try_acquire_owned() {
                Ok(place) => Ok(Box::new(place) as Place),
                Err(_) => Err(Halted::new(Halt::NoRoom, "the house is full").into()),
            }
        })
    }
}

#[tokio::test]
async fn an_instance_has_its_place_as_long_as_it_is_there() {
    let few = Few::new(2);
    let places = Arc::clone(&few);
    let served = Served::start(|it| it.instances(Instances::Kept(2)).places(places)).await;
    // The one that was asked is kept.
    assert_eq!(few.free(), 1);
    for number in [1, 2, 3] {
        assert_eq!(served.call("number", json!({})).await.unwrap(), number);
    }
    assert_eq!(few.free(), 1);
    served.raised("trap").await;
    assert_eq!(few.free(), 2);
    assert_eq!(served.call("number", json!({})).await.unwrap(), 1);
    drop(served);
    while few.free() < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_fresh_one_gives_its_place_back_whatever_comes_of_it() {
    let few = Few::new(1);
    let places = Arc::clone(&few);
    let served = Served::start(|it| it.places(places)).await;
    for _ in 0..3 {
        assert_eq!(served.call("number", json!({})).await.unwrap(), 1);
        served.raised("trap").await;
        assert_eq!(few.free(), 1);
    }
    let last = Arc::clone(&few.0).try_acquire_owned().unwrap();
    let refused = served.raised("number").await;
    assert_eq!(
        (&*refused.class, &*refused.message),
        ("MemoryError", "number(): the house is full")
    );
    drop(last);
    assert_eq!(served.call("number", json!({})).await.unwrap(), 1);
}
