//! A guest without WebAssembly: it calls the host functions as generated code does.

use std::time::Duration;

use oslo_messaging::{
    Context, Endpoint, RemoteError, RpcServer, Target as NativeTarget, Transport,
};
use oslo_messaging_wasmtime::bindings::rpc_client::{
    Host as _, HostClient as PlainClient, Request,
};
use oslo_messaging_wasmtime::bindings::rpc_client_async::{
    HostClient as AsyncClient, HostClientWithStore,
};
use oslo_messaging_wasmtime::bindings::types::{Error, Setting, Target};
use oslo_messaging_wasmtime::{
    Client, Ctx, CtxBuilder, CtxView, Failure, Hooks, OsloMessaging, View,
};
use serde_json::Value;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime::{Engine, Store};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Surface {
    Asynchronous,
    Plain,
}

pub(crate) struct Guest {
    store: Store<State>,
    surface: Surface,
}

pub(crate) struct State {
    pub(crate) ctx: Ctx,
    pub(crate) table: ResourceTable,
    pub(crate) hooks: Box<dyn Hooks>,
}

impl State {
    pub(crate) fn new(ctx: CtxBuilder) -> Self {
        Self {
            ctx: ctx.build(),
            table: ResourceTable::new(),
            hooks: Box::new(()),
        }
    }
}

impl View for State {
    fn oslo_messaging(&mut self) -> CtxView<'_> {
        CtxView {
            ctx: &mut self.ctx,
            table: &mut self.table,
            hooks: &mut *self.hooks,
        }
    }
}

impl Guest {
    pub(crate) fn new(surface: Surface, ctx: CtxBuilder) -> Self {
        Self {
            store: Store::new(&Engine::default(), State::new(ctx)),
            surface,
        }
    }

    /// A guest with the transport, as `main`, and a client of the topic `compute`.
    pub(crate) fn with_client(surface: Surface, ctx: CtxBuilder) -> (Self, u32) {
        let mut guest = Self::new(surface, ctx);
        let client = guest.open("main", topic("compute"), vec![]).unwrap();
        (guest, client)
    }

    pub(crate) fn hooks(mut self, hooks: impl Hooks + 'static) -> Self {
        self.store.data_mut().hooks = Box::new(hooks);
        self
    }

    pub(crate) fn ctx(&mut self) -> &mut Ctx {
        &mut self.store.data_mut().ctx
    }

    pub(crate) fn open(
        &mut self,
        transport: &str,
        target: Target,
        settings: Vec<Setting>,
    ) -> Result<u32, Error> {
        let mut view = self.store.data_mut().oslo_messaging();
        let transport = transport.to_owned();
        told(match self.surface {
            Surface::Asynchronous => AsyncClient::open(&mut view, transport, target, settings),
            Surface::Plain => PlainClient::open(&mut view, transport, target, settings),
        })
        .map(|client| client.rep())
    }

    pub(crate) fn prepare(&mut self, client: u32, settings: Vec<Setting>) -> Result<u32, Error> {
        let mut view = self.store.data_mut().oslo_messaging();
        let client = Resource::new_borrow(client);
        told(match self.surface {
            Surface::Asynchronous => AsyncClient::prepare(&mut view, client, settings),
            Surface::Plain => PlainClient::prepare(&mut view, client, settings),
        })
        .map(|client| client.rep())
    }

    pub(crate) fn drop_client(&mut self, client: u32) {
        let mut view = self.store.data_mut().oslo_messaging();
        let client = Resource::new_own(client);
        match self.surface {
            Surface::Asynchronous => AsyncClient::drop(&mut view, client),
            Surface::Plain => PlainClient::drop(&mut view, client),
        }
        .unwrap();
    }

    pub(crate) fn can_send_version(
        &mut self,
        client: u32,
        version: Option<&str>,
    ) -> Result<bool, Error> {
        let mut view = self.store.data_mut().oslo_messaging();
        let (client, version) = (Resource::new_borrow(client), version.map(ToOwned::to_owned));
        told(match self.surface {
            Surface::Asynchronous => AsyncClient::can_send_version(&mut view, client, version),
            Surface::Plain => PlainClient::can_send_version(&mut view, client, version),
        })
    }

    pub(crate) fn remaining(&mut self) -> Option<u64> {
        self.store.data_mut().oslo_messaging().remaining().unwrap()
    }

    /// A call with arguments, and its result.
    pub(crate) async fn call(
        &mut self,
        client: u32,
        method: &str,
        args: Value,
    ) -> Result<Value, Error> {
        let result = self
            .call_text(client, "{}", method, &args.to_string())
            .await?;
        Ok(serde_json::from_str(&result).unwrap())
    }

    pub(crate) async fn call_text(
        &mut self,
        client: u32,
        context: &str,
        method: &str,
        args: &str,
    ) -> Result<String, Error> {
        let client = Resource::new_borrow(client);
        let (context, method, args) = (context.to_owned(), method.to_owned(), args.to_owned());
        told(match self.surface {
            Surface::Asynchronous => {
                let call = self.store.run_concurrent(async |store| {
                    let store = store.with_getter::<OsloMessaging>(State::oslo_messaging);
                    OsloMessaging::call(&store, client, context, method, args).await
                });
                call.await.unwrap()
            }
            Surface::Plain => {
                let mut view = self.store.data_mut().oslo_messaging();
                PlainClient::call(&mut view, client, context, method, args).await
            }
        })
    }

    pub(crate) async fn cast(
        &mut self,
        client: u32,
        method: &str,
        args: Value,
    ) -> Result<(), Error> {
        let client = Resource::new_borrow(client);
        let (context, method, args) = ("{}".to_owned(), method.to_owned(), args.to_string());
        told(match self.surface {
            Surface::Asynchronous => {
                let cast = self.store.run_concurrent(async |store| {
                    let store = store.with_getter::<OsloMessaging>(State::oslo_messaging);
                    OsloMessaging::cast(&store, client, context, method, args).await
                });
                cast.await.unwrap()
            }
            Surface::Plain => {
                let mut view = self.store.data_mut().oslo_messaging();
                PlainClient::cast(&mut view, client, context, method, args).await
            }
        })
    }

    /// Many calls of one method at the same time, each surface in its own way.
    pub(crate) async fn call_many(
        &mut self,
        client: u32,
        method: &str,
        args: Vec<Value>,
    ) -> Vec<Result<Value, Error>> {
        let parse =
            |result: Result<String, Error>| result.map(|text| serde_json::from_str(&text).unwrap());
        match self.surface {
            Surface::Asynchronous => {
                let calls = self.store.run_concurrent(async |store| {
                    let store = &store.with_getter::<OsloMessaging>(State::oslo_messaging);
                    let call = |args: Value| async move {
                        let (context, method) = ("{}".to_owned(), method.to_owned());
                        let client = Resource::new_borrow(client);
                        let args = args.to_string();
                        parse(told(
                            OsloMessaging::call(store, client, context, method, args).await,
                        ))
                    };
                    futures_util::future::join_all(args.into_iter().map(call)).await
                });
                calls.await.unwrap()
            }
            Surface::Plain => {
                let requests = args
                    .into_iter()
                    .map(|args| request(vec![], method, args))
                    .collect();
                self.call_all(client, requests)
                    .await
                    .into_iter()
                    .map(parse)
                    .collect()
            }
        }
    }

    /// The plain surface's.
    pub(crate) async fn call_all(
        &mut self,
        client: u32,
        requests: Vec<Request>,
    ) -> Vec<Result<String, Error>> {
        let mut view = self.store.data_mut().oslo_messaging();
        view.call_all(Resource::<Client>::new_borrow(client), requests)
            .await
            .unwrap()
    }
}

fn told<T>(result: Result<T, Failure>) -> Result<T, Error> {
    result.map_err(|failure| match failure {
        Failure::Error(error) => error,
        Failure::Trap(trap) => panic!("a trap: {trap:?}"),
    })
}

pub(crate) fn topic(topic: &str) -> Target {
    Target {
        exchange: None,
        topic: Some(topic.to_owned()),
        namespace: None,
        version: None,
        server: None,
        fanout: false,
    }
}

pub(crate) fn request(settings: Vec<Setting>, method: &str, args: Value) -> Request {
    Request {
        settings,
        context: "{}".to_owned(),
        method: method.to_owned(),
        args: args.to_string(),
    }
}

pub(crate) fn seconds(seconds: u64) -> u64 {
    seconds * 1_000_000_000
}

/// A timeout of so many seconds.
pub(crate) fn timeout(length: u64) -> Setting {
    Setting::Timeout(Some(seconds(length)))
}

/// A server of the topic `compute`: `echo` gives back its arguments, `context` the context,
/// `sleep` lasts as many `seconds` as it is told, and `fail` raises.
pub(crate) async fn serve(transport: &Transport) -> RpcServer {
    let endpoint = Endpoint::new()
        .version("1.5")
        .method("echo", |_: Context, args: Value| async { Ok(args) })
        .method("context", |context: Context, _: Value| async move {
            let entries = context
                .iter()
                .map(|(name, value)| (name.to_owned(), serde_json::from_str(value.get()).unwrap()));
            Ok(Value::Object(entries.collect()))
        })
        .method("sleep", |_: Context, args: Value| async move {
            let length = args["seconds"].as_u64().unwrap();
            tokio::time::sleep(Duration::from_secs(length)).await;
            Ok(args)
        })
        .method("fail", |_: Context, _: Value| async {
            let mut error = RemoteError::new("builtins", "ValueError", "no such flavor");
            error.traceback = vec!["File \"/opt/secret.py\"".to_owned()].into();
            Err::<Value, _>(error)
        });
    RpcServer::builder(transport, NativeTarget::topic("compute").server("s1"))
        .endpoint(endpoint)
        .start()
        .await
        .unwrap()
}

/// A transport with a server, and a context with it as `main`.
pub(crate) async fn world() -> (Transport, RpcServer, CtxBuilder) {
    let transport = Transport::memory();
    let server = serve(&transport).await;
    let ctx = Ctx::builder().transport("main", transport.clone());
    (transport, server, ctx)
}
