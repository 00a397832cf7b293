//! Real components through the linker, made of text. What guest languages make of the package is
//! tested elsewhere; here it is that the linker's functions are the ones the traits implement.

use std::time::Duration;

use oslo_messaging_wasmtime::{
    Messaging, MessagingCtxBuilder, MessagingView, add_plain_to_linker, add_plain_to_linker_with,
    add_to_linker, add_to_linker_with, bindings,
};
use tokio::time::Instant;
use wasmtime::component::{Component, Linker, TypedFunc};
use wasmtime::{Config, Engine, Store};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::guest::{State, world};

/// Where a guest that computes gives way all the time.
pub(crate) fn engine() -> Engine {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config).unwrap();
    let ticking = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = ticking.upgrade() {
            engine.increment_epoch();
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    engine
}

/// A component of a world and a core module.
pub(crate) fn component(engine: &Engine, world: &str, module: &str) -> Component {
    let mut resolve = Resolve::default();
    resolve.push_dir("wit").unwrap();
    let package = resolve
        .push_str(
            "guest.wit",
            &format!("package test:guest; world guest {{ {world} }}"),
        )
        .unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true);
    let mut encoder = encoder.module(&module).unwrap();
    Component::new(engine, encoder.encode().unwrap()).unwrap()
}

pub(crate) fn plain_component(engine: &Engine, topic: &str) -> Component {
    let world = "include oslo:messaging/imports@0.1.0; export run: func() -> string;";
    component(
        engine,
        world,
        &with_topic(include_str!("components/plain.wat"), topic),
    )
}

fn async_component(engine: &Engine, topic: &str) -> Component {
    let world = "include oslo:messaging/imports-async@0.1.0; export run: async func() -> string;";
    component(
        engine,
        world,
        &with_topic(include_str!("components/asynchronous.wat"), topic),
    )
}

/// The modules have room for a topic of this length.
fn with_topic(module: &str, topic: &str) -> String {
    assert_eq!(topic.len(), "compute".len());
    module.replace("compute", topic)
}

pub(crate) async fn instance(
    linker: &Linker<State>,
    component: &Component,
    ctx: MessagingCtxBuilder,
) -> (Store<State>, TypedFunc<(), (String,)>) {
    let mut store = Store::new(linker.engine(), State::new(ctx));
    let instance = linker
        .instantiate_async(&mut store, component)
        .await
        .unwrap();
    let run = instance.get_typed_func(&mut store, "run").unwrap();
    (store, run)
}

#[tokio::test(start_paused = true)]
async fn a_plain_component_calls() {
    let (transport, _server, ctx) = world().await;
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker).unwrap();
    let component = plain_component(&engine, "compute");
    let (mut store, run) = instance(&linker, &component, ctx).await;
    for _ in 0..3 {
        let (said,) = run.call_async(&mut store, ()).await.unwrap();
        assert_eq!(said, r#"{"seconds":2}"#);
    }
    let State { ctx, table, .. } = store.data();
    assert_eq!(
        (ctx.open_clients(), ctx.pending_calls(), table.is_empty()),
        (0, 0, true)
    );
    assert_eq!(transport.waiting_calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_async_component_has_two_calls_in_flight() {
    let (transport, _server, ctx) = world().await;
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker).unwrap();
    let component = async_component(&engine, "compute");
    let (mut store, run) = instance(&linker, &component, ctx).await;
    let start = Instant::now();
    let call = store.run_concurrent(async |store| run.call_concurrent(store, ()).await);
    let (said,) = call.await.unwrap().unwrap();
    assert_eq!(said, r#"{"seconds":2}"#);
    let elapsed = start.elapsed();
    assert!(elapsed >= Duration::from_secs(2), "{elapsed:?}");
    assert!(elapsed < Duration::from_millis(2050), "{elapsed:?}");
    let ctx = &store.data().ctx;
    assert_eq!((ctx.open_clients(), ctx.pending_calls()), (0, 0));
    assert_eq!(transport.waiting_calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn trouble_does_not_trap() {
    let (_transport, _server, ctx) = world().await;
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker).unwrap();
    let component = plain_component(&engine, "nowhere");
    let (mut store, run) = instance(&linker, &component, ctx.clone()).await;
    for _ in 0..2 {
        // `no-such-target` is the error's case 1, `timeout` its case 0.
        let (said,) = run.call_async(&mut store, ()).await.unwrap();
        assert_eq!(said, "call 1");
    }
    store.data_mut().ctx.start_invocation(Duration::ZERO);
    let (said,) = run.call_async(&mut store, ()).await.unwrap();
    assert_eq!(said, "call 0");

    // `access-denied` is case 7: nothing is granted.
    let (mut store, run) = instance(&linker, &component, MessagingCtxBuilder::default()).await;
    let (said,) = run.call_async(&mut store, ()).await.unwrap();
    assert_eq!(said, "open 7");

    let component = async_component(&engine, "nowhere");
    let (mut store, run) = instance(&linker, &component, ctx).await;
    for _ in 0..2 {
        let call = store.run_concurrent(async |store| run.call_concurrent(store, ()).await);
        assert_eq!(call.await.unwrap().unwrap().0, "call 1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_dropped_forgets_its_calls() {
    let (transport, _server, ctx) = world().await;
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker).unwrap();
    let short = Duration::from_secs(1);

    let component = plain_component(&engine, "compute");
    let (mut store, run) = instance(&linker, &component, ctx.clone()).await;
    assert!(
        tokio::time::timeout(short, run.call_async(&mut store, ()))
            .await
            .is_err()
    );
    drop(store);
    assert_eq!(transport.waiting_calls(), 0);

    let component = async_component(&engine, "compute");
    let (mut store, run) = instance(&linker, &component, ctx).await;
    {
        let call = store.run_concurrent(async |store| run.call_concurrent(store, ()).await);
        assert!(tokio::time::timeout(short, call).await.is_err());
    }
    // The guest's tasks live as long as their store.
    assert_eq!(transport.waiting_calls(), 2);
    drop(store);
    assert_eq!(transport.waiting_calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn surfaces_can_be_left_out() {
    let (_transport, _server, ctx) = world().await;
    let engine = Engine::default();
    let (plain_one, async_one) = (
        plain_component(&engine, "compute"),
        async_component(&engine, "compute"),
    );

    let mut linker = Linker::<State>::new(&engine);
    add_plain_to_linker(&mut linker).unwrap();
    assert!(linker.instantiate_pre(&async_one).is_err());
    let (mut store, run) = instance(&linker, &plain_one, ctx).await;
    assert!(run.call_async(&mut store, ()).await.is_ok());
    // Twice is a mistake.
    assert!(add_plain_to_linker_with(&mut linker, State::messaging).is_err());

    // Or only what is wanted, interface by interface.
    let mut linker = Linker::<State>::new(&engine);
    bindings::client::add_to_linker::<_, Messaging>(&mut linker, State::messaging).unwrap();
    bindings::rpc_async::add_to_linker::<_, Messaging>(&mut linker, State::messaging).unwrap();
    assert!(linker.instantiate_pre(&async_one).is_ok());
    assert!(linker.instantiate_pre(&plain_one).is_err());
    assert!(add_to_linker_with(&mut linker, State::messaging).is_err());
}

#[tokio::test(start_paused = true)]
async fn the_plain_surface_works_without_concurrency_support() {
    let (_transport, _server, ctx) = world().await;
    let mut config = Config::new();
    config.concurrency_support(false);
    let engine = Engine::new(&config).unwrap();
    assert!(add_to_linker(&mut Linker::<State>::new(&engine)).is_err());
    let mut linker = Linker::new(&engine);
    add_plain_to_linker(&mut linker).unwrap();
    let component = plain_component(&engine, "compute");
    let (mut store, run) = instance(&linker, &component, ctx).await;
    let (said,) = run.call_async(&mut store, ()).await.unwrap();
    assert_eq!(said, r#"{"seconds":2}"#);
}
