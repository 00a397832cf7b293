//! What an embedder puts around invocations, and what it hears of them.

use std::sync::{Arc, Mutex};

use oslo_messaging::{RpcClient, Target, Transport};
use oslo_messaging_wasmtime::{
    Around, Begin, End, Halt, Halted, Instances, Invocation, MessagingCtx, MessagingHooks, Origin,
    PluginEndpoints, add_to_linker,
};
use serde_json::{Value, json};
use wasmtime::component::Linker;
use wasmtime::{Engine, Store};

use crate::components::component;
use crate::endpoints::Served;
use crate::guest::State;

/// Writes down how invocations end, and lets only so many in.
struct Doorman {
    ends: Mutex<Vec<String>>,
    most: usize,
}

impl Around for Doorman {
    fn around<'a>(&'a self, origin: Origin, begin: Begin<'a>) -> Invocation<'a> {
        Box::pin(async move {
            if self.ends.lock().unwrap().len() >= self.most {
                return Err(Halted::new(Halt::NoRoom, "the house is full").into());
            }
            let method = origin.method.clone().unwrap_or_default();
            let ended = begin(origin).await;
            let told = match &ended {
                Ok(End::Returned) => format!("{method} returned"),
                Ok(End::Raised) => format!("{method} raised"),
                Ok(end) => format!("{method}: {end:?}"),
                Err(error) => format!("{error:#}"),
            };
            self.ends.lock().unwrap().push(told);
            ended
        })
    }
}

#[tokio::test]
async fn an_embedder_sees_ends_and_can_refuse() {
    let doorman = Arc::new(Doorman {
        ends: Mutex::default(),
        most: 4,
    });
    let around: Arc<dyn Around> = Arc::clone(&doorman) as _;
    let served = Served::start(|it| it.around(around)).await;
    assert_eq!(served.call("number", json!({})).await.unwrap(), json!(1));
    let trapped = served.raised("trap").await;
    assert_eq!(trapped.message, "trap(): the plugin trapped");
    assert_eq!(served.raised("raise").await.class, "Quota");
    // What the host has to say instead of a result is no result either.
    assert_eq!(served.raised("junk").await.class, "ValueError");
    let refused = served.raised("number").await;
    assert_eq!(
        (&*refused.class, &*refused.message),
        ("MemoryError", "number(): the house is full")
    );
    let ends = doorman.ends.lock().unwrap();
    let [first, trap, raised, junk] = &**ends else {
        panic!("{ends:?}")
    };
    assert_eq!((&**first, &**raised), ("number returned", "raise raised"));
    assert_eq!(junk, "junk raised");
    assert!(trap.contains("unreachable"), "{trap}");
}

/// Hooks that write down who asks.
struct Listener(Arc<Mutex<Vec<Origin>>>);

impl MessagingHooks for Listener {
    fn invoked(&mut self, origin: &Origin) {
        self.0.lock().unwrap().push(origin.clone());
    }
}

#[tokio::test]
async fn hooks_hear_of_each_invocation_and_on_whose_behalf_it_is() {
    let engine = Engine::default();
    let world = "include oslo:messaging/rpc-server@0.1.0;";
    let component = component(&engine, world, include_str!("components/endpoint.wat"));
    let mut linker = Linker::<State>::new(&engine);
    add_to_linker(&mut linker).unwrap();
    let heard: Arc<Mutex<Vec<Origin>>> = Arc::default();
    let hooks = Arc::clone(&heard);
    let new_store = move || {
        let mut state = State::new(MessagingCtx::builder());
        state.hooks = Box::new(Listener(Arc::clone(&hooks)));
        Store::new(&engine, state)
    };
    let plugin = linker.instantiate_pre(&component).unwrap();
    let endpoints = PluginEndpoints::new(plugin, new_store).unwrap();
    let endpoints = endpoints.instances(Instances::Kept(1));
    let transport = Transport::memory();
    let server = endpoints
        .server(&transport, Target::topic("served").server("s1"))
        .await
        .unwrap();
    let _server = server.start().await.unwrap();
    let client = RpcClient::new(&transport, Target::topic("served"));
    for context in [
        json!({"request_id": "req-1", "traceparent": "00-1-2-01"}),
        json!({"request_id": 7}),
    ] {
        let reply = client.call::<Value>(&context, "number", &json!({})).await;
        reply.unwrap();
    }
    let heard = heard.lock().unwrap();
    let heard: Vec<_> = heard
        .iter()
        .map(|it| (it.request_id.as_deref(), it.traceparent.as_deref()))
        .collect();
    assert_eq!(heard, [(Some("req-1"), Some("00-1-2-01")), (None, None)]);
}
