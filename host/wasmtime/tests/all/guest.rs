//! A guest without WebAssembly: it calls the host functions as generated code does.

use std::time::Duration;

use oslo_messaging::{
    Context, Endpoint, RemoteError, RpcServer, Target as NativeTarget, Transport,
};
use oslo_messaging_wasmtime::bindings::client::{Host as _, HostClient, HostOptions};
use oslo_messaging_wasmtime::bindings::limits::Host as Limited;
use oslo_messaging_wasmtime::bindings::rpc::{Host as Plain, Request};
use oslo_messaging_wasmtime::bindings::rpc_async::HostWithStore;
use oslo_messaging_wasmtime::bindings::rpc_poll::{Host as Poll, HostPending};
use oslo_messaging_wasmtime::bindings::types::{Error, Target};
use oslo_messaging_wasmtime::resources::{Client, Options, Pending};
use oslo_messaging_wasmtime::{
    Failure, Messaging, MessagingCtx, MessagingCtxBuilder, MessagingCtxView, MessagingHooks,
    MessagingView, Unrestricted,
};
use serde_json::Value;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi_io::IoView;
use wasmtime_wasi_io::bindings::wasi::io::poll::HostPollable;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Surface {
    Asynchronous,
    Plain,
    Poll,
}

/// What a guest sets of its options.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    CallMonitorTimeout(Option<u64>),
    Exchange(Option<String>),
    Fanout(Option<bool>),
    Mandatory(Option<bool>),
    Namespace(Option<String>),
    ReplyBytes(Option<u64>),
    Retry(Option<u32>),
    Server(Option<String>),
    Timeout(Option<u64>),
    Topic(Option<String>),
    Version(Option<String>),
    VersionCap(Option<String>),
}

pub(crate) struct Guest {
    store: Store<State>,
    surface: Surface,
}

pub(crate) struct State {
    pub(crate) ctx: MessagingCtx,
    pub(crate) table: ResourceTable,
    pub(crate) hooks: Box<dyn MessagingHooks>,
}

impl State {
    pub(crate) fn new(ctx: MessagingCtxBuilder) -> Self {
        Self {
            ctx: ctx.build(),
            table: ResourceTable::new(),
            hooks: Box::new(Unrestricted),
        }
    }
}

impl MessagingView for State {
    fn messaging(&mut self) -> MessagingCtxView<'_> {
        MessagingCtxView {
            ctx: &mut self.ctx,
            table: &mut self.table,
            hooks: &mut *self.hooks,
        }
    }
}

impl IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl Guest {
    pub(crate) fn new(surface: Surface, ctx: MessagingCtxBuilder) -> Self {
        Self {
            store: Store::new(&Engine::default(), State::new(ctx)),
            surface,
        }
    }

    /// A guest with the transport, as `main`, and a client of the topic `compute`.
    pub(crate) fn with_client(surface: Surface, ctx: MessagingCtxBuilder) -> (Self, u32) {
        let mut guest = Self::new(surface, ctx);
        let client = guest.open("main", topic("compute"), vec![]).unwrap();
        (guest, client)
    }

    pub(crate) fn hooks(mut self, hooks: impl MessagingHooks + 'static) -> Self {
        self.store.data_mut().hooks = Box::new(hooks);
        self
    }

    pub(crate) fn ctx(&mut self) -> &mut MessagingCtx {
        &mut self.store.data_mut().ctx
    }

    pub(crate) fn view(&mut self) -> MessagingCtxView<'_> {
        self.store.data_mut().messaging()
    }

    /// Options with settings, in their order.
    pub(crate) fn options(&mut self, settings: Vec<Setting>) -> u32 {
        let mut view = self.view();
        let options = HostOptions::new(&mut view).unwrap().rep();
        for setting in settings {
            let options = Resource::new_borrow(options);
            match setting {
                Setting::CallMonitorTimeout(it) => view.set_call_monitor_timeout(options, it),
                Setting::Exchange(it) => view.set_exchange(options, it),
                Setting::Fanout(it) => view.set_fanout(options, it),
                Setting::Mandatory(it) => view.set_mandatory(options, it),
                Setting::Namespace(it) => view.set_namespace(options, it),
                Setting::ReplyBytes(it) => view.set_reply_bytes(options, it),
                Setting::Retry(it) => view.set_retry(options, it),
                Setting::Server(it) => view.set_server(options, it),
                Setting::Timeout(it) => view.set_timeout(options, it),
                Setting::Topic(it) => view.set_topic(options, it),
                Setting::Version(it) => view.set_version(options, it),
                Setting::VersionCap(it) => view.set_version_cap(options, it),
            }
            .unwrap();
        }
        options
    }

    pub(crate) fn drop_options(&mut self, options: u32) {
        HostOptions::drop(&mut self.view(), Resource::new_own(options)).unwrap();
    }

    pub(crate) fn open(
        &mut self,
        transport: &str,
        target: Target,
        settings: Vec<Setting>,
    ) -> Result<u32, Error> {
        let options = self.options(settings);
        let borrowed = Some(Resource::new_borrow(options));
        let client = self.view().open(transport.to_owned(), target, borrowed);
        self.drop_options(options);
        told(client).map(|client| client.rep())
    }

    pub(crate) fn prepare(&mut self, client: u32, settings: Vec<Setting>) -> Result<u32, Error> {
        let options = self.options(settings);
        let (client, borrowed) = (Resource::new_borrow(client), Resource::new_borrow(options));
        let prepared = self.view().prepare(client, borrowed);
        self.drop_options(options);
        told(prepared).map(|client| client.rep())
    }

    pub(crate) fn drop_client(&mut self, client: u32) {
        HostClient::drop(&mut self.view(), Resource::new_own(client)).unwrap();
    }

    pub(crate) fn can_send_version(
        &mut self,
        client: u32,
        version: Option<&str>,
    ) -> Result<bool, Error> {
        let (client, version) = (Resource::new_borrow(client), version.map(ToOwned::to_owned));
        told(self.view().can_send_version(client, version))
    }

    pub(crate) fn transports(&mut self) -> Vec<String> {
        self.view().transports().unwrap()
    }

    pub(crate) fn remaining(&mut self) -> Option<u64> {
        Limited::remaining(&mut self.view()).unwrap()
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
        self.call_with(client, context, method, args, None).await
    }

    /// A call with options for it alone.
    pub(crate) async fn call_with(
        &mut self,
        client: u32,
        context: &str,
        method: &str,
        args: &str,
        options: Option<u32>,
    ) -> Result<String, Error> {
        let client = Resource::<Client>::new_borrow(client);
        let options = options.map(Resource::<Options>::new_borrow);
        let (context, method, args) = (context.to_owned(), method.to_owned(), args.to_owned());
        match self.surface {
            Surface::Asynchronous => {
                let call = self.store.run_concurrent(async |store| {
                    let store = store.with_getter::<Messaging>(State::messaging);
                    Messaging::call(&store, client, context, method, args, options).await
                });
                told(call.await.unwrap())
            }
            Surface::Plain => {
                told(Plain::call(&mut self.view(), client, context, method, args, options).await)
            }
            Surface::Poll => {
                let mut view = self.view();
                let pending = view.start_call(client, context, method, args, options);
                let pending = told(pending)?.rep();
                self.end(pending).await
            }
        }
    }

    pub(crate) async fn cast(
        &mut self,
        client: u32,
        method: &str,
        args: Value,
    ) -> Result<(), Error> {
        let client = Resource::<Client>::new_borrow(client);
        let (context, method, args) = ("{}".to_owned(), method.to_owned(), args.to_string());
        match self.surface {
            Surface::Asynchronous => {
                let cast = self.store.run_concurrent(async |store| {
                    let store = store.with_getter::<Messaging>(State::messaging);
                    Messaging::cast(&store, client, context, method, args, None).await
                });
                told(cast.await.unwrap())
            }
            Surface::Plain => {
                told(Plain::cast(&mut self.view(), client, context, method, args, None).await)
            }
            Surface::Poll => {
                let pending = self.view().start_cast(client, context, method, args, None);
                let pending = told(pending)?.rep();
                let result = self.end(pending).await?;
                assert_eq!(result, "null");
                Ok(())
            }
        }
    }

    /// Starts a call of the poll surface.
    pub(crate) fn start_call(
        &mut self,
        client: u32,
        method: &str,
        args: &Value,
    ) -> Result<u32, Error> {
        let client = Resource::new_borrow(client);
        let (context, method, args) = ("{}".to_owned(), method.to_owned(), args.to_string());
        let mut view = self.view();
        told(view.start_call(client, context, method, args, None)).map(|pending| pending.rep())
    }

    /// Waits for a pending, takes its end, and drops it and its pollable.
    pub(crate) async fn end(&mut self, pending: u32) -> Result<String, Error> {
        self.block(pending).await;
        let result = self.take(pending).unwrap();
        self.drop_pending(pending);
        result
    }

    /// Waits for a pending, as a guest does that has nothing else to do.
    pub(crate) async fn block(&mut self, pending: u32) {
        let pollable = self
            .view()
            .subscribe(Resource::new_borrow(pending))
            .unwrap();
        let pollable = pollable.rep();
        let table = &mut self.store.data_mut().table;
        let borrowed = Resource::new_borrow(pollable);
        HostPollable::block(table, borrowed).await.unwrap();
        HostPollable::drop(table, Resource::new_own(pollable)).unwrap();
    }

    pub(crate) fn take(&mut self, pending: u32) -> Option<Result<String, Error>> {
        let pending = Resource::<Pending>::new_borrow(pending);
        self.view().take(pending).unwrap()
    }

    pub(crate) fn drop_pending(&mut self, pending: u32) {
        HostPending::drop(&mut self.view(), Resource::new_own(pending)).unwrap();
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
                    let store = &store.with_getter::<Messaging>(State::messaging);
                    let call = |args: Value| async move {
                        let (context, method) = ("{}".to_owned(), method.to_owned());
                        let client = Resource::new_borrow(client);
                        let args = args.to_string();
                        parse(told(
                            Messaging::call(store, client, context, method, args, None).await,
                        ))
                    };
                    futures_util::future::join_all(args.into_iter().map(call)).await
                });
                calls.await.unwrap()
            }
            Surface::Plain => {
                let requests = args
                    .into_iter()
                    .map(|args| request(client, None, method, args))
                    .collect();
                self.call_all(requests)
                    .await
                    .into_iter()
                    .map(parse)
                    .collect()
            }
            Surface::Poll => {
                let started: Vec<_> = args
                    .iter()
                    .map(|args| self.start_call(client, method, args))
                    .collect();
                let mut results = Vec::new();
                for pending in started {
                    results.push(match pending {
                        Ok(pending) => parse(self.end(pending).await),
                        Err(error) => Err(error),
                    });
                }
                results
            }
        }
    }

    /// The plain surface's.
    pub(crate) async fn call_all(&mut self, requests: Vec<Request>) -> Vec<Result<String, Error>> {
        self.view().call_all(requests).await.unwrap()
    }
}

pub(crate) fn told<T>(result: Result<T, Failure>) -> Result<T, Error> {
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

pub(crate) fn request(client: u32, options: Option<u32>, method: &str, args: Value) -> Request {
    Request {
        client: Resource::new_borrow(client),
        context: "{}".to_owned(),
        method: method.to_owned(),
        args: args.to_string(),
        options: options.map(Resource::new_borrow),
    }
}

pub(crate) fn seconds(seconds: u64) -> u64 {
    seconds * 1_000_000_000
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
pub(crate) async fn world() -> (Transport, RpcServer, MessagingCtxBuilder) {
    let transport = Transport::memory();
    let server = serve(&transport).await;
    let ctx = MessagingCtx::builder().transport("main", transport.clone());
    (transport, server, ctx)
}
